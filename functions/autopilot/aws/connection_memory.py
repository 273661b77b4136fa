"""What the ledger remembers of connections, of holds, and of who belongs to the organization."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from autopilot.aws.errors import Throttled
from autopilot.aws.step import stands_back
from autopilot.connections.calls import PersonsAnswer
from autopilot.connections.facts import ConnectionFacts, Organization, Remembered
from autopilot.connections.holds import HOLDS, HoldRow, hold_row
from autopilot.connections.remembered import (
    CONNECTIONS,
    ORGANIZATION,
    by_people,
    kept,
    member_in,
    remembered,
    with_marks,
)
from autopilot.notify.ledger import Row, Rows
from autopilot.reconcile.plan import LookedAt

# From so many services on one query of everything costs less than one for each.
_MANY = 10
_TRIES = 3


def recall(
    facts: ConnectionFacts, owner: str, ledger: Rows, answers: Sequence[PersonsAnswer] = ()
) -> ConnectionFacts:
    """The facts with what is remembered of them, once people's `answers` are noted, and all holds.

    Where the ledger knows nothing, the tags of the stack `owner` tell. Raises AwsErrors; Throttled
    when others write the same rows all the time.
    """
    memory = _memory(answers, ledger, facts.looked_at)
    if stands_back(ledger):
        # Another stack decides; we only note what people answered, for it to take over.
        return ConnectionFacts(notifications=facts.notifications, looked_at=())
    return with_marks(replace(facts, memory=memory, holds=holds(ledger)), owner)


def _memory(
    answers: Sequence[PersonsAnswer], ledger: Rows, looked_at: LookedAt
) -> dict[str, Remembered]:
    memory = _connections(ledger, looked_at)
    for _ in range(_TRIES):
        changed = by_people(answers, memory)
        if not changed:
            return memory
        ledger.write([kept(subject, new, memory.get(subject)) for subject, new in changed.items()])
        memory = _connections(ledger, looked_at)
    raise Throttled("dynamodb:TransactWriteItems: others write the same connections")


def _connections(ledger: Rows, looked_at: LookedAt) -> dict[str, Remembered]:
    """The connections of these services, by subject."""
    if looked_at == "all" or len(looked_at) > _MANY:
        rows: Iterable[Row] = ledger.rows(CONNECTIONS)
    else:
        rows = (row for id_ in looked_at for row in ledger.rows(CONNECTIONS, f"{id_}/"))
    return {row.key.sk: remembered(row) for row in rows}


def holds(ledger: Rows, endpoint_id: str = "") -> dict[str, HoldRow]:
    """All holds, or that of one endpoint, by endpoint."""
    found = map(hold_row, ledger.rows(HOLDS, endpoint_id))
    return {row.endpoint_id: row for row in found if endpoint_id in ("", row.endpoint_id)}


def learned_before(ledger: Rows, now: datetime) -> Organization:
    """What the planning step learned a moment ago; what it didn't isn't known."""
    found = {row.key.sk: member_in(row, now, later=True) for row in ledger.rows(ORGANIZATION)}
    return Organization({owner: member for owner, member in found.items() if member})
