"""The changes and findings that one wanted endpoint comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autopilot.interfaces import private_dns
from autopilot.interfaces.facts import Endpoint, Offer
from autopilot.interfaces.messages import ENDPOINT_FAILED, NOT_POSSIBLE, SERVED_BY_OTHERS
from autopilot.interfaces.placement import placed, serves_no_ipv6
from autopilot.interfaces.plan import EndpointItem
from autopilot.interfaces.situation import DesiredEndpoint, Draft, Situation
from autopilot.notify.finding import Finding
from autopilot.policy.document import FULL_ACCESS, same
from autopilot.policy.names import group_name, is_private
from autopilot.policy.tags import has_all
from autopilot.reconcile.identity import client_token
from autopilot.reconcile.outcome import tries


def serve(desired: DesiredEndpoint, now: Situation, draft: Draft) -> None:
    """Add to `draft` what gives `desired` its endpoint, or why it goes without."""
    serving = [*([desired.existing] if desired.existing else ()), *desired.others]
    types = [endpoint.address_type for endpoint in serving]
    draft.left["IPv6 not served"] += serves_no_ipv6(desired.vpc, types)
    if desired.existing is not None:
        _keep(desired, desired.existing, now, draft)
    elif desired.others:
        draft.findings.append(_served_by_others(desired, now))
        draft.left["served by others"] += 1
    elif desired.broken:
        _broken(desired, draft)
    elif desired.offer is None:
        _impossible(desired, "not offered", now, draft)
    elif desired.going:
        # It holds the private name until it is gone (public scripts that wait).
        draft.left["waiting for one to be gone"] += 1
        draft.ending = True
    else:
        _create(desired, desired.offer, now, draft)


def _served_by_others(desired: DesiredEndpoint, now: Situation) -> Finding:
    """What theirs lets through is theirs to say; ops may have thought that the profile said it."""
    takes = desired.offer is not None and desired.offer.policy
    named = now.policy.document(desired.profile.endpoint_policy) if takes else None
    data = {
        "endpoint_ids": [endpoint.id for endpoint in desired.others],
        "profile": desired.profile.name,
        "endpoint_policy": desired.profile.endpoint_policy,
        "other_policy": [e.id for e in desired.others if named and not same(named, e.policy)],
    }
    return SERVED_BY_OTHERS.about(desired.subject, data)


def _create(desired: DesiredEndpoint, offer: Offer, now: Situation, draft: Draft) -> None:
    kind, places = placed(desired, offer, (), now)
    if kind is None or not places.add:
        _impossible(desired, "no subnet" if kind else "address type", now, draft)
        return
    group = _group(desired, now, draft)
    private, only = private_dns.decide(desired, offer, now, draft)
    is_new = desired.vpc.id in now.request.expect
    back = now.came_back(desired.subject)
    item = EndpointItem(
        action="create",
        endpoint_id=None,
        cause="restored" if back else "new-vpc" if is_new else "missing",
        reason=back
        + ("the VPC is new and" if is_new else "the VPC has none of ours and")
        + f" profile {desired.profile.name} wants one for {desired.service}"
        + private_dns.whose_traffic(only),
        add_subnet_ids=places.add,
        group_ids=group,
        private_dns=private,
        inbound_only=only,
        ip_address_type=kind,
        set_policy=offer.policy and desired.profile.endpoint_policy is not None,
        token=_token(desired, offer, now),
        **_common(desired, offer, now),
    )
    (draft.items if group else draft.later).append(item)


def _token(desired: DesiredEndpoint, offer: Offer, now: Situation) -> str:
    """The same for whoever makes this endpoint within the hour: two executions make one.

    What was deleted meanwhile, and what went wrong before, ask for another: the token of an
    endpoint that is gone must not come again.
    """
    gone = sorted(id_ for id_ in now.request.expect if id_.startswith("gone/"))
    tried = str(len(tries(now.request.outcomes, desired.subject)))
    return client_token(now.stack.owner, desired.vpc.id, offer.name, now.hour, tried, *gone)


def _keep(desired: DesiredEndpoint, existing: Endpoint, now: Situation, draft: Draft) -> None:
    draft.items.extend(_delete(desired, existing, other) for other in desired.duplicates)
    group = _group(desired, now, draft)
    if existing.standing == "coming":
        draft.left["not available yet"] += 1
        tried = (outcome.item.resource_id for outcome in now.request.outcomes)
        draft.under_way |= _has_more_to_come(desired, existing) and existing.id in tried
    elif desired.offer is None:
        _impossible(desired, "not offered", now, draft)
    elif item := _drift(desired, existing, desired.offer, now, draft):
        draft.items.append(item)
    elif not group:
        draft.later.append(_to_bear_it(desired, existing, desired.offer, now))
    else:
        draft.left["as wanted"] += 1


def _to_bear_it(
    desired: DesiredEndpoint, existing: Endpoint, offer: Offer, now: Situation
) -> EndpointItem:
    """The change of an endpoint that is as wanted but for a group that isn't there yet."""
    return EndpointItem(
        action="modify",
        endpoint_id=existing.id,
        cause="drift",
        reason=_why_changed(desired, {"its security group": True}, None),
        **_common(desired, offer, now),
    )


