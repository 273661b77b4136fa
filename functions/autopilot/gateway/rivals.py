"""Rivals: whoever takes our routes away again and again gets them, after a few rounds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import NetworkOutcome
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.reconcile.withdrawn import route_key

RESTORED = "restored"
"""The partition. A row's `sk` is "vpc-1/s3"; it counts by table how often a route was put back."""

AT_MOST = 3
WITHIN = timedelta(days=7)
"""So often within that time a route is put back: whoever takes it away then means it."""

_REMEMBERED = timedelta(days=90)
# Counted instead of a number once a table is left alone: until somebody gives it a route.
_LEFT = 1000
# Changes that put back what was there, or should have been; what is new was never taken away.
_PUT_BACK = frozenset({"no-endpoint", "table-without-route"})


def counted(
    outcomes: Iterable[NetworkOutcome], rows: Iterable[Row], *, execution: str, now: datetime
) -> tuple[Write, ...]:
    """The writes that count what an execution has put back; none a second time."""
    known = {row.key.sk: row for row in rows}
    found: dict[str, dict[str, int]] = {}
    for outcome in filter(puts_back, outcomes):
        subject = f"{outcome.item.vpc_id}/{outcome.item.service}"
        row = known.get(subject)
        if row and row.claimed_by == execution:
            continue
        counts = found.setdefault(subject, _counts(row, now))
        counts |= {id_: counts.get(id_, 0) + 1 for id_ in outcome.item.route_table_ids}
    return tuple(_write(s, c, known.get(s), execution, now) for s, c in found.items())


def puts_back(outcome: NetworkOutcome) -> bool:
    """Whether it gave a route to a table that isn't new."""
    return (
        outcome.result == "done"
        and outcome.item.cause in _PUT_BACK
        and bool(outcome.item.route_table_ids)
    )


def contested(rows: Iterable[Row], now: datetime) -> frozenset[str]:
    """The route keys of what is left to whoever takes it away."""
    return frozenset(
        route_key(id_, row.key.sk.partition("/")[2])
        for row in rows
        for id_, count in _counts(row, now).items()
        if count >= AT_MOST
    )


def settled(
    rows: Iterable[Row], facts: Facts, *, execution: str, now: datetime
) -> tuple[Write, ...]:
    """The writes that note which tables are left, and that a table which has a route again is not.

    A table that still has its route when we stop counting has it from us; one that gets it later
    has it from somebody who wants it.
    """
    covered = {
        (endpoint.service_name.rpartition(".")[2], id_)
        for endpoint in facts.endpoints
        if endpoint.lives
        for id_ in endpoint.route_table_ids
    }
    there = {table.id for table in facts.route_tables}
    found = []
    for row in rows:
        vpc_id, _, service = row.key.sk.partition("/")
        before = _counts(row, now)
        after = {
            id_: _after(count, (service, id_) in covered) if id_ in there else count
            for id_, count in before.items()
        }
        kept = {id_: count for id_, count in after.items() if count}
        if kept != before and facts.looks_at(vpc_id):
            found.append(_write(row.key.sk, kept, row, execution, now))
    return tuple(found)


def _after(count: int, covered: bool) -> int:
    if count >= _LEFT:
        return 0 if covered else count
    return _LEFT if count >= AT_MOST and not covered else count


def _counts(row: Row | None, now: datetime) -> dict[str, int]:
    """What still counts of a row: all for a week after the last time, then only what is left."""
    if row is None:
        return {}
    age = now - datetime.fromisoformat(str(row.body["last"]))
    counts: Mapping[str, int] = json.loads(str(row.body["tables"]))
    least = 1 if age < WITHIN else _LEFT
    return {id_: n for id_, n in counts.items() if n >= least and age < _REMEMBERED}


def _write(
    subject: str, counts: Mapping[str, int], known: Row | None, execution: str, now: datetime
) -> Write:
    key = Key(RESTORED, subject)
    if not counts:
        return Write(key, None, known.version if known else 0)
    body = {"tables": json.dumps(dict(counts), sort_keys=True), "last": now.isoformat()}
    expires = now + _REMEMBERED
    return noted(key, body, known, execution=execution, now=now, expires=expires)
