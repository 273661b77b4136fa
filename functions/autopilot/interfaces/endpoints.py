"""The changes and findings that one wanted endpoint comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autopilot.interfaces import private_dns
from autopilot.interfaces.addresses import lacks_six
from autopilot.interfaces.desired import DesiredEndpoint
from autopilot.interfaces.draft import Draft, Situation
from autopilot.interfaces.facts import Endpoint, Offer
from autopilot.interfaces.items import Cause, EndpointItem
from autopilot.interfaces.names import client_token, group_name, is_private
from autopilot.interfaces.places import placed
from autopilot.notify.finding import Finding
from autopilot.policy.document import FULL_ACCESS, same
from autopilot.policy.tags import has_all


def serve(want: DesiredEndpoint, now: Situation, draft: Draft) -> None:
    """Add to `draft` what gives `want` its endpoint, or why it goes without."""
    offer = want.offer
    draft.left["IPv6 not served"] += lacks_six(want.vpc, _types(want))
    if want.ours is not None:
        _keep(want, want.ours, offer, now, draft)
    elif want.others:
        draft.findings.append(_served_by_others(want, now))
        draft.left["served by others"] += 1
    elif want.broken:
        _broken(want, draft)
    elif offer is None:
        _impossible(want, "not offered", now, draft)
    elif want.going:
        # It holds the private name until it is gone (public scripts that wait).
        draft.left["waiting for one to be gone"] += 1
        draft.ending = True
    else:
        _create(want, offer, now, draft)


def _types(want: DesiredEndpoint) -> list[str | None]:
    """The address types of what serves the VPC now."""
    there = [*([want.ours] if want.ours else ()), *want.others]
    return [endpoint.address_type for endpoint in there]


def _served_by_others(want: DesiredEndpoint, now: Situation) -> Finding:
    """What theirs lets through is theirs to say; ops may have thought that the profile said it."""
    takes = want.offer is not None and want.offer.policy
    named = now.policy.document(want.profile.endpoint_policy) if takes else None
    data = {
        "endpoint_ids": [endpoint.id for endpoint in want.others],
        "profile": want.profile.name,
        "endpoint_policy": want.profile.endpoint_policy,
        "other_policy": [e.id for e in want.others if named and not same(named, e.policy)],
    }
    return Finding("ServedByOthers", want.subject, "info", data)


def _create(want: DesiredEndpoint, offer: Offer, now: Situation, draft: Draft) -> None:
    kind, places = placed(want, offer, (), now)
    if kind is None:
        _impossible(want, "address type", now, draft)
        return
    if not places.add:
        _impossible(want, "no subnet", now, draft)
        return
    group = _group(want, now, draft)
    private, only = _dns(want, offer, None, now, draft)
    item = EndpointItem(
        id=want.subject,
        action="create",
        endpoint_id=None,
        cause="new-vpc" if want.vpc.id in now.new else "missing",
        reason=_why_created(want, now) + private_dns.whose_traffic(only),
        add_subnet_ids=places.add,
        group_ids=group,
        private_dns=private,
        inbound_only=only,
        ip_address_type=kind,
        set_policy=offer.policy and want.profile.endpoint_policy is not None,
        token=_token(want, offer, now),
        **_of(want, offer, now),
    )
    (draft.items if group else draft.later).append(item)


def _keep(
    want: DesiredEndpoint, ours: Endpoint, offer: Offer | None, now: Situation, draft: Draft
) -> None:
    for other in want.further:
        draft.items.append(_delete(want, other))
    group = _group(want, now, draft)
    if ours.standing == "coming":
        draft.left["not available yet"] += 1
        touched = any(outcome.thing == ours.id for outcome in now.outcomes)
        draft.under_way |= touched and _follows(want, ours)
    elif offer is None:
        _impossible(want, "not offered", now, draft)
    elif item := _drift(want, ours, offer, group, now, draft):
        draft.items.append(item)
    else:
        draft.left["as wanted"] += 1


def _follows(want: DesiredEndpoint, ours: Endpoint) -> bool:
    """Whether something is to be done once our endpoint is available."""
    private = is_private(ours.service_name)
    offer = want.offer
    late = offer is not None and private_dns.wanted(want.profile, offer) and not ours.private_dns
    return private or late


def _drift(
    want: DesiredEndpoint,
    ours: Endpoint,
    offer: Offer,
    group: tuple[str, ...],
    now: Situation,
    draft: Draft,
) -> EndpointItem | None:
    """The change that puts our endpoint right; None if it is as wanted."""
    kind, places = placed(want, offer, ours.subnet_ids, now)
    private, only = _dns(want, offer, ours, now, draft)
    differs = {
        "its subnets": bool(places.add or places.remove),
        "its security group": bool(group) and set(group) != set(ours.group_ids),
        "its address type": None not in (kind, ours.address_type) and kind != ours.address_type,
        "its private DNS": private != ours.private_dns or _serves_others(ours, only),
        "its policy": offer.policy and _has_another_policy(want, ours, now),
    }
    if not any(differs.values()):
        return None
    return EndpointItem(
        id=want.subject,
        action="modify",
        endpoint_id=ours.id,
        cause="drift",
        reason=_why_changed(want, differs, only),
        add_subnet_ids=places.add,
        remove_subnet_ids=places.remove,
        group_ids=group if differs["its security group"] else (),
        private_dns=private if differs["its private DNS"] else None,
        inbound_only=only if differs["its private DNS"] else None,
        ip_address_type=kind if differs["its address type"] else None,
        set_policy=differs["its policy"],
        **_of(want, offer, now),
    )


def _has_another_policy(want: DesiredEndpoint, ours: Endpoint, now: Situation) -> bool:
    wanted = now.policy.document(want.profile.endpoint_policy) or FULL_ACCESS
    return not same(wanted, ours.policy)


def _dns(
    want: DesiredEndpoint, offer: Offer, ours: Endpoint | None, now: Situation, draft: Draft
) -> tuple[bool, bool | None]:
    """Whether private DNS shall be on, and whether for inbound resolvers only."""
    private = private_dns.decide(want, offer, ours, now, draft)
    return private, private_dns.inbound_only(want.profile, offer, ours) if private else None


def _why_changed(want: DesiredEndpoint, differs: Mapping[str, bool], only: bool | None) -> str:
    what = ", ".join(name for name, is_so in differs.items() if is_so)
    traffic = private_dns.whose_traffic(only) if differs["its private DNS"] else ""
    return f"our endpoint differs from profile {want.profile.name}: {what}{traffic}"


def _serves_others(ours: Endpoint, only: bool | None) -> bool:
    """Whether its private DNS serves others than it should, as far as AWS says whom."""
    return None not in (only, ours.inbound_only) and only != ours.inbound_only


def _delete(want: DesiredEndpoint, other: Endpoint) -> EndpointItem:
    return EndpointItem(
        id=f"{want.subject}/{other.id}",
        action="delete",
        vpc_id=want.vpc.id,
        profile=want.profile.name,
        service=want.service,
        service_name=other.service_name,
        endpoint_id=other.id,
        cause="duplicate",
        reason=f"{want.ours.id if want.ours else 'an older one'} of ours serves the VPC already",
    )


def _of(want: DesiredEndpoint, offer: Offer, now: Situation) -> dict[str, Any]:
    """What creations and changes say alike."""
    return {
        "vpc_id": want.vpc.id,
        "profile": want.profile.name,
        "service": want.service,
        "service_name": offer.name,
        "service_region": None if offer.region == now.us.region else offer.region,
        "endpoint_policy": want.profile.endpoint_policy,
    }


def _group(want: DesiredEndpoint, now: Situation, draft: Draft) -> tuple[str, ...]:
    """The group that the endpoint bears; () while it isn't there. Notes that it is needed."""
    draft.groups[want.vpc.id, want.profile.name] = True
    group = now.facts.group(want.vpc.id, group_name(now.us.owner, want.profile.name))
    return (group.id,) if group else ()


