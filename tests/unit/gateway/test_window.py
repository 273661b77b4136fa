"""The change window, past midnight and through clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from autopilot.gateway.limits import is_open, next_opening
from autopilot.policy.model import DAYS, ChangeWindow, Day
from hypothesis import given
from hypothesis import strategies as st


def window(days: str, start: str, end: str, zone: str = "UTC") -> ChangeWindow:
    chosen: tuple[Day, ...] = tuple(day for day in DAYS if day in days.split())
    return ChangeWindow(chosen, time.fromisoformat(start), time.fromisoformat(end), zone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "now", "opened"),
    [
        (window("sat", "02:00", "05:00"), "2026-11-28T01:59:59", False),
        (window("sat", "02:00", "05:00"), "2026-11-28T02:00", True),
        (window("sat", "02:00", "05:00"), "2026-11-28T04:59:59", True),
        (window("sat", "02:00", "05:00"), "2026-11-28T05:00", False),
        (window("sat", "02:00", "05:00"), "2026-11-29T03:00", False),
        (window("sat", "22:00", "04:00"), "2026-11-28T23:00", True),
        (window("sat", "22:00", "04:00"), "2026-11-29T03:59", True),
        (window("sat", "22:00", "04:00"), "2026-11-28T03:00", False),
        (window("sat", "00:00", "00:00"), "2026-11-28T12:00", True),
        (window("sat", "00:00", "00:00"), "2026-11-29T00:00", False),
        (window("sat", "02:00", "05:00", "Europe/Berlin"), "2026-11-28T01:30", True),
        (window("sat", "02:00", "05:00", "Europe/Berlin"), "2026-11-28T04:30", False),
        (window("sat", "02:00", "05:00", "Europe/Berlin"), "2026-07-25T00:30", True),
        (window("sun", "00:30", "02:00", "Asia/Tokyo"), "2026-11-28T16:00", True),
        # clocks put forward: 02:00 to 03:00 of 2026-03-29 doesn't exist in Berlin
        (window("sun", "01:00", "04:00", "Europe/Berlin"), "2026-03-29T00:00", True),
        (window("sun", "01:00", "04:00", "Europe/Berlin"), "2026-03-29T01:59", True),
        (window("sun", "01:00", "04:00", "Europe/Berlin"), "2026-03-29T02:00", False),
        (window("sun", "02:00", "03:00", "Europe/Berlin"), "2026-03-29T01:00", False),
        # clocks put back: 02:00 to 03:00 of 2026-10-25 comes twice
        (window("sun", "01:00", "04:00", "Europe/Berlin"), "2026-10-25T02:59", True),
        (window("sun", "01:00", "04:00", "Europe/Berlin"), "2026-10-25T03:00", False),
    ],
)
def test_is_open(chosen: ChangeWindow, now: str, opened: bool) -> None:
    assert is_open(chosen, at(now)) is opened


@pytest.mark.parametrize(
    ("chosen", "now", "opening"),
    [
        (window("sat", "02:00", "05:00"), "2026-11-24T12:00", "2026-11-28T02:00"),
        (window("sat", "02:00", "05:00"), "2026-11-28T01:00", "2026-11-28T02:00"),
        (window("sat", "02:00", "05:00"), "2026-11-28T02:00", "2026-12-05T02:00"),
        (window("sat sun", "02:00", "05:00"), "2026-11-28T06:00", "2026-11-29T02:00"),
        (window("sat", "02:00", "05:00", "Europe/Berlin"), "2026-11-24T12:00", "2026-11-28T01:00"),
        # the window of the day when clocks are put forward is swallowed
        (window("sun", "02:00", "03:00", "Europe/Berlin"), "2026-03-24T00:00", "2026-04-05T00:00"),
    ],
)
def test_tells_the_next_opening(chosen: ChangeWindow, now: str, opening: str) -> None:
    assert next_opening(chosen, at(now)) == at(opening)


windows = st.builds(
    ChangeWindow,
    st.sets(st.sampled_from(DAYS), min_size=1).map(lambda days: tuple(sorted(days))),
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@given(windows, moments)
def test_opens_next_in_the_future_and_is_open_then(chosen: ChangeWindow, now: datetime) -> None:
    opening = next_opening(chosen, now)

    assert now < opening <= now + timedelta(days=15)
    assert is_open(chosen, opening)


@given(windows, moments, st.integers(-14, 14))
def test_does_not_mind_the_time_zone_of_now(
    chosen: ChangeWindow, now: datetime, hours: int
) -> None:
    elsewhere = now.astimezone(timezone(timedelta(hours=hours)))

    assert is_open(chosen, elsewhere) == is_open(chosen, now)
