"""What an earlier stack of the same account has noted since a new one has begun to remember.

An account that moves from one organizational unit to another has both for minutes: the new one
copies the old one's memory when it is made, and what the old one did after that is copied later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from autopilot.connections.facts import Remembered
from autopilot.connections.remembered import remembered
from autopilot.notify.ledger import Key, Row, Write

SUCCESSION = "succession"
"""The partition of both rows: that a later stack has taken over, and when one began to."""
AFTER = Key(SUCCESSION, "after")
SINCE = Key(SUCCESSION, "since")
LASTS = timedelta(days=1)
"""So long an earlier stack is looked after: CloudFormation has deleted it by then, or somebody is
told that it hasn't."""
# Clocks of two functions differ, and a step that was at it writes its end when it is through.
_SLACK = timedelta(minutes=15)
_HALF_DONE = ("accepting", "rejecting", "cutting")


def inherited(earlier: Iterable[Row], own: Mapping[str, Row], since: datetime) -> tuple[Write, ...]:
    """The writes that copy what the earlier ledger has learned after `since`.

    `own`: our rows by sort key. A row that isn't a connection's is left aside. What we ourselves
    know goes before it, but for what the earlier stack was in the middle of when we copied it, and
    for what a person has answered later.
    """
    return tuple(_inherited(earlier, own, since - _SLACK))


def _inherited(earlier: Iterable[Row], own: Mapping[str, Row], since: datetime) -> Iterator[Write]:
    for row in earlier:
        new, known = _read(row), own.get(row.key.sk)
        if new is None or _when(new.at) < since:
            continue
        if known is None:
            yield Write(row.key, row, None)
        elif _goes_before(new, remembered(known)):
            yield Write(row.key, replace(row, version=known.version + 1), known.version)


def _goes_before(new: Remembered, old: Remembered) -> bool:
    if old.state in _HALF_DONE and new.claimed_by == old.claimed_by:
        return new.state != old.state
    return new.a_person_decided and _when(new.at) > _when(old.at)


def _read(row: Row) -> Remembered | None:
    """What a row remembers, None for a row of anybody else's."""
    try:
        found = remembered(row)
        datetime.fromisoformat(found.at)
    except (KeyError, TypeError, ValueError):
        return None
    return found


def _when(at: str) -> datetime:
    return datetime.fromisoformat(at)


def begun(now: datetime) -> Write:
    """The write that notes since when we remember by ourselves."""
    return Write(SINCE, Row(SINCE, 1, True, "", now.isoformat()), None)


def successor(table: str, now: datetime) -> Write:
    """The write that tells an earlier stack that the ledger `table` goes on."""
    expires = int((now + LASTS).timestamp())
    return Write(AFTER, Row(AFTER, 1, True, "", now.isoformat(), {"table": table}, expires), None)


def begun_at(rows: Iterable[Row]) -> datetime | None:
    """Since when we remember by ourselves; None if nobody was to be looked after."""
    found = next((row for row in rows if row.key == SINCE), None)
    return datetime.fromisoformat(found.claimed_at) if found else None


def has_successor(rows: Iterable[Row], now: datetime) -> bool:
    """Whether a later stack goes on. For a day: if we are still there then, something is wrong,
    and requests must not wait for ever."""
    return any(
        row.key == AFTER and row.expires_at is not None and row.expires_at > now.timestamp()
        for row in rows
    )
