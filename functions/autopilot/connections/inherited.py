"""What other stacks of the same account know of connections, and we don't.

An account that moves from one organizational unit to another, and perhaps back, has two stacks for
minutes, or for as long as a deletion fails. Each has a ledger of its own; whichever acts has to
know whom the others let in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from autopilot.connections.facts import Remembered
from autopilot.connections.remembered import remembered
from autopilot.notify.ledger import Key, Row, Write
from autopilot.reconcile.beside import SUCCESSION

SINCE = Key(SUCCESSION, "since")
"""Since when a stack remembers by itself."""
LASTS = timedelta(days=1)
"""What others have noted is copied for so long: every hour, so again and again."""
EVER = datetime.min.replace(tzinfo=UTC)
# Clocks of two functions differ, and a step that was at it writes its end when it is through.
_SLACK = timedelta(minutes=15)
_HALF_DONE = ("accepting", "rejecting", "cutting")


def inherited(other: Iterable[Row], own: Mapping[str, Row], since: datetime) -> tuple[Write, ...]:
    """The writes that copy what the other ledger has noted since then (EVER: all of it).

    `own`: our rows by sort key. A row that isn't a connection's is left aside. The later note
    counts, whoever made it; but that a rule let somebody in never goes before a person's answer.
    """
    return tuple(_inherited(other, own, since if since == EVER else since - _SLACK))


def _inherited(other: Iterable[Row], own: Mapping[str, Row], since: datetime) -> Iterator[Write]:
    for row in other:
        new, known = _read(row), own.get(row.key.sk)
        if new is None or _when(new.at) < since:
            continue
        if known is None:
            yield Write(row.key, row, None)
        elif _goes_before(new, remembered(known)):
            yield Write(row.key, replace(row, version=known.version + 1), known.version)


def _goes_before(new: Remembered, old: Remembered) -> bool:
    if old.state in _HALF_DONE and new.claimed_by == old.claimed_by:
        return new.state != old.state and _when(new.at) >= _when(old.at)
    if old.a_person_decided and not new.a_person_decided and new.state != "rejected":
        return False
    return _when(new.at) > _when(old.at)


def _read(row: Row) -> Remembered | None:
    """What a row remembers, None for a row of anybody else's."""
    try:
        found = remembered(row)
        _when(found.at)
    except (KeyError, TypeError, ValueError):
        return None
    return found


def _when(at: str) -> datetime:
    """The moment; one without a zone is UTC, so that any two can be compared."""
    found = datetime.fromisoformat(at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def begun(now: datetime) -> Write:
    """The write that notes since when we remember by ourselves."""
    return Write(SINCE, Row(SINCE, 1, True, "", now.isoformat()), None)


def copied_since(own: Iterable[Row], other: Iterable[Row], now: datetime) -> datetime:
    """From when on another ledger's notes are news to us: since the younger of both began, which
    took over all that was there; and not what has been copied for a day."""
    starts = [_when(row.claimed_at) for row in (*own, *other) if row.key == SINCE]
    return max([now - LASTS, *starts])
