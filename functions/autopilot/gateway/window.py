"""The change window: whether it is open, when it opens next; daylight saving included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from autopilot.policy.model import DAYS, ChangeWindow

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
