"""Sorts load balancers and services: what to publish, which services stay, which are to go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from autopilot.policy.model import Policy
from autopilot.policy.tags import has_all, has_any
from autopilot.reconcile.tags import owned_by
from autopilot.services.facts import SERVICE_TAG, EndpointService, LoadBalancer, ServicesFacts

Ask = Callable[[Collection[str]], Mapping[str, tuple[str, ...]]]
"""Says which endpoints are connected to these services."""


@dataclass(frozen=True)
class Kept:
    """A service that stays, and the load balancers behind it; `named` gives it its private name.

    `joining`: those that shall stand behind it, too, once they are active; `leaving`: those whose
    place others have taken; `replaced`: those that have left so, and neither join again nor get a
    service of their own.
    """

    service: EndpointService
    balancers: tuple[LoadBalancer, ...]
    named: LoadBalancer
    joining: tuple[LoadBalancer, ...] = ()
    leaving: tuple[LoadBalancer, ...] = ()
    replaced: tuple[LoadBalancer, ...] = ()


@dataclass(frozen=True)
class Unwanted:
    """A service of the stack that nothing asks for, and why.

    `duplicate`: two looks at once have made two services for one load balancer.
    """

    service: EndpointService
    reason: str
    duplicate: bool = False


@dataclass(frozen=True)
class Sorted:
    """Every load balancer and every service of the stack, by what is to become of it.

    `foreign`: load balancers that somebody else has published, with the service. `settling`: those
    to publish once AWS has set them up.
    """

    facts: ServicesFacts = field(default_factory=ServicesFacts)
    publish: tuple[LoadBalancer, ...] = ()
    kept: tuple[Kept, ...] = ()
    unwanted: tuple[Unwanted, ...] = ()
    foreign: tuple[tuple[LoadBalancer, EndpointService], ...] = ()
    settling: tuple[LoadBalancer, ...] = ()


def sort(facts: ServicesFacts, policy: Policy, owner: str, ask: Ask) -> Sorted:
    """Sort what the survey saw. Of several services for one load balancer one is kept: a used one,
    for which `ask` is asked who is connected.
    """
    found = _sort(facts, policy, owner)
    connected = ask(_to_ask_for(found))
    return _sort(replace(facts, connected=connected), policy, owner) if connected else found


def _sort(facts: ServicesFacts, policy: Policy, owner: str) -> Sorted:
    wanted = {b.arn: b for b in facts.balancers if is_wanted(b, policy)}
    ours = [service for service in facts.services if owned_by(service.tags, owner)]
    kept = _kept(facts, wanted, ours)
    served = {arn for each in kept for arn in each.service.balancer_arns}
    served |= {b.arn for each in kept for b in (*each.joining, *each.replaced)}
    foreign = {
        arn: service
        for service in sorted(facts.services, key=lambda service: service.id, reverse=True)
        if service not in ours
        for arn in service.balancer_arns
        if arn in wanted and arn not in served
    }
    free = [b for arn, b in sorted(wanted.items()) if arn not in served and arn not in foreign]
    staying = [each.service for each in kept]
    joining = [balancer for each in kept for balancer in each.joining]
    return Sorted(
        facts,
        publish=firsts(b for b in free if b.active),
        kept=kept,
        unwanted=tuple(_unwanted(s, facts, wanted, policy) for s in ours if s not in staying),
        foreign=tuple((wanted[arn], service) for arn, service in sorted(foreign.items())),
        settling=tuple(b for b in (*free, *joining) if b.settling),
    )


def _to_ask_for(found: Sorted) -> tuple[str, ...]:
    """The services whose connections decide something: those to go, and those that they are
    duplicates of; those that a load balancer is to leave."""
    behind = {
        arn for each in found.unwanted if each.duplicate for arn in each.service.balancer_arns
    }
    asked = [each.service for each in found.unwanted]
    asked += [k.service for k in found.kept if k.leaving or behind & {*k.service.balancer_arns}]
    return tuple(sorted({service.id for service in asked}))


def is_wanted(balancer: LoadBalancer, policy: Policy) -> bool:
    """Whether the policy wants it published: it is internal and bears all of the tags."""
    tags = policy.endpoint_services.load_balancer_tags
    return (
        bool(tags)
        and balancer.internal
        and has_all(balancer.tags, tags)
        and not has_any(balancer.tags, policy.skip_tags)
    )


def _kept(
    facts: ServicesFacts, wanted: Mapping[str, LoadBalancer], ours: list[EndpointService]
) -> tuple[Kept, ...]:
    """For each wanted load balancer the service to keep: a used one, else the first."""
    chosen: dict[str, EndpointService] = {}
    theirs = {arn for s in facts.services if s not in ours for arn in s.balancer_arns}
    for balancer in by_age(wanted.values()):
        # One that somebody else has published keeps no service for the others of its line.
        there = () if balancer.arn in theirs else facts.balancers
        behind = service_of(balancer, ours, there)
        if behind and not any(service.id in chosen for service in behind):
            best = min(behind, key=lambda s: (not facts.connected.get(s.id), s.id))
            chosen[best.id] = best
    return tuple(_keep(service, facts, wanted) for _, service in sorted(chosen.items()))


def _keep(
    service: EndpointService, facts: ServicesFacts, wanted: Mapping[str, LoadBalancer]
) -> Kept:
    behind = tuple(b for b in facts.balancers if b.arn in service.balancer_arns)
    # One that stands alone, or with another service, doesn't join.
    taken = {arn for other in facts.services for arn in other.balancer_arns}
    same = [
        b
        for b in by_age(wanted.values())
        if b.arn not in taken and service_of(b, [service], facts.balancers)
    ]
    replaced = tuple(b for b in same if b in leaving((*behind, b), wanted))
    joining = tuple(b for b in same if b not in replaced)
    named = next(b for b in by_age((*behind, *joining)) if b.arn in wanted)
    return Kept(service, behind, named, joining, leaving(behind, wanted), replaced)


def _unwanted(
    service: EndpointService,
    facts: ServicesFacts,
    wanted: Mapping[str, LoadBalancer],
    policy: Policy,
) -> Unwanted:
    there = [b for b in facts.balancers if b.arn in service.balancer_arns]
    if any(arn in wanted for arn in service.balancer_arns):
        return Unwanted(service, "another service of ours stands for its load balancer", True)
    if not policy.endpoint_services.load_balancer_tags:
        return Unwanted(service, "the policy publishes no load balancers")
    if not there:
        return Unwanted(service, "its load balancer is gone")
    return Unwanted(service, f"{there[0].subject} no longer bears the tags to be published")


def by_age(balancers: Iterable[LoadBalancer]) -> list[LoadBalancer]:
    """The oldest first."""
    return sorted(balancers, key=lambda balancer: (balancer.created, balancer.arn))


def service_of(
    balancer: LoadBalancer, services: Iterable[EndpointService], there: Iterable[LoadBalancer]
) -> list[EndpointService]:
    """The services that stand for a load balancer, or else for another of its line."""
    behind = [service for service in services if balancer.arn in service.balancer_arns]
    mine = balancer.line
    if behind or mine is None:
        return behind
    same = {other.arn for other in there if other.line == mine}
    return [service for service in services if same.intersection(service.balancer_arns)]


def firsts(free: Iterable[LoadBalancer]) -> tuple[LoadBalancer, ...]:
    """Of load balancers to publish the oldest of each line: the others join its service."""
    chosen: dict[str, LoadBalancer] = {}
    for balancer in by_age(free):
        chosen.setdefault(balancer.line or balancer.arn, balancer)
    return tuple(sorted(chosen.values(), key=lambda balancer: balancer.arn))


def leaving(
    behind: Iterable[LoadBalancer], wanted: Mapping[str, LoadBalancer]
) -> tuple[LoadBalancer, ...]:
    """Those behind a service whose place others of their line have taken.

    They have lost the tags to be published; or CloudFormation has made a younger one in their
    place. The other stands behind the service already, and works.
    """
    there = by_age(behind)
    return tuple(
        old
        for number, old in enumerate(there)
        if any(_takes_over(new, old, wanted, there[number + 1 :]) for new in there)
    )


def _takes_over(
    new: LoadBalancer,
    old: LoadBalancer,
    wanted: Mapping[str, LoadBalancer],
    younger: list[LoadBalancer],
) -> bool:
    same = new.arn != old.arn and old.line is not None and new.line == old.line
    if not (same and new.arn in wanted and new.active):
        return False
    return old.arn not in wanted or (SERVICE_TAG not in old.tags and new in younger)
