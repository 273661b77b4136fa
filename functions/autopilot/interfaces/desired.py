"""Which VPC shall have which interface endpoints, and what is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autopilot.interfaces.facts import Endpoint, Facts, Offer, Vpc
from autopilot.interfaces.names import full_names, label, regions_of
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.policy.tags import has_all, has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import owned_by

Left = Literal[
    # VPCs
    "shared by another account",
    "VPC opted out by tag",
    "VPC being deleted",
    "withdrawn",  # somebody is deleting it: we have stepped aside
    # endpoints
    "as wanted",
    "not available yet",
    "waiting for one to be gone",
    "served by others",
    "our endpoint failed",
    "not possible",
    "not wanted, reported",
    "IPv6 not served",  # the VPC has it; counted beside one of the others
    # changes
    "quota reached",
    "audit mode",
    "tried already",
    # findings
    "too many findings at once",
]


@dataclass(frozen=True)
class DesiredEndpoint:
    """One endpoint that a profile wants in a VPC, and what there is of it.

    `regions`: the service's own, or where it may be while nobody offers it.
    `offer` None: the service isn't offered to us. `ours`: our living endpoint; if there are
    several, as after an answer that was lost, the one that serves: an available one, if possible
    with private DNS, the oldest of those. `further`: the others, once all are available, so that
    each look comes to the same. `broken`: ours that failed. `others`: living
    ones that aren't ours. `going`: anybody's that are being deleted.
    """

    vpc: Vpc
    profile: InterfaceProfile
    service: str
    names: tuple[str, ...]
    regions: tuple[str, ...]
    offer: Offer | None
    ours: Endpoint | None = None
    further: tuple[Endpoint, ...] = ()
    broken: tuple[Endpoint, ...] = ()
    others: tuple[Endpoint, ...] = ()
    going: tuple[Endpoint, ...] = ()

    @property
    def subject(self) -> str:
        """What findings and items call it: "vpc-1/logs"."""
        return f"{self.vpc.id}/{self.service}"


def is_ours(endpoint: Endpoint, us: StackIdentity) -> bool:
    """Whether this stack made it."""
    return owned_by(endpoint.tags, us.owner) and not endpoint.requester_managed


def why_not(vpc: Vpc, policy: Policy, us: StackIdentity, withdrawn: Collection[str]) -> Left | None:
    """Why a VPC is none of our business; None if it is."""
    if vpc.owner != us.account:
        return "shared by another account"
    if vpc.state.lower() == "deleting":
        return "VPC being deleted"
    if vpc.id in withdrawn:
        return "withdrawn"
    return "VPC opted out by tag" if has_any(vpc.tags, policy.skip_tags) else None


def served(
    facts: Facts, policy: Policy, us: StackIdentity, withdrawn: Collection[str]
) -> tuple[tuple[Vpc, ...], Counter[Left]]:
    """The VPCs that are our business, by id, and how many aren't."""
    left: Counter[Left] = Counter()
    found = []
    for vpc in sorted(facts.vpcs, key=lambda vpc: vpc.id):
        if reason := why_not(vpc, policy, us, withdrawn):
            left[reason] += 1
        else:
            found.append(vpc)
    return tuple(found), left


def asked_in(
    policy: Policy, us: StackIdentity, vpcs: Sequence[Vpc]
) -> Mapping[str, tuple[str, ...]]:
    """Every full name under which a service that one of the VPCs shall have may be offered.

    With each the Regions in which to look for it, likeliest first.
    """
    services = (
        (name, profile.service_regions.get(service))
        for profile in policy.interface_endpoints
        if any(has_all(vpc.tags, profile.vpc_tags) for vpc in vpcs)
        for service in profile.services
        for name in full_names(service, us.region)
    )
    return {name: regions_of(name, written, us.region) for name, written in services}


def wants(
    facts: Facts, vpcs: Sequence[Vpc], policy: Policy, us: StackIdentity
) -> tuple[DesiredEndpoint, ...]:
    """Every endpoint wanted, in order of VPC, profile and service.

    Where two profiles want one service in one VPC, the first in the policy file has it.
    """
    return tuple(want for vpc in vpcs for want in _of_vpc(facts, vpc, policy, us))


def _of_vpc(facts: Facts, vpc: Vpc, policy: Policy, us: StackIdentity) -> Iterator[DesiredEndpoint]:
    taken: set[str] = set()
    for profile in policy.interface_endpoints:
        if not has_all(vpc.tags, profile.vpc_tags):
            continue
        for service in profile.services:
            names = full_names(service, us.region)
            if taken.isdisjoint(names):
                taken.update(names)
                written = profile.service_regions.get(service)
                regions = regions_of(names[-1], written, us.region)
                yield _want(facts, vpc, profile, names, regions, us)


def serves(endpoint: Endpoint, names: Collection[str], regions: Collection[str]) -> bool:
    """Whether an endpoint leads to a service of these names in one of the Regions.

    An endpoint to the same service of another Region is none to this one. Where an endpoint doesn't
    say its service's Region, the name decides alone.
    """
    return endpoint.service_name in names and endpoint.service_region in ("", *regions)


def _want(
    facts: Facts,
    vpc: Vpc,
    profile: InterfaceProfile,
    names: tuple[str, ...],
    regions: tuple[str, ...],
    us: StackIdentity,
) -> DesiredEndpoint:
    offer = next((facts.offers[name] for name in names if name in facts.offers), None)
    regions = (offer.region,) if offer else regions
    there = [e for e in facts.endpoints_in(vpc.id) if serves(e, names, regions)]
    mine = [e for e in there if is_ours(e, us)]
    living = sorted((e for e in mine if e.lives), key=_rank)
    settled = all(e.standing == "available" for e in living)
    return DesiredEndpoint(
        vpc=vpc,
        profile=profile,
        service=label(names[-1], us.region),
        names=names,
        regions=regions,
        offer=offer,
        ours=living[0] if living else None,
        further=tuple(living[1:]) if settled else (),
        broken=tuple(e for e in mine if e.standing == "broken"),
        others=tuple(e for e in there if e.lives and not is_ours(e, us)),
        going=tuple(e for e in there if e.standing == "going"),
    )


def _rank(endpoint: Endpoint) -> tuple[bool, bool]:
    """Which of several serves, least first; they come oldest first."""
    return endpoint.standing != "available", not endpoint.private_dns
