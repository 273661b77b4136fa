"""Which week's letter has been sent: a row of the ledger for each, so that none is sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from autopilot.notify.ledger import Delivery, Key, Row, claimed_elsewhere, delivery

LETTERS = "letter"
"""The partition; a row's `sk` is the ISO week, "2026-W49", in UTC."""
_KEPT = timedelta(days=60)
# The week that a letter covers may begin and end in one ISO week: when summer time begins, Monday
# 00:30 in Berlin is UTC's Monday in one week and its Sunday in the next.
_A_WEEK = timedelta(days=6, hours=12)


def week_of(now: datetime) -> str:
    """The ISO week, by the calendar of UTC."""
    year, week, _ = now.isocalendar()
    return f"{year}-W{week:02}"


def right_to_send(known: Row | None, call: str, now: datetime) -> Delivery | None:
    """The right to send this week's letter; None: it has been sent, or another call is at it."""
    if known and (_sent(known, now) or claimed_elsewhere(known, call, now)):
        return None
    key = Key(LETTERS, week_of(now))
    row = Row(key, 0, False, call, now.isoformat(), {})
    expires = int((now + _KEPT).timestamp())
    return delivery(replace(row, expires_at=expires), known, execution=call, now=now)


def _sent(known: Row, now: datetime) -> bool:
    """Whether the letter has been sent, and not a week ago."""
    return known.told and now - datetime.fromisoformat(known.claimed_at) < _A_WEEK
