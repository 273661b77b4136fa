"""All that the policy wants changed now: endpoints, their security groups, their parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from autopilot.interfaces.endpoints import serve
from autopilot.interfaces.facts import EGRESS, Endpoint, Vpc
from autopilot.interfaces.messages import PARAMETER_NOT_OURS, TRAFFIC_UNREAD, UNWANTED
from autopilot.interfaces.plan import EndpointItem, GroupItem, ParameterItem
from autopilot.interfaces.situation import Desired, DesiredParameters, Draft, Situation
from autopilot.notify.finding import Finding
from autopilot.policy.model import InterfaceProfile
from autopilot.policy.names import group_name, label
from autopilot.reconcile.tags import PROFILE_TAG

RULES_DIFFER = "the rules of our security group differ from the policy"
"""By this reason the weekly letter knows what was put right."""


def draft(now: Situation, desired: Desired) -> Draft:
    """All that the policy wants now."""
    made = Draft(left=desired.left.copy())
    made.findings.extend(_unread(now))
    for each in desired.endpoints:
        serve(each, now, made)
    for endpoint in desired.unwanted:
        _tell_unwanted(endpoint, now, made)
    _add(desired.retiring, made)
    # Groups come first: endpoints need them.
    made.items[:0] = _groups(desired.vpcs, made.groups, now)
    for parameters in desired.parameters:
        _publish(parameters, now, made)
    made.ending |= _wait_for_endpoints(desired.vpcs, made.groups, now)
    return made


def _add(retiring: Draft, made: Draft) -> None:
    """After what serves: a plan that is full leaves the rest to the next one."""
    made.items += retiring.items
    made.findings += retiring.findings
    made.left += retiring.left
    made.groups |= retiring.groups


def _unread(now: Situation) -> Iterator[Finding]:
    """That nobody can say which endpoints are idle, though idle ones are to go."""
    if now.unread:
        yield TRAFFIC_UNREAD.about(now.stack.region, {"message": now.unread})


def _tell_unwanted(endpoint: Endpoint, now: Situation, made: Draft) -> None:
    """Ops shall know of it; and it goes where the policy says `retire: now`, at the first sweep, or
    a person's look, after ops were told: an event may follow within seconds, and a slip in the
    policy must leave time to be noticed."""
    service = label(endpoint.service_name, now.stack.region)
    subject = f"{endpoint.vpc_id}/{service}/{endpoint.id}"
    data = {
        "endpoint_id": endpoint.id,
        "service_name": endpoint.service_name,
        "state": endpoint.state,
        "retire": now.policy.retire_interfaces,
    }
    finding = UNWANTED.about(subject, data)
    if now.policy.retire_interfaces == "now" and now.scheduled and finding.id in now.told:
        made.items.append(
            EndpointItem(
                id=subject,
                action="delete",
                vpc_id=endpoint.vpc_id,
                profile=endpoint.tags.get(PROFILE_TAG, ""),
                service=service,
                service_name=endpoint.service_name,
                endpoint_id=endpoint.id,
                cause="unwanted",
                reason="no profile wants our endpoint any more, and ops were told",
            )
        )
    made.findings.append(finding)
    made.left["not wanted, reported"] += 1


def ingress(profile: InterfaceProfile, vpc: Vpc) -> frozenset[str]:
    """What the group of `profile` in `vpc` lets in.

    From all blocks of the VPC, IPv4 and IPv6, unless the profile names others.
    """
    peers: Iterable[str] = vpc.cidrs if profile.allow_from is None else profile.allow_from
    return frozenset(f"tcp {port}-{port} {peer}" for port in profile.ports for peer in peers)


def _groups(
    vpcs: Sequence[Vpc], needed: Collection[tuple[str, str]], now: Situation
) -> Iterator[GroupItem]:
    """What gives each VPC and profile of `needed` its group, and takes away what nobody uses."""
    for vpc in vpcs:
        for profile in _profiles(vpc, needed, now):
            yield from _of_profile(vpc, profile, now)
        yield from _unused(vpc, needed, now)


def _wait_for_endpoints(
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
        reason=RULES_DIFFER if group else "its endpoints need a security group",
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


def _publish(each: DesiredParameters, now: Situation, made: Draft) -> None:
    """What makes the parameters say what the endpoint's names are; others' are only told of."""
    endpoint_id = each.endpoint.id if each.endpoint else None
    subject, foreign = f"{each.vpc_id}/{each.service_id}", now.facts.foreign
    put = {name: value for name, value in each.wanted.items() if each.held.get(name) != value}
    if others := sorted(put.keys() & foreign):
        data = {"names": others, "endpoint_id": endpoint_id}
        made.findings.append(PARAMETER_NOT_OURS.about(subject, data))
    put = {name: value for name, value in put.items() if name not in foreign}
    delete = tuple(sorted(each.held.keys() - each.wanted.keys() - foreign))
    if put or delete:
        made.items.append(
            ParameterItem(
                id=f"{subject}/dns",
                action="modify" if put else "delete",
                vpc_id=each.vpc_id,
                endpoint_id=endpoint_id,
                cause="follows",
                reason=_reason(each.endpoint, bool(put)),
                put=put,
                delete=delete,
            )
        )


def _reason(endpoint: Endpoint | None, put: bool) -> str:
    if endpoint is None:
        return "there is no endpoint of ours any more that these names would lead to"
    return f"these names lead to {endpoint.id}" if put else "these names lead nowhere now"
