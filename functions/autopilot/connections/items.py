"""What one plan does and says: a call for each service and verdict, and the findings that fit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autopilot.connections.decision import ConnectionRequest, Verdict
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.messages import ANSWER_FAILED
from autopilot.connections.plan import Answer, AnswerItem, AnswerOutcome, Why
from autopilot.connections.request import ConnectionsRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile.plan import LookedAt
from autopilot.reconcile.rounds import LAST_ROUND

MOST_AT_ONCE = 100
"""Endpoints in one call. AWS names no limit for endpoints (for attachments: 50)."""
MOST_ANSWERS = 200
"""Endpoints in one plan: it must fit into a state of the workflow, with what comes of it."""

_ANSWERS: tuple[Answer, ...] = ("accept", "reject", "cut")


@dataclass(frozen=True)
class DecidedRequest:
    """A case with its verdict."""

    case: ConnectionRequest
    verdict: Verdict

    @property
    def endpoint_id(self) -> str:
        """The consumer's endpoint."""
        return self.case.connection.endpoint_id

    @property
    def why(self) -> Why:
        """What its answer's reason is."""
        connection = self.case.connection
        return Why(self.verdict.reason, self.verdict.rule, connection.owner, connection.created)


def to_answer(decided: Iterable[DecidedRequest]) -> tuple[DecidedRequest, ...]:
    """Those that ask for a call, in the order of their services and ids."""
    wanted = (each for each in decided if each.verdict.action in _ANSWERS)
    return tuple(sorted(wanted, key=lambda each: each.case.connection.subject))


def in_turn(
    wanted: Sequence[DecidedRequest], request: ConnectionsRequest
) -> tuple[DecidedRequest, ...]:
    """Those that this look may answer, as many as a plan holds.

    The first look: all. A further one: what came out stale, until the last round; never what
    failed, so that an execution ends.
    """
    if request.round_number == 1:
        return tuple(wanted[:MOST_ANSWERS])
    if request.round_number > LAST_ROUND:
        return ()
    stale = _stale(request)
    return tuple(each for each in wanted if each.case.connection.subject in stale)


def given_up(wanted: Iterable[DecidedRequest], request: ConnectionsRequest) -> tuple[Finding, ...]:
    """Answers still wanted that stayed stale through all rounds, as findings that they failed."""
    if request.round_number <= LAST_ROUND:
        return ()
    stale = _stale(request)
    return tuple(
        _failed(each, stale[each.case.connection.subject])
        for each in wanted
        if each.case.connection.subject in stale
    )


def batches(turn: Iterable[DecidedRequest]) -> tuple[AnswerItem, ...]:
    """One item for each service and verdict, more where one call would be too long."""
    groups: dict[tuple[str, str], list[DecidedRequest]] = {}
    for each in turn:
        key = each.case.connection.service_id, each.verdict.action
        groups.setdefault(key, []).append(each)
    return tuple(
        _item(group[start : start + MOST_AT_ONCE], start // MOST_AT_ONCE + 1)
        for _, group in sorted(groups.items())
        for start in range(0, len(group), MOST_AT_ONCE)
    )


def _item(group: Sequence[DecidedRequest], number: int) -> AnswerItem:
    first = group[0]
    service_id, action = first.case.connection.service_id, first.verdict.action
    verdict = next(answer for answer in _ANSWERS if answer == action)
    return AnswerItem(
        id=f"{service_id}/{verdict}/{number}",
        service_id=service_id,
        service_name=first.case.service.name if first.case.service else "",
        verdict=verdict,
        endpoint_ids=tuple(each.endpoint_id for each in group),
        reasons={each.endpoint_id: each.why for each in group},
    )


def _stale(request: ConnectionsRequest) -> Mapping[str, AnswerOutcome]:
    """By subject those whose last outcome is that they were stale."""
    last: dict[str, AnswerOutcome | None] = {}
    for outcome in request.outcomes:
        last |= {f"{outcome.service_id}/{id_}": None for id_ in outcome.endpoint_ids}
        last |= {f"{outcome.service_id}/{id_}": outcome for id_ in outcome.stale}
    return {subject: outcome for subject, outcome in last.items() if outcome}


def _failed(each: DecidedRequest, outcome: AnswerOutcome) -> Finding:
    connection = each.case.connection
    data = {
        "service_id": connection.service_id,
        "service_name": outcome.service_name,
        "endpoint_id": connection.endpoint_id,
        "owner": connection.owner,
        "error": outcome.error,
        "message": outcome.message,
        "action": each.verdict.action,
        "reason": each.verdict.reason,
    }
    return ANSWER_FAILED.about(connection.subject, data)


# Bytes. The rest is for 200 answers with their reasons, and for 100 holds.
_MOST_FINDINGS = 80_000


def tellable(
    findings: Sequence[Finding], facts: ConnectionFacts
) -> tuple[tuple[Finding, ...], LookedAt]:
    """The findings that fit, and the services whose findings they all are.

    A service that has others, too, counts as not looked at: nothing of it is taken back.
    """
    room = _MOST_FINDINGS
    told: list[Finding] = []
    without: set[str] = set()
    for finding in sorted(findings, key=lambda finding: finding.id):
        room -= len(json.dumps(finding.to_json()))
        if room >= 0:
            told.append(finding)
        else:
            without.add(finding.subject.split("/")[0])
    if not without:
        return tuple(told), facts.looked_at
    everything = facts.looked_at == "all"
    seen = [service.id for service in facts.services] if everything else facts.looked_at
    return tuple(told), tuple(sorted(set(seen) - without))
