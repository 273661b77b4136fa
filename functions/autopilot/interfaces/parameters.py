"""Where apps look for the DNS names of endpoints to private services: SSM parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autopilot.interfaces.desired import is_ours
from autopilot.interfaces.draft import Draft, Situation
from autopilot.interfaces.facts import Endpoint, Facts
from autopilot.interfaces.items import ParameterItem
from autopilot.interfaces.names import ROOT, is_private, label, parameter
from autopilot.notify.finding import Finding
from autopilot.policy.tags import has_any


def to_probe(now: Situation) -> tuple[str, ...]:
    """The parameters that there are and that a plan would change: whose are they?"""
    draft = Draft()
    publish(now, draft)
    touched = {
        name
        for item in draft.items
        if isinstance(item, ParameterItem)
        for name in (*item.put, *item.delete)
    }
    return tuple(sorted(touched & now.facts.parameters.keys()))


def publish(now: Situation, draft: Draft) -> None:
    """Add to `draft` what makes the parameters say what the endpoints' names are."""
    for vpc_id, service_id in _places(now):
        endpoint = _endpoint(now, vpc_id, service_id)
        if endpoint is not None and endpoint.standing == "coming":
            continue
        wanted = _names(now.facts, endpoint, service_id) if endpoint else {}
        _bring(now, draft, (vpc_id, service_id), endpoint, wanted)


def _bring(
    now: Situation,
    draft: Draft,
    place: tuple[str, str],
    endpoint: Endpoint | None,
    wanted: Mapping[str, str],
) -> None:
    vpc_id, service_id = place
    facts = now.facts
    held = _held(facts, vpc_id, service_id)
    put = {name: value for name, value in wanted.items() if held.get(name) != value}
    others = sorted(put.keys() & facts.foreign)
    if others:
        data = {"names": others, "endpoint_id": endpoint.id if endpoint else None}
        draft.findings.append(Finding("ParameterNotOurs", f"{vpc_id}/{service_id}", "action", data))
    put = {name: value for name, value in put.items() if name not in others}
    delete = tuple(sorted(held.keys() - wanted.keys() - facts.foreign))
    if put or delete:
        draft.items.append(
            ParameterItem(
                id=f"{vpc_id}/{service_id}/dns",
                action="modify" if put else "delete",
                vpc_id=vpc_id,
                endpoint_id=endpoint.id if endpoint else None,
                cause="follows",
                reason=_reason(endpoint, bool(put)),
                put=put,
                delete=delete,
            )
        )


def _reason(endpoint: Endpoint | None, put: bool) -> str:
    if endpoint is None:
        return "there is no endpoint of ours any more that these names would lead to"
    return f"these names lead to {endpoint.id}" if put else "these names lead nowhere now"


def _places(now: Situation) -> Iterator[tuple[str, str]]:
    """Each VPC and private service that has an endpoint of ours, or parameters."""
    facts = now.facts
    found = {
        (endpoint.vpc_id, label(endpoint.service_name, now.us.region))
        for endpoint in facts.endpoints
        if is_private(endpoint.service_name) and is_ours(endpoint, now.us)
    }
    found |= {place for name in facts.parameters if (place := _place(name))}
    alone = {vpc.id for vpc in facts.vpcs if has_any(vpc.tags, now.policy.skip_tags)}
    alone |= {vpc.id for vpc in facts.vpcs if vpc.owner != now.us.account}
    looked_at = facts.looked_at
    yield from sorted(
        place
        for place in found
        if place[0] not in alone and (looked_at == "all" or place[0] in looked_at)
    )


def _place(name: str) -> tuple[str, str] | None:
    """The VPC and the service in a parameter's name; None if it isn't of our form."""
    parts = name.removeprefix(f"{ROOT}/").split("/")
    ours = len(parts) in (3, 4) and parts[0].startswith("vpc-") and parts[2] == "dns"
    return (parts[0], parts[1]) if ours and parts[1].startswith("vpce-svc-") else None


def _held(facts: Facts, vpc_id: str, service_id: str) -> dict[str, str]:
    return {n: v for n, v in facts.parameters.items() if _place(n) == (vpc_id, service_id)}


def _endpoint(now: Situation, vpc_id: str, service_id: str) -> Endpoint | None:
    """Our endpoint that the parameters speak of: an available one, else one that is on its way."""
    mine = [
        e
        for e in now.facts.endpoints_in(vpc_id)
        if e.lives
        and is_private(e.service_name)
        and is_ours(e, now.us)
        and label(e.service_name, now.us.region) == service_id
    ]
    return min(mine, key=lambda e: e.standing != "available", default=None)


def _names(facts: Facts, endpoint: Endpoint, service_id: str) -> dict[str, str]:
    """Parameters and DNS names: the endpoint's own, and those of the zones that it stands in.

    Zonal names carry the account's names of zones (VPC guide); the parameters carry ids, which are
    the same in each account.
    """
    own = [name for name in endpoint.dns_names if name.startswith(f"{endpoint.id}-")]
    zones = {s.zone_name: s.zone_id for s in facts.subnets_of(endpoint.vpc_id) if s.zone_name}
    found: dict[str, str] = {}
    for name in own:
        head = name.partition(".")[0]
        zone = next((z for z in sorted(zones, key=len) if head.endswith(f"-{z}")), None)
        found[parameter(endpoint.vpc_id, service_id, zones[zone] if zone else None)] = name
    return found
