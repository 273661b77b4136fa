"""Reads history from the ledger, newest first: of one id, or of the days since one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from autopilot.notify.history import KEPT, Entry, about, day, entry_of
from autopilot.notify.ledger import Row

MOST = 200
"""So many entries are read at once."""
# Days that one call reads: a quiet week is one call, a loud one no more than that.
_DAYS_AT_ONCE = 8


class Past(NamedTuple):
    """Entries, the newest first; `more`: there are older ones."""

    entries: tuple[Entry, ...]
    more: bool = False


class Ledger(Protocol):
    """The ledger's rows by partition."""

    def latest(self, pk: str, most: int) -> Sequence[Row]:
        """Of a partition the `most` rows with the greatest sort keys, these first."""

    def partitions(self, pks: Sequence[str]) -> dict[str, tuple[Row, ...]]:
        """All rows of these partitions."""


def of_id(ledger: Ledger, id_: str, since: date, most: int = MOST) -> Past:
    """What happened to one thing, or by one account, since the beginning of a day in UTC.

    Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws.
    """
    rows = ledger.latest(about(id_), most + 1)
    found = [row for row in rows if row.key.sk >= since.isoformat()]
    return _past(found, most)


def of_days(ledger: Ledger, since: date, today: date, most: int = MOST) -> Past:
    """What happened on the days from `since` to `today`, both in UTC. Raises as `of_id` does."""
    first = max(since, today - KEPT)
    rows, last = list[Row](), today
    while last >= first and len(rows) <= most:
        days = [last - timedelta(n) for n in range(_DAYS_AT_ONCE) if last - timedelta(n) >= first]
        found = ledger.partitions([day(each.isoformat()) for each in days])
        rows += sorted((r for each in found.values() for r in each), key=_time, reverse=True)
        last = days[-1] - timedelta(1)
    return _past(rows, most)


def by_day(ledger: Ledger, since: date, today: date, most: int) -> dict[date, Past]:
    """Of each day from `today` back to `since`, in UTC, the `most` latest entries: a call a day,
    whatever has happened. Raises as `of_id` does.
    """
    days = [today - timedelta(n) for n in range((today - since).days + 1)]
    return {each: _past(ledger.latest(day(each.isoformat()), most + 1), most) for each in days}


def _time(row: Row) -> str:
    return row.key.sk


def _past(rows: Sequence[Row], most: int) -> Past:
    return Past(tuple(map(entry_of, rows[:most])), len(rows) > most)
