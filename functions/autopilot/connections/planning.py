"""The plan of one look at the connections: what to answer, hold, compare, register and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from autopilot.connections.decision import ConnectionRequest, DecisionContext, Verdict, decide
from autopilot.connections.facts import EVENTS, ConnectionFacts
from autopilot.connections.items import (
    DecidedRequest,
    batches,
    given_up,
    in_turn,
    tellable,
    to_answer,
)
from autopilot.connections.messages import NOT_ALLOWED, PLANNED_ANSWER
from autopilot.connections.plan import ConnectionPlan, LeftAlone, Registration
from autopilot.connections.request import ConnectionsRequest
from autopilot.connections.waiting import MOST_HOLDS, finding, held, to_close, to_open
from autopilot.connections.zoning import to_compare
from autopilot.notify.finding import Finding


def verdicts(facts: ConnectionFacts, context: DecisionContext) -> tuple[DecidedRequest, ...]:
    """Every connection with its verdict, in the order of their services and ids."""
    services = {service.id: service for service in facts.services}
    cases = [
        ConnectionRequest(
            connection=connection,
            service=services.get(connection.service_id),
            permissions=facts.permissions.get(connection.service_id),
            memory=facts.memory.get(connection.subject),
            zones=facts.alignments.get(connection.endpoint_id),
        )
        for connection in sorted(facts.connections, key=lambda c: (c.subject, c.state))
    ]
    return tuple(DecidedRequest(case, _unless_answered(case, facts, context)) for case in cases)


def owners_to_ask_for(decided: Iterable[DecidedRequest]) -> frozenset[str]:
    """The owners whose place in the organization could change a verdict."""
    return frozenset(d.case.connection.owner for d in decided if d.verdict.unknown)


def plan(
    decided: Sequence[DecidedRequest],
    request: ConnectionsRequest,
    facts: ConnectionFacts,
    context: DecisionContext,
    topic: str,
) -> ConnectionPlan:
    """The plan for this look. `topic` is the ARN of the one that notifications are to go to."""
    if context.policy.mode == "audit":
        return _announced(decided, request, facts, context)
    wanted, waiting = to_answer(decided), held(decided)
    turn, opening = in_turn(wanted, request), to_open(waiting, facts.holds, context)
    findings = (
        *(finding(each, facts.holds, context) for each in waiting),
        *_reported(decided),
        *given_up(wanted, request),
    )
    later = len(wanted) - len(turn)
    return replace(
        _read_only(decided, findings, request, facts, context, turn),
        items=batches(turn),
        register=_to_register(facts, topic),
        holds=opening[:MOST_HOLDS],
        close_holds=to_close(decided, facts, context),
        more=_more(later + max(0, len(opening) - MOST_HOLDS), request),
        expect=tuple(sorted({*request.expect, *(each.endpoint_id for each in turn)})),
    )


def light(request: ConnectionsRequest) -> ConnectionPlan | None:
    """The plan of a further look at answers that are all settled: the first said all of the rest.

    None: this look must see everything.
    """
    stale = any(outcome.stale for outcome in request.outcomes)
    if request.before is None or request.round_number == 1 or stale:
        return None
    return replace(request.before, items=(), more=_more(0, request))


def _unless_answered(
    case: ConnectionRequest, facts: ConnectionFacts, context: DecisionContext
) -> Verdict:
    """A person's answer to the hold goes before whatever the policy says meanwhile."""
    row = facts.holds.get(case.connection.endpoint_id)
    if row and row.being_answered(context.now) and case.connection.stage == "asking":
        reason = f"{row.by} has answered it"
        return Verdict("leave", reason, left="another execution answers it")
    return decide(case, context)


def _announced(
    decided: Sequence[DecidedRequest],
    request: ConnectionsRequest,
    facts: ConnectionFacts,
    context: DecisionContext,
) -> ConnectionPlan:
    """In audit mode nothing is answered, held or registered: ops get what would be."""
    wanted = (*to_answer(decided), *held(decided))
    findings = (*map(_planned, wanted), *_reported(decided))
    made = _read_only(decided, findings, request, facts, context, ())
    return replace(made, left={**made.left, "audit mode": len(wanted)} if wanted else made.left)


def _read_only(
    decided: Sequence[DecidedRequest],
    findings: Sequence[Finding],
    request: ConnectionsRequest,
    facts: ConnectionFacts,
    context: DecisionContext,
    turn: Sequence[DecidedRequest],
) -> ConnectionPlan:
    """What of the plan changes nothing."""
    told, looked_at = tellable(findings, facts)
    zones, too_many = to_compare(decided, turn, request, context)
    left: Counter[LeftAlone] = Counter(
        each.verdict.left for each in decided if each.verdict.action in ("leave", "hold")
    )
    left["findings too many at once"] = len(findings) - len(told)
    left["zones of too many at once"] = too_many
    return ConnectionPlan(
        zones=zones,
        findings=told,
        looked_at=looked_at,
        left={reason: count for reason, count in sorted(left.items()) if count},
    )


def _reported(decided: Iterable[DecidedRequest]) -> Iterator[Finding]:
    """Live connections that nothing allows and that are not ours to cut."""
    for each in decided:
        if each.verdict.report:
            memory = each.case.memory
            known = memory and (memory.we_accepted or memory.a_person_accepted)
            by_person = memory is not None and memory.a_person_accepted
            yield NOT_ALLOWED.about(
                each.case.connection.subject,
                {**_about(each), "accepted_by": memory.by if memory and known else ""},
                "info" if by_person else None,
            )


def _planned(each: DecidedRequest) -> Finding:
    data = {**_about(each), "action": each.verdict.action}
    return PLANNED_ANSWER.about(each.case.connection.subject, data)


def _about(each: DecidedRequest) -> dict[str, str]:
    connection, service = each.case.connection, each.case.service
    return {
        "service_id": connection.service_id,
        "service_name": service.name if service else "",
        "endpoint_id": connection.endpoint_id,
        "owner": connection.owner,
        "reason": each.verdict.reason,
        "rule": each.verdict.rule,
    }


def _to_register(facts: ConnectionFacts, topic: str) -> tuple[Registration, ...]:
    """The services whose notifications don't reach us, or not all. Only those with interface
    endpoints know notifications (EC2 API reference)."""
    ours = [each for each in facts.notifications or () if each.topic == topic]
    heard = {each.service_id for each in ours if set(EVENTS) <= set(each.events)}
    partly = {each.service_id: each.id for each in ours}
    return tuple(
        Registration(service.id, partly.get(service.id))
        for service in sorted(facts.services, key=lambda service: service.id)
        if service.interface and facts.notifications is not None and service.id not in heard
    )


def _more(later: int, request: ConnectionsRequest) -> int:
    """How much another execution must do.

    A further look: what the first one left, unless nothing got done: else the rest would start a
    chain without end.
    """
    if request.round_number == 1:
        return later
    done = any(outcome.result == "done" for outcome in request.outcomes)
    return request.before.more if done and request.before else 0
