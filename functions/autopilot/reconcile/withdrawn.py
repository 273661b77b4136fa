"""What was withdrawn, and until when no look may put it back: rows of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from autopilot.notify.ledger import Key, Row, Rows, Write, noted

WITHDRAWN = "withdrawn"
"""The partition. A row's `sk` is the id of a VPC or a subnet, or `route_key` of a table."""

DELETION_TAKES = timedelta(hours=1)
"""For so long a VPC or subnet that somebody is deleting stays without us: tools retry for minutes,
and stop for what else is in their way."""
RETRY_TAKES = timedelta(minutes=15)
"""For so long a table's route is left to the one who asked for it: whoever has no other way to the
service goes without as long, if that one never comes back."""

# A route that was left in vain is not left again for so long: a pipeline that fails every night
# would cost its table a quarter of an hour each time. Until then, too, the networks of a stack that
# our route made fail wait longer for its next try.
_REMEMBERED = timedelta(days=90)

STACK_TAG = "aws:cloudformation:stack-name"
"""On whatever CloudFormation made; a stack that is deployed anew keeps its name, not its ids."""
_STACK = "stack/"
THEIRS = "theirs"
"""Where a row says whether whoever asked for a route has his own now ("there"), or had ("gone")."""


def stack_key(name: str) -> str:
    """The row of a stack whose endpoint was refused because of our route."""
    return f"{_STACK}{name}"


def route_key(table_id: str, service: str) -> str:
    """The row of a table's route to a gateway service ("s3")."""
    return f"{table_id}/{service}"


def still_away(rows: Iterable[Row], now: datetime) -> frozenset[str]:
    """What must not be put back yet: the `sk` of the rows whose time isn't over.

    DynamoDB deletes within some days of the time, not at it.
    """
    return frozenset(
        row.key.sk for row in rows if datetime.fromisoformat(str(row.body["until"])) > now
    )


def left_in_vain(rows: Iterable[Row], now: datetime) -> frozenset[str]:
    """What stepped aside within the last 90 days for somebody who never came, and may be back."""
    ends = {
        row.key.sk: datetime.fromisoformat(str(row.body["until"]))
        for row in rows
        if THEIRS not in row.body
    }
    return frozenset(key for key, end in ends.items() if end <= now < end + _REMEMBERED)


def remember(
    key: str, until: str, known: Row | None, *, execution: str, now: datetime
) -> Write | None:
    """The write that notes `key` as withdrawn until that ISO instant; None if it is noted so."""
    end = now + _REMEMBERED if key.startswith(_STACK) else datetime.fromisoformat(until)
    if known and datetime.fromisoformat(str(known.body["until"])) >= end:
        return None
    body, expires = {"until": end.isoformat()}, end + _REMEMBERED
    return noted(Key(WITHDRAWN, key), body, known, execution=execution, now=now, expires=expires)


def withdrawn(ledger: Rows, now: datetime) -> frozenset[str]:
    """Ids of VPCs and subnets, and route keys, that must not be served yet."""
    return still_away(ledger.rows(WITHDRAWN), now)


def in_vain(ledger: Rows, now: datetime) -> frozenset[str]:
    """What stepped aside within the last 90 days, and may be back."""
    return left_in_vain(ledger.rows(WITHDRAWN), now)


def note(ledger: Rows, keys: Iterable[str], until: str, *, execution: str, now: datetime) -> None:
    """Note `keys` as withdrawn until that ISO instant.

    A write that is refused is another execution's, of the same moment: it says the same.
    """
    known = {row.key.sk: row for row in ledger.rows(WITHDRAWN)}
    noted = [remember(k, until, known.get(k), execution=execution, now=now) for k in keys]
    ledger.write([write for write in noted if write])
