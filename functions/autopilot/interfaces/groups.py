"""The security groups of our endpoints: one for each VPC and profile in use there.

They let nothing out. An endpoint answers and starts nothing, and groups are stateful: what answers
a request that was let in goes out whatever the egress rules say (VPC guide, "Security groups"). So
the rule that AWS gives each new group, everything to everywhere, is taken away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from autopilot.interfaces.facts import Vpc
from autopilot.interfaces.plan import GroupItem
from autopilot.interfaces.request import Situation
from autopilot.policy.model import InterfaceProfile
from autopilot.policy.names import group_name

EGRESS: frozenset[str] = frozenset()


def rule(protocol: str, first: int, last: int, peer: str) -> str:
    """A rule in words: "tcp 443-443 10.0.0.0/16". `peer`: a CIDR block, a group, a prefix list.

    `first` and `last`: ports, -1 both where the protocol has none.
    """
    return f"{protocol} {first}-{last} {peer}"


def ingress(profile: InterfaceProfile, vpc: Vpc) -> frozenset[str]:
    """What the group of `profile` in `vpc` lets in.

    From all blocks of the VPC, IPv4 and IPv6, unless the profile names others.
    """
    peers: Iterable[str] = vpc.cidrs if profile.allow_from is None else profile.allow_from
    return frozenset(rule("tcp", port, port, peer) for port in profile.ports for peer in peers)


def changes(
    vpcs: Sequence[Vpc], needed: Collection[tuple[str, str]], now: Situation
) -> Iterator[GroupItem]:
    """What gives each VPC and profile of `needed` its group, and takes away what nobody uses."""
    for vpc in vpcs:
        for profile in _profiles(vpc, needed, now):
            yield from _of_profile(vpc, profile, now)
        yield from _unused(vpc, needed, now)


def wait_for_endpoints(
    vpcs: Sequence[Vpc], needed: Collection[tuple[str, str]], now: Situation
) -> bool:
    """Whether one of our groups that nobody needs is on endpoints that are being deleted, and on no
    others: it can go once they are gone."""
    return any(_waits(vpc, needed, now) for vpc in vpcs)


def _waits(vpc: Vpc, needed: Collection[tuple[str, str]], now: Situation) -> bool:
    there = now.facts.endpoints_in(vpc.id)
    kept = {id_ for e in there if e.standing != "going" for id_ in e.group_ids}
    going = {id_ for e in there if e.standing == "going" for id_ in e.group_ids}
    names = _names(vpc, needed, now)
    unused = {g.id for g in now.facts.groups_in(vpc.id) if g.name not in names}
    return bool(unused & going - kept)


def _profiles(
    vpc: Vpc, needed: Collection[tuple[str, str]], now: Situation
) -> list[InterfaceProfile]:
    return [p for p in now.policy.interface_endpoints if (vpc.id, p.name) in needed]


def _names(vpc: Vpc, needed: Collection[tuple[str, str]], now: Situation) -> set[str]:
    return {group_name(now.stack.owner, p.name) for p in _profiles(vpc, needed, now)}


def _of_profile(vpc: Vpc, profile: InterfaceProfile, now: Situation) -> Iterator[GroupItem]:
    name = group_name(now.stack.owner, profile.name)
    there, wanted = now.facts.groups_in(vpc.id), ingress(profile, vpc)
    group = next((group for group in there if group.name == name), None)
    if group and group.ingress == wanted and group.egress == EGRESS:
        return
    yield GroupItem(
        id=f"{vpc.id}/group/{profile.name}",
        action="modify" if group else "create",
        vpc_id=vpc.id,
        profile=profile.name,
        name=name,
        group_id=group.id if group else None,
        ingress=tuple(sorted(wanted)),
        cause="drift" if group else "missing",
        reason="the rules of our security group differ from the policy"
        if group
        else "its endpoints need a security group",
    )


def _unused(vpc: Vpc, needed: Collection[tuple[str, str]], now: Situation) -> Iterator[GroupItem]:
    """Our groups that no profile needs and no endpoint bears, not even one on its way out."""
    names = _names(vpc, needed, now)
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
