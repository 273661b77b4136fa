"""Load balancers that stand for one service: which joins it, and which may leave it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autopilot.services.facts import Balancer, Offer

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