def _broken(want: DesiredEndpoint, draft: Draft) -> None:
    """Another one beside it would fail likewise, each time; a person deletes it."""
    first = want.broken[0]
    data = {"endpoint_id": first.id, "state": first.state, "service_name": first.service_name}
    draft.findings.append(Finding("InterfaceEndpointFailed", want.subject, "failure", data))
    draft.left["our endpoint failed"] += 1


def _impossible(want: DesiredEndpoint, why: str, now: Situation, draft: Draft) -> None:
    offer = want.offer
    zones = {
        subnet.zone_id
        for subnet in now.facts.subnets_of(want.vpc.id)
        if has_all(subnet.tags, want.profile.subnet_tags)
    }
    data = {
        "profile": want.profile.name,
        "why": why,
        "ip_address_type": want.profile.ip_address_type,
        "service_name": offer.name if offer else want.names[0],
        "zone_ids": sorted(offer.zone_ids) if offer and offer.zone_ids is not None else None,
        "subnet_zone_ids": sorted(zones),
    }
    draft.findings.append(Finding("InterfaceNotPossible", want.subject, "action", data))
    draft.left["not possible"] += 1


def _why_created(want: DesiredEndpoint, now: Situation) -> str:
    new: Cause | bool = want.vpc.id in now.new
    head = "the VPC is new and" if new else "the VPC has none of ours and"
    return f"{head} profile {want.profile.name} wants one for {want.service}"


def _token(want: DesiredEndpoint, offer: Offer, now: Situation) -> str:
    """The same for whoever makes this endpoint within the hour: two executions make one.

    What was deleted meanwhile, and what went wrong before, ask for another: the token of an
    endpoint that is gone must not come again.
    """
    gone = sorted(id_ for id_ in now.new if id_.startswith("gone/"))
    tries = str(len(now.of(want.subject)))
    return client_token((now.us.owner, want.vpc.id, offer.name, now.hour, tries, *gone))