def _has_more_to_come(desired: DesiredEndpoint, existing: Endpoint) -> bool:
    """Whether something is to be done once our endpoint is available: parameters, private DNS."""
    late = desired.private_dns and not existing.private_dns
    return is_private(existing.service_name) or late


def _drift(
    desired: DesiredEndpoint, existing: Endpoint, offer: Offer, now: Situation, draft: Draft
) -> EndpointItem | None:
    """The change that puts our endpoint right; None if it is as wanted."""
    kind, places = placed(desired, offer, existing.subnet_ids, now)
    group = _group(desired, now, draft)
    private, only = private_dns.decide(desired, offer, now, draft)
    differs = {
        "its subnets": bool(places.add or places.remove),
        "its security group": bool(group) and set(group) != set(existing.group_ids),
        "its address type": bool(kind) and kind != (existing.address_type or kind),
        "its private DNS": private != existing.private_dns or _serves_others(existing, only),
        "its policy": offer.policy and _has_another_policy(desired, existing, now),
    }
    if not any(differs.values()):
        return None
    return EndpointItem(
        action="modify",
        endpoint_id=existing.id,
        cause="drift",
        reason=now.came_back(desired.subject) + _why_changed(desired, differs, only),
        add_subnet_ids=places.add,
        remove_subnet_ids=places.remove,
        group_ids=group if differs["its security group"] else (),
        private_dns=private if differs["its private DNS"] else None,
        inbound_only=only if differs["its private DNS"] else None,
        ip_address_type=kind if differs["its address type"] else None,
        set_policy=differs["its policy"],
        **_common(desired, offer, now),
    )


def _has_another_policy(desired: DesiredEndpoint, existing: Endpoint, now: Situation) -> bool:
    wanted = now.policy.document(desired.profile.endpoint_policy) or FULL_ACCESS
    return not same(wanted, existing.policy)


def _serves_others(existing: Endpoint, only: bool | None) -> bool:
    """Whether its private DNS serves others than it should, as far as AWS says whom."""
    return None not in (only, existing.inbound_only) and only != existing.inbound_only


def _why_changed(desired: DesiredEndpoint, differs: Mapping[str, bool], only: bool | None) -> str:
    what = ", ".join(name for name, is_so in differs.items() if is_so)
    traffic = private_dns.whose_traffic(only) if differs.get("its private DNS") else ""
    return f"our endpoint differs from profile {desired.profile.name}: {what}{traffic}"


def _delete(desired: DesiredEndpoint, existing: Endpoint, other: Endpoint) -> EndpointItem:
    return EndpointItem(
        id=f"{desired.subject}/{other.id}",
        action="delete",
        vpc_id=desired.vpc.id,
        profile=desired.profile.name,
        service=desired.service,
        service_name=other.service_name,
        endpoint_id=other.id,
        cause="duplicate",
        reason=f"{existing.id} of ours serves the VPC already",
    )


def _common(desired: DesiredEndpoint, offer: Offer, now: Situation) -> dict[str, Any]:
    """What creations and changes say alike."""
    return {
        "id": desired.subject,
        "vpc_id": desired.vpc.id,
        "profile": desired.profile.name,
        "service": desired.service,
        "service_name": offer.name,
        "service_region": None if offer.region == now.stack.region else offer.region,
        "endpoint_policy": desired.profile.endpoint_policy,
    }


def _group(desired: DesiredEndpoint, now: Situation, draft: Draft) -> tuple[str, ...]:
    """The group that the endpoint bears; () while it isn't there. Notes that it is needed."""
    draft.groups.add((desired.vpc.id, desired.profile.name))
    name = group_name(now.stack.owner, desired.profile.name)
    return tuple(g.id for g in now.facts.groups_in(desired.vpc.id) if g.name == name)


def _broken(desired: DesiredEndpoint, draft: Draft) -> None:
    """Another one beside it would fail too, each time; a person deletes it."""
    first = desired.broken[0]
    data = {"endpoint_id": first.id, "state": first.state, "service_name": first.service_name}
    draft.findings.append(ENDPOINT_FAILED.about(desired.subject, data))
    draft.left["our endpoint failed"] += 1


def _impossible(desired: DesiredEndpoint, why: str, now: Situation, draft: Draft) -> None:
    offer, profile = desired.offer, desired.profile
    subnets = now.facts.subnets_of(desired.vpc.id)
    zones = {s.zone_id for s in subnets if has_all(s.tags, profile.subnet_tags)}
    data = {
        "profile": profile.name,
        "why": why,
        "ip_address_type": profile.ip_address_type,
        "service_name": offer.name if offer else desired.names[0],
        "zone_ids": sorted(offer.zone_ids) if offer and offer.zone_ids is not None else None,
        "subnet_zone_ids": sorted(zones),
    }
    draft.findings.append(NOT_POSSIBLE.about(desired.subject, data))
    draft.left["not possible"] += 1
