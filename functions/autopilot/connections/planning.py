"""The plan of one look at the connections: what to answer, hold, compare, register and report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from autopilot.connections import items
from autopilot.connections.decision import DecidedFacts, DecidedRequest
from autopilot.connections.facts import EVENTS, NOBODY, ConnectionFacts
from autopilot.connections.messages import NOT_ALLOWED, PLANNED_ANSWER
from autopilot.connections.plan import ConnectionPlan, LeftAlone, Registration
from autopilot.connections.request import LookRequest
from autopilot.connections.zoning import to_compare
from autopilot.notify.finding import Finding
from autopilot.reconcile.rounds import counted, got_something_done, tellable


def plan(seen: DecidedFacts, request: LookRequest, topic: str) -> ConnectionPlan:
    """The plan for this look. `topic` is the ARN of the one that notifications are to go to."""
    facts, context, wanted, waiting = seen.facts, seen.context, seen.to_answer, seen.held
    if context.policy.mode == "audit":
        return _announced((*wanted, *waiting), seen, request)
    turn, opening = items.in_turn(wanted, request), items.to_open(waiting, facts.holds, context)
    findings = (
        *(items.waits(each, facts.holds, context) for each in waiting),
        *_reported(seen.connections),
        *items.given_up(wanted, request),
    )
    later = len(wanted) - len(turn)
    return replace(
        _read_only(seen, findings, request, turn),
        items=items.batches(turn),
        register=_to_register(facts, topic),
        holds=opening[: items.MOST_HOLDS],
        close_holds=items.to_close(seen.connections, facts, context),
        more=_more(later + max(0, len(opening) - items.MOST_HOLDS), request),
        expect=tuple(sorted({*request.expect, *(each.endpoint_id for each in turn)})),
    )


def light(request: LookRequest) -> ConnectionPlan:
    """The plan of a light look: the first one's, with nothing left to answer."""
    return replace(request.before or ConnectionPlan(), items=(), more=_more(0, request))


def _announced(
    wanted: Sequence[DecidedRequest], seen: DecidedFacts, request: LookRequest
) -> ConnectionPlan:
    """In audit mode nothing is answered, held or registered: ops get what would be."""
    findings = (*map(_planned, wanted), *_reported(seen.connections))
    made = _read_only(seen, findings, request, ())
    return replace(made, left={**made.left, "audit mode": len(wanted)} if wanted else made.left)


def _read_only(
    seen: DecidedFacts,
    findings: Sequence[Finding],
    request: LookRequest,
    turn: Sequence[DecidedRequest],
) -> ConnectionPlan:
    """What of the plan changes nothing."""
    looked_at, everything = seen.facts.looked_at, [each.id for each in seen.facts.services]
    told, told_of = tellable(
        findings,
        "service_id",
        everything if looked_at == "all" else looked_at,
        looked_at,
        most=items.MOST_FINDINGS,
        whole=False,
    )
    zones, too_many = to_compare(seen, turn, request)
    left: Counter[LeftAlone] = Counter(
        each.verdict.left for each in seen.connections if each.verdict.action in ("leave", "hold")
    )
    left["findings too many at once"] = len(findings) - len(told)
    left["zones of too many at once"] = too_many
    return ConnectionPlan(zones=zones, findings=told, looked_at=told_of, left=counted(left))


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
