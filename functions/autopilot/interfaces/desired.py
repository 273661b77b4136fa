"""Which VPC shall have which interface endpoints and parameters, and what is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from autopilot.interfaces.facts import Endpoint, Vpc
from autopilot.interfaces.plan import ROOT, Left
from autopilot.interfaces.situation import Desired, DesiredEndpoint, DesiredParameters, Situation
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.policy.names import full_names, is_private, label, regions_of
from autopilot.policy.tags import has_all, has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import owned_by


def is_ours(endpoint: Endpoint, stack: StackIdentity) -> bool:
    """Whether this stack made it."""
    return owned_by(endpoint.tags, stack.owner) and not endpoint.requester_managed


def why_not(
    vpc: Vpc, policy: Policy, stack: StackIdentity, withdrawn: Collection[str]
) -> Left | None:
    """Why a VPC is left alone; None if it isn't."""
    if vpc.owner != stack.account:
        return "shared by another account"
    if vpc.state.lower() == "deleting":
        return "VPC being deleted"
    if vpc.id in withdrawn:
        return "withdrawn"
    return "VPC opted out by tag" if has_any(vpc.tags, policy.skip_tags) else None


def asked_in(
    policy: Policy, stack: StackIdentity, vpcs: Sequence[Vpc]
) -> Mapping[str, tuple[str, ...]]:
    """Every full name under which a service that one of the VPCs shall have may be offered.

    With each the Regions in which to look for it, likeliest first.
    """
    services = (
        (name, profile.service_regions.get(service))
        for profile in policy.interface_endpoints
        if any(has_all(vpc.tags, profile.vpc_tags) for vpc in vpcs)
        for service in profile.services
        for name in full_names(service, stack.region)
    )
    return {name: regions_of(name, written, stack.region) for name, written in services}


def desired_in(now: Situation) -> Desired:
    """What the policy wants, in order of VPC, profile and service.

    Where two profiles want one service in one VPC, the first in the policy file has it.
    """
    left: Counter[Left] = Counter()
    found = []
    for vpc in sorted(now.facts.vpcs, key=lambda vpc: vpc.id):
        if reason := why_not(vpc, now.policy, now.stack, now.withdrawn):
            left[reason] += 1
        else:
            found.append(vpc)
    endpoints = tuple(each for vpc in found for each in _of_vpc(vpc, now))
    unwanted = tuple(_unwanted(found, endpoints, now))
    return Desired(tuple(found), left, endpoints, unwanted, tuple(_parameters(now)))


def _of_vpc(vpc: Vpc, now: Situation) -> Iterator[DesiredEndpoint]:
    taken: set[str] = set()
    for profile in now.policy.interface_endpoints:
        if not has_all(vpc.tags, profile.vpc_tags):
            continue
        for service in profile.services:
            names = full_names(service, now.stack.region)
            if taken.isdisjoint(names):
                taken.update(names)
                written = profile.service_regions.get(service)
                regions = regions_of(names[-1], written, now.stack.region)
                yield _endpoint(vpc, profile, names, regions, now)


def leads_to(endpoint: Endpoint, names: Collection[str], regions: Collection[str]) -> bool:
    """Whether an endpoint leads to a service of these names in one of the Regions.

    An endpoint to the same service of another Region is none to this one. Where an endpoint doesn't
    say its service's Region, the name decides alone.
    """
    return endpoint.service_name in names and endpoint.service_region in ("", *regions)


def _endpoint(
    vpc: Vpc,
    profile: InterfaceProfile,
    names: tuple[str, ...],
    regions: tuple[str, ...],
    now: Situation,
) -> DesiredEndpoint:
    offers = now.facts.offers
    offer = next((offers[name] for name in names if name in offers), None)
    regions = (offer.region,) if offer else regions
    there = [e for e in now.facts.endpoints_in(vpc.id) if leads_to(e, names, regions)]
    ours = [e for e in there if is_ours(e, now.stack)]
    living = sorted((e for e in ours if e.lives), key=_rank)
    settled = all(e.standing == "available" for e in living)
    return DesiredEndpoint(
        vpc=vpc,
        profile=profile,
        service=label(names[-1], now.stack.region),
        names=names,
        regions=regions,
        offer=offer,
        existing=living[0] if living else None,
        duplicates=tuple(living[1:]) if settled else (),
        broken=tuple(e for e in ours if e.standing == "broken"),
        others=tuple(e for e in there if e.lives and e not in ours),
        going=tuple(e for e in there if e.standing == "going"),
    )


def _rank(endpoint: Endpoint) -> tuple[bool, bool]:
    """Which of several serves, least first; they come oldest first."""
    return endpoint.standing != "available", not endpoint.private_dns


def _unwanted(
    vpcs: Iterable[Vpc], endpoints: Iterable[DesiredEndpoint], now: Situation
) -> Iterator[Endpoint]:
    """Our endpoints that no profile wants any more."""
    wanted = {(each.vpc.id, name): each for each in endpoints for name in each.names}
    for vpc in vpcs:
        for endpoint in now.facts.endpoints_in(vpc.id):
            want = wanted.get((vpc.id, endpoint.service_name))
            unwanted = want is None or not leads_to(endpoint, want.names, want.regions)
            if unwanted and endpoint.standing != "going" and is_ours(endpoint, now.stack):
                yield endpoint


def _parameters(now: Situation) -> Iterator[DesiredParameters]:
    """Where apps look for the DNS names of our endpoints to private services.

    While the endpoint is on its way, what they find there stays.
    """
    for vpc_id, service_id in _places(now):
        endpoint = _published(now, vpc_id, service_id)
        if endpoint is None or endpoint.standing != "coming":
            wanted = _names(now, endpoint, service_id) if endpoint else {}
            there = now.facts.parameters.items()
            held = {name: value for name, value in there if _place(name) == (vpc_id, service_id)}
            yield DesiredParameters(vpc_id, service_id, endpoint, wanted, held)


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


def _published(now: Situation, vpc_id: str, service_id: str) -> Endpoint | None:
    """Our endpoint that the parameters speak of: an available one, else one that is on its way."""
    there = _ours(now, *now.facts.endpoints_in(vpc_id))
    living = [e for e in there if e.lives and label(e.service_name, now.stack.region) == service_id]
    return min(living, key=lambda e: e.standing != "available", default=None)


def _names(now: Situation, endpoint: Endpoint, service_id: str) -> dict[str, str]:
    """Parameters and DNS names: the endpoint's own, and those of the zones that it stands in.

    Zonal names carry the account's names of zones (VPC guide); the parameters carry ids, which are
    the same in each account.
    """
    place = f"{ROOT}/{endpoint.vpc_id}/{service_id}/dns"
    own = [name for name in endpoint.dns_names if name.startswith(f"{endpoint.id}-")]
    zones = {s.zone_name: s.zone_id for s in now.facts.subnets_of(endpoint.vpc_id) if s.zone_name}
    found: dict[str, str] = {}
    for name in own:
        head = name.partition(".")[0]
        zone = next((z for z in sorted(zones, key=len) if head.endswith(f"-{z}")), None)
        found[f"{place}/{zones[zone]}" if zone else place] = name
    return found
