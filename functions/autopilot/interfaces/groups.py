"""The changes that our security groups come to: one for each VPC and profile in use there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.interfaces.draft import Situation
from autopilot.interfaces.facts import Vpc
from autopilot.interfaces.items import GroupItem
from autopilot.interfaces.names import group_name
from autopilot.interfaces.rules import EGRESS, ingress
from autopilot.policy.model import InterfaceProfile


def changes(
    vpcs: Sequence[Vpc], needed: Sequence[tuple[str, str]], now: Situation
) -> Iterator[GroupItem]:
    """What gives each VPC and profile of `needed` its group, and takes away what nobody uses."""
    for vpc in vpcs:
        names = set[str]()
        for profile in now.policy.interface_endpoints:
            if (vpc.id, profile.name) in needed:
                names.add(group_name(now.us.owner, profile.name))
                yield from _of_profile(vpc, profile, now)
        yield from _unused(vpc, names, now)


def _of_profile(vpc: Vpc, profile: InterfaceProfile, now: Situation) -> Iterator[GroupItem]:
    name = group_name(now.us.owner, profile.name)
    group, wanted = now.facts.group(vpc.id, name), ingress(profile, vpc)
    if group is None:
        why = "its endpoints need a security group"
        yield _item(vpc, profile, name, None, wanted, why)
    elif group.ingress != wanted or group.egress != EGRESS:
        why = "the rules of our security group differ from the policy"
        yield _item(vpc, profile, name, group.id, wanted, why)


def _item(
    vpc: Vpc,
    profile: InterfaceProfile,
    name: str,
    group_id: str | None,
    wanted: frozenset[str],
    reason: str,
) -> GroupItem:
    return GroupItem(
        id=f"{vpc.id}/group/{profile.name}",
        action="create" if group_id is None else "modify",
        vpc_id=vpc.id,
        profile=profile.name,
        name=name,
        group_id=group_id,
        ingress=tuple(sorted(wanted)),
        cause="missing" if group_id is None else "drift",
        reason=reason,
    )


def are_kept(vpcs: Sequence[Vpc], needed: Sequence[tuple[str, str]], now: Situation) -> bool:
    """Whether a group of ours that nobody needs is on endpoints that are being deleted, and no
    others: it can go once they are gone."""
    for vpc in vpcs:
        profiles = [p for p in now.policy.interface_endpoints if (vpc.id, p.name) in needed]
        names = {group_name(now.us.owner, profile.name) for profile in profiles}
        there = now.facts.endpoints_in(vpc.id)
        kept = {id_ for e in there if e.standing != "going" for id_ in e.group_ids}
        going = {id_ for e in there if e.standing == "going" for id_ in e.group_ids}
        unused = {g.id for g in now.facts.groups_in(vpc.id) if g.name not in names}
        if unused & going - kept:
            return True
    return False


def _unused(vpc: Vpc, names: set[str], now: Situation) -> Iterator[GroupItem]:
    """Groups of ours that no profile needs and no endpoint bears, not even one on its way out."""
    borne = {id_ for e in now.facts.endpoints_in(vpc.id) for id_ in e.group_ids}
    for group in now.facts.groups_in(vpc.id):
        if group.name not in names and group.id not in borne:
            yield GroupItem(
                id=f"{vpc.id}/group/{group.id}",
                action="delete",
                vpc_id=vpc.id,
                profile="",
                name=group.name,
                group_id=group.id,
                ingress=(),
                cause="unwanted",
                reason="no endpoint bears our security group any more",
            )
