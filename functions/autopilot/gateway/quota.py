"""The Region's quota of gateway endpoints: whether to ask for it, how far it reaches."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import Item
from autopilot.notify.finding import Finding
from autopilot.reconcile.quota import Limit, near, told

DEFAULT = Limit(20)
"""Gateway endpoints per Region; adjustable, upwards only (VPC guide, "Amazon VPC quotas")."""


def used(facts: Facts) -> int:
    """How many gateway endpoints the Region holds, anyone's; one being deleted still counts."""
    return sum(endpoint.state.lower() != "deleted" for endpoint in facts.endpoints)


def worth_asking(in_use: int, wanted: int) -> bool:
    """Whether the applied quota can matter: it is never below the default."""
    return near(in_use + wanted, DEFAULT.value)


def split(
    creates: Sequence[Item], in_use: int, limit: Limit
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The creations that the quota still allows, and those that it leaves undone."""
    room = max(0, limit.value - in_use)
    return tuple(creates[:room]), tuple(creates[room:])


def findings(
    region: str, in_use: int, wanted: int, limit: Limit, undone: Sequence[Item]
) -> tuple[Finding, ...]:
    """What ops should know of the quota: that it stops us, or else that it soon will."""
    data = told(in_use, wanted, limit, [item.id for item in undone])
    if undone:
        return (Finding("QuotaReached", region, "action", data),)
    if near(in_use + wanted, limit.value):
        return (Finding("QuotaNear", region, "action", data),)
    return ()
