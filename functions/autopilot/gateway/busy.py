"""Busy route tables: attaching drops open connections; the window when that may happen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from autopilot.gateway.facts import Facts, RouteTable
from autopilot.policy.model import DAYS, ChangeWindow, GatewayPolicy


def may_change_busy(policy: GatewayPolicy, now: datetime) -> bool:
    """Whether the policy lets a busy table change at this moment."""
    match policy.busy_route_tables:
        case "now":
            return True
        case "window":
            return policy.change_window is not None and is_open(policy.change_window, now)
        case "audit":
            return False
        case _:
            assert_never(policy.busy_route_tables)


def waits_until(policy: GatewayPolicy, now: datetime) -> str | None:
    """The ISO instant when the policy lets busy tables change next; None: when somebody decides."""
    if policy.busy_route_tables != "window" or policy.change_window is None:
        return None
    return next_opening(policy.change_window, now).isoformat()


def is_busy(facts: Facts, table: RouteTable) -> bool:
    """Whether a network interface that opens connections lives in a subnet that uses `table`.

    The main table is used by every subnet that no table of the VPC names (VPC guide, "Route table
    concepts"). Where nobody asked for the interfaces, the answer is yes: it is the safe one.
    """
    occupied = facts.busy_subnets.get(table.vpc_id)
    if occupied is None:
        return True
    if occupied.intersection(table.subnet_ids):
        return True
    named = {subnet for each in facts.tables_of(table.vpc_id) for subnet in each.subnet_ids}
    return table.main and bool(occupied - named)


if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# A week, one more because today's may be over, and one for a window that a clock change swallows.
_DAYS_AHEAD = 15


def is_open(window: ChangeWindow, now: datetime) -> bool:
    """Whether `now` (any time zone) lies in the window; its last instant doesn't."""
    return any(start <= now < end for start, end in _openings(window, now))


def next_opening(window: ChangeWindow, now: datetime) -> datetime:
    """When the window opens next after `now`, in UTC."""
    return next(start for start, _ in _openings(window, now) if start > now)


def _openings(window: ChangeWindow, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Start and end in UTC, from yesterday's on: it may reach past midnight into today."""
    from zoneinfo import ZoneInfo  # only where a window is set: it costs a cold start its import

    zone = ZoneInfo(window.timezone)
    today = now.astimezone(zone).date()
    for offset in range(-1, _DAYS_AHEAD):
        day = today + timedelta(days=offset)
        if DAYS[day.weekday()] in window.days:
            start, end = _on(window, day, zone)
            if start < end:  # clocks put forward can leave nothing of it
                yield start, end


def _on(window: ChangeWindow, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The window that begins on `day`. Wall-clock times that occur twice mean the first."""
    ends_on = day if window.end > window.start else day + timedelta(days=1)
    return (
        datetime.combine(day, window.start, zone).astimezone(UTC),
        datetime.combine(ends_on, window.end, zone).astimezone(UTC),
    )
