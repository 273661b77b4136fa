"""Asks a spoke what the hub is asked to; an answer of a person's is in the audit trail before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from autopilot.aws import hub, spokes
from autopilot.aws.errors import AwsError, ServiceUnavailable, Throttled
from autopilot.fleet.answers import (
    ASKED,
    Trail,
    answered,
    asked_again,
    ended,
    put,
    trail,
    trail_of,
    unanswered,
    wire,
)
from autopilot.fleet.asking import Reached, Refused, Told, function_for, question, reached
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Answered
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import encode

AskSpoke = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
_TRIES = 4


def put_to(
    event: Mapping[str, Any], table: Rows, roster: Roster, ask: AskSpoke, now: datetime
) -> Told:
    """What came of the question. Raises Refused for what isn't asked, AwsErrors of the table."""
    asked = question(event)
    to = reached(asked.spoke, hub.last_heartbeat(asked.spoke, table), now,
               roster.silent_after_seconds)  # fmt: skip
    arn = function_for(asked.ask, to)
    if asked.ask == "look":
        return _told(to, lambda: ask(arn, asked.payload))
    new = trail(asked, roster.approvers, now)
    return _answer(new, arn, to, table, ask, now)


def _told(to: Reached, put: Callable[[], Mapping[str, Any]], id_: str = "") -> Told:
    """The spoke's answer; what AWS refuses by its name, with the spoke's silence."""
    silent = int(to.silent.total_seconds())
    told = Told(str(to.spoke), heard_at=to.heartbeat.at, silent_seconds=silent, id=id_)
    try:
        return replace(told, answer=put())
    except AwsError as error:
        why = "; ".join(filter(None, (spokes.explained(error), to.silence())))
        return replace(told, refused=type(error).__name__, why=why)


def _answer(new: Trail, arn: str, to: Reached, table: Rows, ask: AskSpoke, now: datetime) -> Told:
    begun = _begun(new, table, now)
    if begun.is_taken:
        return _told(to, lambda: encode(Answered(begun.id, True, begun.why)), begun.id)
    try:
        told = _told(to, lambda: _asked(begun, arn, to, ask), begun.id)
    except Refused as refused:
        _settle(unanswered(begun, str(refused)), table, now)
        raise
    _settle(_over(begun, told), table, now)
    return told


def _over(begun: Trail, told: Told) -> Trail:
    if told.answer is None:
        return unanswered(begun, told.why)
    return ended(begun, answered(told.answer, begun.id))


def _asked(begun: Trail, arn: str, to: Reached, ask: AskSpoke) -> Mapping[str, Any]:
    """The spoke's answer, asked once more if none came: it takes the same only once.

    Raises Refused for what isn't an answer to it, AwsErrors.
    """
    payload = encode(wire(begun, to.heartbeat.schema))
    try:
        said = ask(arn, payload)
    except ServiceUnavailable:
        said = ask(arn, payload)
    plain: Mapping[str, Any] = encode(answered(said, begun.id))
    return plain


def _begun(new: Trail, table: Rows, now: datetime) -> Trail:
    """The trail's row as it is once this try is noted. Raises Throttled."""
    for _ in range(_TRIES):
        known = _known(new.id, table)
        if known and known.is_taken:
            return known
        row = asked_again(new, known, now)
        if not table.write([put(row, known, now)]):
            return row
    raise Throttled("dynamodb:TransactWriteItems: others write the same question")


def _settle(over: Trail, table: Rows, now: datetime) -> None:
    """Note how it ended; what another try noted as taken stays. Raises Throttled."""
    for _ in range(_TRIES):
        known = _known(over.id, table)
        if known and known.is_taken:
            return
        if not table.write([put(over, known, now)]):
            return
    raise Throttled("dynamodb:TransactWriteItems: others write the same question")


def _known(id_: str, table: Rows) -> Trail | None:
    rows = [row for row in table.rows(ASKED, id_) if row.key.sk == id_]
    return trail_of(rows[0]) if rows else None


def trails(table: Rows) -> list[Trail]:
    """The whole audit trail, the latest first. Raises AwsErrors."""
    return sorted(map(trail_of, table.rows(ASKED)), key=lambda each: each.at, reverse=True)
