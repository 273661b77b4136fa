"""Where apps look for the DNS names of endpoints to private services: SSM parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autopilot.interfaces.desired import is_ours
from autopilot.interfaces.facts import Endpoint, Facts
from autopilot.interfaces.messages import PARAMETER_NOT_OURS
from autopilot.interfaces.plan import ROOT, Draft, ParameterItem
from autopilot.interfaces.request import Situation
from autopilot.policy.names import is_private, label
from autopilot.policy.tags import has_any


def to_probe(now: Situation) -> tuple[str, ...]:
    """The parameters that there are and that a plan would change: whose are they?"""
    draft = Draft()
    publish(now, draft)
    items = (item for item in draft.items if isinstance(item, ParameterItem))
    touched = {name for item in items for name in (*item.put, *item.delete)}
    return tuple(sorted(touched & now.facts.parameters.keys()))


def publish(now: Situation, draft: Draft) -> None:
    """Add to `draft` what makes the parameters say what the endpoints' names are."""
    for vpc_id, service_id in _places(now):
        endpoint = _endpoint(now, vpc_id, service_id)
        if endpoint is None or endpoint.standing != "coming":
            wanted = _names(now.facts, endpoint, service_id) if endpoint else {}
            _bring(now.facts, draft, (vpc_id, service_id), endpoint, wanted)


def _bring(
    facts: Facts,
    draft: Draft,
    place: tuple[str, str],
    endpoint: Endpoint | None,
    wanted: Mapping[str, str],
) -> None:
    subject, endpoint_id = "/".join(place), endpoint.id if endpoint else None
    held = {name: value for name, value in facts.parameters.items() if _place(name) == place}
    put = {name: value for name, value in wanted.items() if held.get(name) != value}
    others = sorted(put.keys() & facts.foreign)
    if others:
        data = {"names": others, "endpoint_id": endpoint_id}
        draft.findings.append(PARAMETER_NOT_OURS.about(subject, data))
    put = {name: value for name, value in put.items() if name not in others}
    delete = tuple(sorted(held.keys() - wanted.keys() - facts.foreign))
    if put or delete:
        draft.items.append(
            ParameterItem(
                id=f"{subject}/dns",
                action="modify" if put else "delete",
                vpc_id=place[0],
                endpoint_id=endpoint_id,
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
    """Each VPC and private service that has our endpoint, or parameters."""
    facts = now.facts
    found = {
        (e.vpc_id, label(e.service_name, now.stack.region)) for e in _ours(now, *facts.endpoints)
    }
    found |= {place for name in facts.parameters if (place := _place(name))}
    alone = {
        vpc.id
        for vpc in facts.vpcs
        if vpc.owner != now.stack.account or has_any(vpc.tags, now.policy.skip_tags)
    }
    for place in sorted(found):
        looked_at = facts.looked_at == "all" or place[0] in facts.looked_at
        if looked_at and place[0] not in alone:
            yield place


def _ours(now: Situation, *endpoints: Endpoint) -> Iterator[Endpoint]:
    """Those of our endpoints that lead to somebody's own service."""
    return (e for e in endpoints if is_private(e.service_name) and is_ours(e, now.stack))


def _place(name: str) -> tuple[str, str] | None:
    """The VPC and the service in a parameter's name; None if it has another form."""
    parts = name.removeprefix(f"{ROOT}/").split("/")
    fits = len(parts) in (3, 4) and parts[0].startswith("vpc-") and parts[2] == "dns"
    return (parts[0], parts[1]) if fits and parts[1].startswith("vpce-svc-") else None


def _endpoint(now: Situation, vpc_id: str, service_id: str) -> Endpoint | None:
    """Our endpoint that the parameters speak of: an available one, else one that is on its way."""
    there = _ours(now, *now.facts.endpoints_in(vpc_id))
    living = [e for e in there if e.lives and label(e.service_name, now.stack.region) == service_id]
    return min(living, key=lambda e: e.standing != "available", default=None)


def _names(facts: Facts, endpoint: Endpoint, service_id: str) -> dict[str, str]:
    """Parameters and DNS names: the endpoint's own, and those of the zones that it stands in.

    Zonal names carry the account's names of zones (VPC guide); the parameters carry ids, which are
    the same in each account.
    """
    place = f"{ROOT}/{endpoint.vpc_id}/{service_id}/dns"
    own = [name for name in endpoint.dns_names if name.startswith(f"{endpoint.id}-")]
    zones = {s.zone_name: s.zone_id for s in facts.subnets_of(endpoint.vpc_id) if s.zone_name}
    found: dict[str, str] = {}
    for name in own:
        head = name.partition(".")[0]
        zone = next((z for z in sorted(zones, key=len) if head.endswith(f"-{z}")), None)
        found[f"{place}/{zones[zone]}" if zone else place] = name
    return found
