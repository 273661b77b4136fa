"""Sorts load balancers and services: what to publish, what is ours to keep, what is to go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autopilot.policy.model import Policy
from autopilot.policy.tags import has_all, has_any
from autopilot.reconcile.tags import owned_by
from autopilot.services.facts import Balancer, Offer, PublishFacts


@dataclass(frozen=True)
class Kept:
    """A service of ours and the load balancers behind it; `named` gives it its private name.

    `joining`: those that shall stand behind it, too, once they are active; `leaving`: those whose
    place others have taken; `replaced`: those that have left so, and neither join again nor get a
    service of their own (see `autopilot.services.desired`).
    """

    offer: Offer
    balancers: tuple[Balancer, ...]
    named: Balancer
    joining: tuple[Balancer, ...] = ()
    leaving: tuple[Balancer, ...] = ()
    replaced: tuple[Balancer, ...] = ()


@dataclass(frozen=True)
class Unwanted:
    """A service of ours that nothing asks for, and why."""

    offer: Offer
    reason: str
    duplicate: bool = False


@dataclass(frozen=True)
class Sorted:
    """Every load balancer and every service of ours, by what is to become of it.

    `foreign`: load balancers that somebody else has published, with the service. `settling`: those
    to publish once AWS has set them up.
    """

    publish: tuple[Balancer, ...] = ()
    kept: tuple[Kept, ...] = ()
    unwanted: tuple[Unwanted, ...] = ()
    foreign: tuple[tuple[Balancer, Offer], ...] = ()
    settling: tuple[Balancer, ...] = ()


def sort(facts: PublishFacts, policy: Policy, owner: str) -> Sorted:
    """Sort what the survey saw. Of several services of ours for one load balancer one is kept."""
    wanted = {b.arn: b for b in facts.balancers if is_wanted(b, policy)}
    ours = [offer for offer in facts.offers if owned_by(offer.tags, owner)]
    kept = _kept(facts, wanted, ours)
    served = {arn for each in kept for arn in each.offer.balancer_arns}
    joining = [balancer for each in kept for balancer in each.joining]
    served |= {b.arn for each in kept for b in (*each.joining, *each.replaced)}
    foreign = {
        arn: offer
        for offer in sorted(facts.offers, key=lambda offer: offer.id, reverse=True)
        if not owned_by(offer.tags, owner)
        for arn in offer.balancer_arns
        if arn in wanted and arn not in served
    }
    free = [b for arn, b in sorted(wanted.items()) if arn not in served and arn not in foreign]
    staying = {each.offer.id for each in kept}
    return Sorted(
        publish=firsts(b for b in free if b.active),
        kept=kept,
        unwanted=tuple(
            _unwanted(offer, facts, wanted, policy) for offer in ours if offer.id not in staying
        ),
        foreign=tuple((wanted[arn], offer) for arn, offer in sorted(foreign.items())),
        settling=tuple(b for b in (*free, *joining) if b.settling),
    )


def to_ask_for_principals(found: Sorted) -> tuple[str, ...]:
    """The services whose permission lists decide something."""
    return tuple(sorted(each.offer.id for each in found.kept))


def to_ask_for_connections(found: Sorted) -> tuple[str, ...]:
    """The services whose connections decide something: those to go, and their twins; those that a
    load balancer is to leave."""
    behind = {arn for each in found.unwanted if each.duplicate for arn in each.offer.balancer_arns}
    twins = {each.offer.id for each in found.kept if behind.intersection(each.offer.balancer_arns)}
    left = {each.offer.id for each in found.kept if each.leaving}
    return tuple(sorted({each.offer.id for each in found.unwanted} | twins | left))


def is_wanted(balancer: Balancer, policy: Policy) -> bool:
    """Whether the policy wants it published: it is internal and bears all of the tags."""
    tags = policy.endpoint_services.load_balancer_tags
    return (
        bool(tags)
        and balancer.internal
        and has_all(balancer.tags, tags)
        and not has_any(balancer.tags, policy.skip_tags)
    )


def _kept(
    facts: PublishFacts, wanted: Mapping[str, Balancer], ours: list[Offer]
) -> tuple[Kept, ...]:
    """For each wanted load balancer the service of ours to keep: a used one, else the first."""
    chosen: dict[str, Offer] = {}
    theirs = {arn for o in facts.offers if o not in ours for arn in o.balancer_arns}
    for balancer in by_age(wanted.values()):
        # One that somebody else has published keeps no service of ours for its kin.
        kin = () if balancer.arn in theirs else facts.balancers
        behind = service_of(balancer, ours, kin)
        if behind and not any(offer.id in chosen for offer in behind):
            best = min(behind, key=lambda o: (not facts.connected.get(o.id), o.id))
            chosen[best.id] = best
    return tuple(_keep(offer, facts, wanted) for _, offer in sorted(chosen.items()))


def _keep(offer: Offer, facts: PublishFacts, wanted: Mapping[str, Balancer]) -> Kept:
    behind = tuple(b for b in facts.balancers if b.arn in offer.balancer_arns)
    # One that stands alone, or with another service of ours, doesn't join.
    taken = {arn for other in facts.offers for arn in other.balancer_arns}
    kin = [
        b
        for b in by_age(wanted.values())
        if b.arn not in taken and offer in service_of(b, [offer], facts.balancers)
    ]
    replaced = tuple(b for b in kin if b in leaving((*behind, b), wanted))
    joining = tuple(b for b in kin if b not in replaced)
    named = next(b for b in by_age((*behind, *joining)) if b.arn in wanted)
    return Kept(offer, behind, named, joining, leaving(behind, wanted), replaced)


def _unwanted(
    offer: Offer, facts: PublishFacts, wanted: Mapping[str, Balancer], policy: Policy
) -> Unwanted:
    there = [b for b in facts.balancers if b.arn in offer.balancer_arns]
    if any(arn in wanted for arn in offer.balancer_arns):
        return Unwanted(
            offer, "another service of ours stands for its load balancer", duplicate=True
        )
    if not policy.endpoint_services.load_balancer_tags:
        return Unwanted(offer, "the policy publishes no load balancers")
    if not there:
        return Unwanted(offer, "its load balancer is gone")
    return Unwanted(offer, f"{there[0].subject} no longer bears the tags to be published")


SERVICE_TAG = "endpoint-autopilot:service"
"""Load balancers with the same value stand for one service."""
# CloudFormation's own; nobody else can write tags that begin with "aws:" (EC2 guide, tags).
_STACK, _LOGICAL = "aws:cloudformation:stack-id", "aws:cloudformation:logical-id"


def line(balancer: Balancer) -> str | None:
    """What load balancers of one service have in common: the tag's value, else their place in a
    CloudFormation stack; None for one that stands alone.

    CloudFormation replaces a load balancer by making its successor first, under the same logical
    id. Never a guess: a load balancer that joins gets consumers of the service.
    """
    tags = balancer.tags
    if tags.get(SERVICE_TAG):
        return f"{SERVICE_TAG}={tags[SERVICE_TAG]}"
    if tags.get(_STACK) and tags.get(_LOGICAL):
        return f"{tags[_STACK]}/{tags[_LOGICAL]}"
    return None


def by_age(balancers: Iterable[Balancer]) -> list[Balancer]:
    """The oldest first."""
    return sorted(balancers, key=lambda balancer: (balancer.created, balancer.arn))


def service_of(balancer: Balancer, ours: Iterable[Offer], there: Iterable[Balancer]) -> list[Offer]:
    """The services of ours that stand for a load balancer, or else for another of its line."""
    behind = [offer for offer in ours if balancer.arn in offer.balancer_arns]
    mine = line(balancer)
    if behind or mine is None:
        return behind
    kin = {other.arn for other in there if line(other) == mine}
    return [offer for offer in ours if kin.intersection(offer.balancer_arns)]


def firsts(free: Iterable[Balancer]) -> tuple[Balancer, ...]:
    """Of load balancers to publish the oldest of each line: the others join its service."""
    chosen: dict[str, Balancer] = {}
    for balancer in by_age(free):
        chosen.setdefault(line(balancer) or balancer.arn, balancer)
    return tuple(sorted(chosen.values(), key=lambda balancer: balancer.arn))


def leaving(behind: Iterable[Balancer], wanted: Mapping[str, Balancer]) -> tuple[Balancer, ...]:
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
    new: Balancer, old: Balancer, wanted: Mapping[str, Balancer], younger: list[Balancer]
) -> bool:
    same = new.arn != old.arn and line(old) is not None and line(new) == line(old)
    if not (same and new.arn in wanted and new.active):
        return False
    return old.arn not in wanted or (SERVICE_TAG not in old.tags and new in younger)
