"""What the zone check has found, remembered until it finds otherwise: for people who look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from autopilot.connections.zones import Alignment
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.reconcile.codec import decode, encode

ZONES = "zones"
"""The partition. A row's `sk` is the connection's subject; its body has the alignment as JSON."""

_REMEMBERED = timedelta(days=90)
# With so little of that time left, what is still so is noted again.
_RENEWED = timedelta(days=45)


def found(row: Row) -> Alignment:
    """What a row remembers. Raises KeyError or ValueError if it can't be read."""
    return decode(Alignment, json.loads(str(row.body["alignment"])))


def compared(
    alignments: Iterable[Alignment], rows: Iterable[Row], *, execution: str, now: datetime
) -> tuple[Write, ...]:
    """The writes that remember what was compared, and forget what nobody can know any more."""
    known = {row.key.sk: row for row in rows}
    return tuple(
        write
        for each in alignments
        for write in _write(each, known.get(each.subject), execution, now)
    )


def _write(each: Alignment, row: Row | None, execution: str, now: datetime) -> Iterator[Write]:
    key, body = Key(ZONES, each.subject), {"alignment": json.dumps(encode(each), sort_keys=True)}
    if each.status in ("unknown", "not_applicable"):
        if row:
            yield Write(key, None, row.version)
    elif row is None or row.body != body or _fades(row, now):
        yield noted(key, body, row, execution=execution, now=now, expires=now + _REMEMBERED)


def _fades(row: Row, now: datetime) -> bool:
    return (row.expires_at or 0) < (now + _RENEWED).timestamp()
