"""What the connections workflow and its holds report: answers, and what stands in their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from autopilot.connections import messages, zone_rows
from autopilot.connections.facts import AUTOPILOT, EXPIRY
from autopilot.connections.holds import HoldAnswer
from autopilot.connections.messages_answers import Answers, hold_events
from autopilot.connections.messages_holds import HoldEnd
from autopilot.connections.plan import AnswerOutcome
from autopilot.connections.report import Answered, ConnectionReport, HoldReport, answered, failed
from autopilot.connections.zones import Alignment
from autopilot.notify.bus import CompletedChange
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Memory
from autopilot.notify.report import Noted, View


def view_of(report: ConnectionReport, _memory: Memory) -> View:
    """What `report` says."""
    done, not_done = answered(report.outcomes), failed(report.outcomes)
    holds = report.plan.holds if report.plan else ()
    return View(
        findings=tuple(_seen(report, not_done)),
        judges=messages.FINDINGS,
        changes=by_verdict(done, report.zones.alignments if report.zones else ()),
        others=tuple(hold_events(holds, report.execution)),
        # A cut follows from a policy or a permission; nobody notifies us of these.
        healed=tuple(each.subject for each in done if each.verdict != "cut"),
        unannounced=messages.NOT_ARRIVING,
        silently=frozenset(f"{messages.PLANNED_ANSWER.kind}/{each.subject}" for each in done),
        counted={
            "ChangesFailed": len(not_done),
            "AnswerTime": tuple(each.waited for each in done if each.waited is not None),
        },
        noted=_compared(report),
    )


def _compared(report: ConnectionReport) -> Noted | None:
    """How zones meet, where they do as well: a finding tells only that they don't."""
    if report.zones is None or not report.zones.alignments:
        return None
    of = partial(zone_rows.compared, report.zones.alignments, execution=report.execution)
    return Noted(zone_rows.ZONES, lambda rows, now: of(rows, now=now))


def view_of_hold(report: HoldReport, _memory: Memory) -> View:
    """What `report` says.

    The end of its ConnectionHeld is told by what ended it: by a change, or (the request is gone,
    or the policy decides it now) as any finding's.
    """
    not_done = failed(report.outcomes)
    changes = tuple(_ends(report))
    return View(
        findings=tuple(_failed(*each) for each in not_done.items()),
        judges=messages.FINDINGS,
        changes=changes,
        counted={"ChangesFailed": len(not_done)},
        silently=frozenset({f"{messages.HELD.kind}/{report.subject}"} if changes else ()),
    )


def by_verdict(
    connections: Iterable[Answered], compared: Iterable[Alignment] = ()
) -> tuple[CompletedChange, ...]:
    """What answers come to, one change for each verdict."""
    zones = {each.subject: {"status": each.status, "why": each.why} for each in compared}
    groups: dict[str, list[Answered]] = {verdict: [] for verdict in messages.BY_VERDICT}
    for each in connections:
        groups[each.verdict].append(each)
    return tuple(
        messages.BY_VERDICT[verdict].done(Answers(tuple(alike), zones))
        for verdict, alike in groups.items()
        if alike
    )


def _seen(report: ConnectionReport, not_done: Mapping[str, AnswerOutcome]) -> Iterator[Finding]:
    yield from report.plan.findings if report.plan else ()
    yield from report.zones.findings if report.zones else ()
    for subject, outcome in not_done.items():
        yield _failed(subject, outcome)
    for registration in report.registered:
        if registration.result == "failed":
            data = {"error": registration.error, "message": registration.message}
            yield messages.NOT_REGISTERED.about(registration.service_id, data)


def _failed(subject: str, outcome: AnswerOutcome) -> Finding:
    """The finding that the connection `subject` could not be answered."""
    endpoint = subject.split("/")[1]
    why = outcome.item.reasons.get(endpoint)
    data = {
        "service_id": outcome.item.service_id,
        "service_name": outcome.item.service_name,
        "endpoint_id": endpoint,
        "owner": why.owner if why else "",
        "error": outcome.error,
        "message": outcome.message,
        "action": outcome.item.verdict,
        "reason": why.reason if why else "",
    }
    return messages.ANSWER_FAILED.about(subject, data)


def _ends(report: HoldReport) -> Iterator[CompletedChange]:
    answer = report.answer
    outcome = report.outcomes[-1] if report.outcomes else None
    if answer is None or (outcome and outcome.result == "failed"):
        return
    match answer.answer:
        case "accept" | "reject":
            yield messages.HOLD_ANSWERED.done(HoldEnd(report.hold, answer, outcome))
        case "expired":
            yield from _at_the_last_moment(report) or by_verdict(answered(report.outcomes))
        case "closed":
            if answer.answered in ("accept", "reject"):
                yield messages.HOLD_ANSWERED.done(HoldEnd(report.hold, answer, None))


def _at_the_last_moment(report: HoldReport) -> tuple[CompletedChange, ...]:
    """A person answered while time ran out, and that was carried out."""
    return tuple(
        messages.HOLD_ANSWERED.done(
            HoldEnd(
                report.hold,
                HoldAnswer(
                    "accept" if each.verdict == "accept" else "reject",
                    by=each.by,
                    reason=each.why.reason,
                    at=each.at,
                ),
                report.outcomes[-1],
            )
        )
        for each in answered(report.outcomes)
        if each.by not in (AUTOPILOT, EXPIRY)
    )
