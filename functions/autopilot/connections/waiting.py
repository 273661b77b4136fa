"""Requests that wait for a person: which holds to open, and which to close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Connection, ConnectionFacts
from autopilot.connections.holds import Answered, Hold, HoldClosure, HoldRow
from autopilot.connections.items import DecidedRequest
from autopilot.connections.messages import HELD
from autopilot.connections.remembered import Remembered
from autopilot.notify.finding import Finding

MOST_HOLDS = 100
"""Holds that one plan opens: it must fit into a state of the workflow."""


def held(decided: Iterable[DecidedRequest]) -> tuple[DecidedRequest, ...]:
    """Those that wait for a person, in the order of their services and ids."""
    waiting = (each for each in decided if each.verdict.action == "hold")
    return tuple(sorted(waiting, key=lambda each: each.case.connection.subject))


def to_open(
    waiting: Iterable[DecidedRequest], rows: Mapping[str, HoldRow], context: DecisionContext
) -> tuple[Hold, ...]:
    """The holds that no execution waits for yet."""
    return tuple(
        _hold(each, context)
        for each in waiting
        if not (each.endpoint_id in rows and rows[each.endpoint_id].stands(context.now))
    )


def to_close(
    decided: Iterable[DecidedRequest], facts: ConnectionFacts, context: DecisionContext
) -> tuple[HoldClosure, ...]:
    """The holds whose request is answered or gone, or that the policy decides now."""
    seen = {each.endpoint_id: each for each in decided}
    return tuple(
        closure
        for row in _looked_at(facts)
        if row.stands(context.now) and not row.being_answered(context.now)
        for closure in _closure(row, seen.get(row.endpoint_id))
    )


def finding(each: DecidedRequest, rows: Mapping[str, HoldRow], context: DecisionContext) -> Finding:
    """What ops need to know to decide on a held request."""
    hold = _hold(each, context)
    row = rows.get(each.endpoint_id)
    if row and row.stands(context.now):
        name, expires = row.name, row.expires
    else:
        name, expires = hold.name, context.now + timedelta(seconds=hold.hold_for_seconds)
    data = {
        "service_id": hold.service_id,
        "service_name": hold.service_name,
        "endpoint_id": hold.endpoint_id,
        "owner": hold.owner,
        "reason": hold.reason,
        "created": hold.created,
        "hold": name,
        "expires": expires.isoformat(timespec="seconds"),
    }
    return HELD.about(each.case.connection.subject, data)


def _hold(each: DecidedRequest, context: DecisionContext) -> Hold:
    """The name never comes twice, even if the ledger is lost: Step Functions keeps it 90 days."""
    connection, service = each.case.connection, each.case.service
    return Hold(
        name=f"hold-{connection.endpoint_id}-{int(context.now.timestamp())}",
        endpoint_id=connection.endpoint_id,
        service_id=connection.service_id,
        service_name=service.name if service else "",
        owner=connection.owner,
        reason=each.verdict.reason,
        created=connection.created,
        hold_for_seconds=context.policy.connections.hold_for_seconds,
    )


def _looked_at(facts: ConnectionFacts) -> Iterator[HoldRow]:
    """The holds that this survey can speak for."""
    for row in sorted(facts.holds.values(), key=lambda row: row.endpoint_id):
        if facts.looked_at == "all" or row.service_id in facts.looked_at:
            yield row


def _closure(row: HoldRow, each: DecidedRequest | None) -> Iterator[HoldClosure]:
    if each is None:
        yield HoldClosure(row.endpoint_id, row.service_id, "gone", "", "the endpoint is gone")
    elif each.verdict.action in ("accept", "reject"):
        yield _closed(row, "policy", "", f"the policy decides it now: {each.verdict.reason}")
    elif each.case.connection.stage in ("live", "over"):
        yield _answered(row, each.case.connection, each.case.memory)


def _answered(row: HoldRow, connection: Connection, memory: Remembered | None) -> HoldClosure:
    by = memory.by if memory and memory.a_persons else ""
    if memory and not by and memory.state in ("accepted", "rejected", "cutting"):
        return _closed(row, "policy", "", memory.reason)
    if connection.stage == "live":
        return _closed(row, "accept", by, "it was accepted in the console or by the CLI")
    if connection.state.lower() == "rejected":
        return _closed(row, "reject", by, "it was rejected in the console or by the CLI")
    return _closed(row, "gone", "", f"the endpoint's state is {connection.state}")


def _closed(row: HoldRow, answered: Answered, by: str, why: str) -> HoldClosure:
    return HoldClosure(row.endpoint_id, row.service_id, answered, by, why)
