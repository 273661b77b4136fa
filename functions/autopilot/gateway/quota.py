"""The Region's quota of gateway endpoints: whether to ask for it, how far it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import Item
from autopilot.notify.finding import Finding

DEFAULT_LIMIT = 20
"""Gateway endpoints per Region; adjustable, upwards only (VPC guide, "Amazon VPC quotas")."""

_TELL_AT = 0.8
_NAMED_AT_MOST = 50


@dataclass(frozen=True)
class Limit:
    """How many gateway endpoints there may be; `why_not_read` if that is an assumption."""

    value: int = DEFAULT_LIMIT
    why_not_read: str | None = None


def used(facts: Facts) -> int:
    """How many gateway endpoints the Region holds, anyone's; one being deleted still counts."""
    return sum(endpoint.state.lower() != "deleted" for endpoint in facts.endpoints)


def worth_asking(in_use: int, wanted: int) -> bool:
    """Whether the applied quota can matter: it is never below the default."""
    return _near(in_use + wanted, DEFAULT_LIMIT)


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
    data: dict[str, Any] = {
        "used": in_use,
        "wanted": wanted,
        "limit": limit.value,
        "limit_read": limit.why_not_read is None,
        "why_not_read": limit.why_not_read,
    }
    if undone:
        names = [item.id for item in undone[:_NAMED_AT_MOST]]
        data |= {"left_undone": names, "left_undone_count": len(undone)}
        return (Finding("QuotaReached", region, "action", data),)
    if _near(in_use + wanted, limit.value):
        return (Finding("QuotaNear", region, "action", data),)
    return ()


def _near(count: int, limit: int) -> bool:
    return count >= _TELL_AT * limit
