"""Which VPC shall have which interface endpoints, and what is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autopilot.interfaces.facts import Endpoint, Facts, Offer, Vpc
from autopilot.interfaces.plan import Left
from autopilot.interfaces.request import Situation
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.policy.names import full_names, label, regions_of
from autopilot.policy.tags import has_all, has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import INTERFACES_IN_A_VPC, near
from autopilot.reconcile.tags import OWNER_TAG, owned_by

PROFILE_TAG = "endpoint-autopilot:profile"


@dataclass(frozen=True)
class DesiredEndpoint:
    """One endpoint that a profile wants in a VPC, and what there is of it.

    `regions`: the service's own, or where it may be while nobody offers it. `offer` None: the
    service isn't offered to the account. `existing`: our living endpoint; if there are several, as
    after an answer that was lost, the one that serves: an available one, if possible with private
    DNS, the oldest of those. `duplicates`: the others, once all are available, so that each look
    comes to the same. `broken`: our own that failed. `others`: other people's living ones. `going`:
    anybody's that are being deleted.
    """

    vpc: Vpc
    profile: InterfaceProfile
    service: str
    names: tuple[str, ...]
    regions: tuple[str, ...]
    offer: Offer | None
    existing: Endpoint | None = None
    duplicates: tuple[Endpoint, ...] = ()
    broken: tuple[Endpoint, ...] = ()
    others: tuple[Endpoint, ...] = ()
    going: tuple[Endpoint, ...] = ()

    @property
    def subject(self) -> str:
        """What findings and items call it: "vpc-1/logs"."""
        return f"{self.vpc.id}/{self.service}"

    @property
    def to_create(self) -> bool:
        """Whether nothing is there that would keep us from making it."""
        return not (self.existing or self.others or self.broken)

    @property
    def private_dns(self) -> bool:
        """Whether the policy wants private DNS on and the service has a private name at all."""
        return self.offer is not None and self.offer.private_dns and self.profile.private_dns


@dataclass(frozen=True)
class Desired:
    """What the policy wants: `endpoints` in `vpcs`, those that the stack looks after, by id.

    `left`: how many VPCs it leaves alone, and why.
    """

    vpcs: tuple[Vpc, ...]
    left: Counter[Left]
    endpoints: tuple[DesiredEndpoint, ...]

    @property
    def vpcs_to_probe(self) -> tuple[str, ...]:
        """The VPCs whose DNS attributes decide something: private DNS is to be turned on there."""
        off = (e for e in self.endpoints if not (e.existing and e.existing.private_dns))
        found = (e for e in off if e.private_dns and (e.existing or e.to_create))
        return tuple(dict.fromkeys(each.vpc.id for each in found))

    def near_quota(self, facts: Facts) -> bool:
        """Whether the quota that applies can matter: it is never below the default."""
        counts = facts.counted + Counter(e.vpc.id for e in self.endpoints if e.to_create)
        return any(near(count, INTERFACES_IN_A_VPC.value) for count in counts.values())


def is_ours(endpoint: Endpoint, stack: StackIdentity) -> bool:
    """Whether this stack made it."""
    return owned_by(endpoint.tags, stack.owner) and not endpoint.requester_managed


def tags(owner: str, profile: str, name: str) -> dict[str, str]:
    """The tags of what the stack `owner` makes for a profile."""
    return {OWNER_TAG: owner, PROFILE_TAG: profile, "Name": f"endpoint-autopilot-{name}"}


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
    return Desired(tuple(found), left, tuple(e for vpc in found for e in _of_vpc(vpc, now)))


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
