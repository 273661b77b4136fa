"""The plan of one look at the connections: what to answer, hold, compare, register and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from autopilot.connections import items
from autopilot.connections.decision import DecisionContext
from autopilot.connections.desired import DecidedRequest, held, to_answer, verdicts
from autopilot.connections.facts import EVENTS, ConnectionFacts
from autopilot.connections.messages import NOT_ALLOWED, PLANNED_ANSWER
from autopilot.connections.plan import ConnectionPlan, LeftAlone, Registration
from autopilot.connections.remembered import NOBODY
from autopilot.connections.request import LookRequest
from autopilot.connections.zoning import to_compare
from autopilot.notify.finding import Finding
from autopilot.reconcile.rounds import counted, got_something_done, tellable


def plan(
    facts: ConnectionFacts, request: LookRequest, context: DecisionContext, topic: str
) -> ConnectionPlan:
    """The plan for this look. `topic` is the ARN of the one that notifications are to go to."""
    decided = verdicts(facts, context)
    if context.policy.mode == "audit":
        return _announced(decided, request, facts, context)
    wanted, waiting = to_answer(decided), held(decided)
    turn, opening = items.in_turn(wanted, request), items.to_open(waiting, facts.holds, context)
    findings = (
        *(items.waits(each, facts.holds, context) for each in waiting),
        *_reported(decided),
        *items.given_up(wanted, request),
    )
    later = len(wanted) - len(turn)
    return replace(
        _read_only(decided, findings, request, facts, context, turn),
        items=items.batches(turn),
        register=_to_register(facts, topic),
        holds=opening[: items.MOST_HOLDS],
        close_holds=items.to_close(decided, facts, context),
        more=_more(later + max(0, len(opening) - items.MOST_HOLDS), request),
        expect=tuple(sorted({*request.expect, *(each.endpoint_id for each in turn)})),
    )


def light(request: LookRequest) -> ConnectionPlan | None:
    """The plan of a further look at answers that are all settled: the first said all of the rest.

    None: this look must see everything.
    """
    stale = any(outcome.stale for outcome in request.outcomes)
    if request.before is None or request.round_number == 1 or stale:
        return None
    return replace(request.before, items=(), more=_more(0, request))


def _announced(
    decided: Sequence[DecidedRequest],
    request: LookRequest,
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
    request: LookRequest,
    facts: ConnectionFacts,
    context: DecisionContext,
    turn: Sequence[DecidedRequest],
) -> ConnectionPlan:
    """What of the plan changes nothing."""
    everything = facts.looked_at == "all"
    seen = [each.id for each in facts.services] if everything else facts.looked_at
    most = items.MOST_FINDINGS
    told, looked_at = tellable(
        findings, "service_id", seen, facts.looked_at, most=most, whole=False
    )
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
        left=counted(left),
    )


def _reported(decided: Iterable[DecidedRequest]) -> Iterator[Finding]:
    """Live connections that nothing allows and that are not ours to cut."""
    for each in decided:
        if each.verdict.report:
            memory = each.request.memory
            by_person = memory is not None and memory.a_person_accepted
            yield NOT_ALLOWED.about(
                each.subject,
                {**_about(each), "accepted_by": memory.accepted_by if memory else NOBODY},
                "info" if by_person else None,
            )


def _planned(each: DecidedRequest) -> Finding:
    data = {**_about(each), "action": each.verdict.action}
    return PLANNED_ANSWER.about(each.subject, data)


def _about(each: DecidedRequest) -> dict[str, str]:
    return {**each.about, "reason": each.verdict.reason, "rule": each.verdict.rule}


def _to_register(facts: ConnectionFacts, topic: str) -> tuple[Registration, ...]:
    """The services whose notifications don't reach us, or not all. Only those with interface
    endpoints know notifications (EC2 API reference)."""
    reaching = [each for each in facts.notifications or () if each.topic == topic]
    heard = {each.service_id for each in reaching if set(EVENTS) <= set(each.events)}
    partly = {each.service_id: each.id for each in reaching}
    return tuple(
        Registration(service.id, partly.get(service.id))
        for service in sorted(facts.services, key=lambda service: service.id)
        if service.interface and facts.notifications is not None and service.id not in heard
    )


def _more(later: int, request: LookRequest) -> int:
    """How much another execution must do.

    A further look: what the first one left, unless nothing got done: else the rest would start a
    chain without end.
    """
    if request.round_number == 1:
        return later
    return request.before.more if got_something_done(request) and request.before else 0
