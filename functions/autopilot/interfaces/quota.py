"""The quota of interface endpoints that each VPC has: whether to ask for it, how far it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.items import EndpointItem, Item
from autopilot.notify.finding import Finding
from autopilot.reconcile.quota import Limit, near, told

DEFAULT_LIMIT = 50
"""Interface and Gateway Load Balancer endpoints per VPC, together; adjustable (VPC guide, "Amazon
VPC quotas"). Resource and service network endpoints have quotas of their own."""


def used(facts: Facts) -> Counter[str]:
    """How many endpoints that the quota counts each VPC holds, anybody's; one being deleted still
    counts."""
    interfaces = Counter(e.vpc_id for e in facts.endpoints if e.state.lower() != "deleted")
    return interfaces + Counter(facts.counted_too)


def worth_asking(facts: Facts, wanted: Iterable[Item]) -> bool:
    """Whether the applied quota can matter: it is never below the default."""
    counts = used(facts) + Counter(item.vpc_id for item in wanted if _creates(item))
    return any(near(count, DEFAULT_LIMIT) for count in counts.values())


def split(wanted: Iterable[Item], facts: Facts, limit: Limit) -> tuple[list[Item], list[Item]]:
    """The changes that the quota still allows, and the creations that it leaves undone."""
    counts = used(facts)
    allowed: list[Item] = []
    undone: list[Item] = []
    for item in wanted:
        if not _creates(item):
            allowed.append(item)
        elif counts[item.vpc_id] < limit.value:
            counts[item.vpc_id] += 1
            allowed.append(item)
        else:
            undone.append(item)
    return allowed, undone


def findings(
    facts: Facts, allowed: Sequence[Item], undone: Sequence[Item], limit: Limit
) -> Iterator[Finding]:
    """What ops should know: in which VPCs the quota stops us, or soon will."""
    counts = used(facts)
    coming = Counter(item.vpc_id for item in allowed if _creates(item))
    without: dict[str, list[str]] = {}
    for item in undone:
        without.setdefault(item.vpc_id, []).append(item.id)
    for vpc_id in sorted(counts.keys() | without.keys()):
        names = without.get(vpc_id, [])
        data = told(counts[vpc_id], coming[vpc_id], limit, names)
        if names:
            yield Finding("InterfaceQuotaReached", vpc_id, "action", data)
        elif near(counts[vpc_id] + coming[vpc_id], limit.value):
            yield Finding("InterfaceQuotaNear", vpc_id, "action", data)


def _creates(item: Item) -> bool:
    return isinstance(item, EndpointItem) and item.action == "create"
