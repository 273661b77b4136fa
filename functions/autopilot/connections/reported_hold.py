"""What a hold reports at its end: who decided, or that nobody did in time."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.connections.holds import HoldAnswer
from autopilot.connections.remembered import AUTOPILOT, EXPIRY
from autopilot.connections.report import HoldReport, answered, failed
from autopilot.connections.reported import answer_failed
from autopilot.notify.bus import answers_on_the_bus
from autopilot.notify.completed import CompletedChange, HoldEnd, by_verdict
from autopilot.notify.finding import Finding
from autopilot.notify.reported import View


def view_of_hold(report: HoldReport) -> View:
    """What `report` says.

    The end of its ConnectionHeld is told by what ended it: by a deed, or (the request is gone, or
    the policy decides it now) as any finding's.
    """
    done, not_done = answered(report.outcomes), failed(report.outcomes)
    deeds = tuple(_deeds(report))
    return View(
        findings=tuple(answer_failed(*each) for each in not_done.items()),
        can_resolve=lambda finding, _present: _vouches(report, finding),
        deeds=deeds,
        events=answers_on_the_bus(done, report.execution),
        counted={"ChangesFailed": len(not_done)},
        silently=frozenset({f"ConnectionHeld/{report.subject}"}) if deeds else frozenset(),
    )


def _vouches(report: HoldReport, finding: Finding) -> bool:
    if finding.subject != report.subject:
        return False
    if finding.kind == "AnswerFailed":
        return bool(answered(report.outcomes))
    # A hold may also end because another one took its place; then that one's request waits on.
    replaced = report.answer is not None and report.answer.answered == "policy"
    ours = not replaced or finding.data.get("hold") == report.hold.name
    return finding.kind == "ConnectionHeld" and ours


def _deeds(report: HoldReport) -> Iterator[CompletedChange]:
    answer = report.answer
    outcome = report.outcomes[-1] if report.outcomes else None
    if answer is None or (outcome and outcome.result == "failed"):
        return
    match answer.answer:
        case "accept" | "reject":
            yield HoldEnd(report.hold, answer, outcome)
        case "expired":
            yield from _at_the_last_moment(report) or by_verdict(answered(report.outcomes))
        case "closed":
            if answer.answered in ("accept", "reject"):
                yield HoldEnd(report.hold, answer, None)


def _at_the_last_moment(report: HoldReport) -> tuple[CompletedChange, ...]:
    """A person answered while time ran out, and that was carried out."""
    return tuple(
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
        for each in answered(report.outcomes)
        if each.by not in (AUTOPILOT, EXPIRY)
    )
