"""What one plan holds: a call for each service and verdict, holds, and the findings that fit.

A state of the workflow carries 256 KiB, all in all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import get_args

from autopilot.connections.decision import DecidedRequest, DecisionContext
from autopilot.connections.facts import Connection, ConnectionFacts, Remembered
from autopilot.connections.holds import Answered, Hold, HoldClosure, HoldRow
from autopilot.connections.messages import ANSWER_FAILED, HELD
from autopilot.connections.plan import Answer, AnswerItem, AnswerOutcome
from autopilot.connections.request import LookRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile.rounds import LAST_ROUND

MOST_AT_ONCE = 100
"""Endpoints in one call. AWS names no limit for endpoints (for attachments: 50)."""
MOST_ANSWERS = 200
"""Endpoints in one plan, with what comes of them."""
MOST_HOLDS = 100
"""Holds that one plan opens."""
MOST_FINDINGS = 80_000
"""Bytes. The rest is for the answers with their reasons, and for the holds."""


def in_turn(wanted: Sequence[DecidedRequest], request: LookRequest) -> tuple[DecidedRequest, ...]:
    """Those that this look may answer, as many as a plan holds.

    The first look: all. A further one: what came out stale, until the last round; never what
    failed, so that an execution ends.
    """
    if request.round_number == 1:
        return tuple(wanted[:MOST_ANSWERS])
    if request.round_number > LAST_ROUND:
        return ()
    stale = _stale(request)
    return tuple(each for each in wanted if each.subject in stale)


def given_up(wanted: Iterable[DecidedRequest], request: LookRequest) -> tuple[Finding, ...]:
    """Answers still wanted that stayed stale through all rounds, as findings that they failed."""
    if request.round_number <= LAST_ROUND:
        return ()
    stale = _stale(request)
    return tuple(_failed(each, stale[each.subject]) for each in wanted if each.subject in stale)


def batches(turn: Iterable[DecidedRequest]) -> tuple[AnswerItem, ...]:
    """One item for each service and verdict, more where one call would be too long."""
    groups: dict[tuple[str, str], list[DecidedRequest]] = {}
    for each in turn:
        groups.setdefault((each.service_id, each.verdict.action), []).append(each)
    return tuple(
        _item(verdict, group[start : start + MOST_AT_ONCE], start // MOST_AT_ONCE + 1)
        for (_, action), group in sorted(groups.items())
        for verdict in get_args(Answer)
        if verdict == action
        for start in range(0, len(group), MOST_AT_ONCE)
    )


def _item(verdict: Answer, group: Sequence[DecidedRequest], number: int) -> AnswerItem:
    first = group[0]
    return AnswerItem(
        id=f"{first.service_id}/{verdict}/{number}",
        service_id=first.service_id,
        service_name=first.service_name,
        verdict=verdict,
        endpoint_ids=tuple(each.endpoint_id for each in group),
        reasons={each.endpoint_id: each.why for each in group},
    )


def _stale(request: LookRequest) -> Mapping[str, AnswerOutcome]:
    """By subject those whose last outcome is that they were stale."""
    last: dict[str, AnswerOutcome | None] = {}
    for outcome in request.outcomes:
        last |= dict.fromkeys(outcome.item.subjects(outcome.item.endpoint_ids))
        last |= dict.fromkeys(outcome.item.subjects(outcome.stale), outcome)
    return {subject: outcome for subject, outcome in last.items() if outcome}


def _failed(each: DecidedRequest, outcome: AnswerOutcome) -> Finding:
    data = {
        **each.about,
        "service_name": outcome.item.service_name,
        "error": outcome.error,
        "message": outcome.message,
        "action": each.verdict.action,
        "reason": each.verdict.reason,
    }
    return ANSWER_FAILED.about(each.subject, data)


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
        for row in sorted(facts.holds.values(), key=lambda row: row.endpoint_id)
        if facts.looked_at == "all" or row.service_id in facts.looked_at
        if row.stands(context.now) and not row.being_answered(context.now)
        for closure in _closure(row, seen.get(row.endpoint_id))
    )


def waits(each: DecidedRequest, rows: Mapping[str, HoldRow], context: DecisionContext) -> Finding:
    """What ops need to know to decide on a held request."""
    hold = _hold(each, context)
    row = rows.get(each.endpoint_id)
    if row and row.stands(context.now):
        name, expires = row.name, row.expires
    else:
        name, expires = hold.name, context.now + timedelta(seconds=hold.hold_for_seconds)
    data = {
        **each.about,
        "reason": hold.reason,
        "created": hold.created,
        "hold": name,
        "expires": expires.isoformat(timespec="seconds"),
    }
    return HELD.about(each.subject, data)


def _hold(each: DecidedRequest, context: DecisionContext) -> Hold:
    """The name never comes twice, even if the ledger is lost: Step Functions keeps it 90 days."""
    return Hold(
        name=f"hold-{each.endpoint_id}-{int(context.now.timestamp())}",
        **each.about,
        reason=each.verdict.reason,
        created=each.why.created,
        hold_for_seconds=context.policy.connections.hold_for_seconds,
    )


def _closure(row: HoldRow, each: DecidedRequest | None) -> Iterator[HoldClosure]:
    if each is None:
        yield _closed(row, "gone", "", "the endpoint is gone")
    elif each.verdict.action in ("accept", "reject"):
        yield _closed(row, "policy", "", f"the policy decides it now: {each.verdict.reason}")
    elif each.request.connection.stage in ("live", "over"):
        yield _answered(row, each.request.connection, each.request.memory)


def _answered(row: HoldRow, connection: Connection, memory: Remembered | None) -> HoldClosure:
    by = memory.by if memory and memory.a_person_decided else ""
    if memory and not by and memory.state in ("accepted", "rejected", "cutting"):
        return _closed(row, "policy", "", memory.reason)
    if connection.stage == "live":
        return _closed(row, "accept", by, "it was accepted in the console or by the CLI")
    if connection.state.lower() == "rejected":
        return _closed(row, "reject", by, "it was rejected in the console or by the CLI")
    return _closed(row, "gone", "", f"the endpoint's state is {connection.state}")


def _closed(row: HoldRow, answered: Answered, by: str, why: str) -> HoldClosure:
    return HoldClosure(row.endpoint_id, row.service_id, answered, by, why)
