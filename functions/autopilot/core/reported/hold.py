"""What a hold reports at its end: who decided, or that nobody did in time."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.core.answered import answered, failed
from autopilot.core.bus_events import answers_on_the_bus
from autopilot.core.deeds import Deed, HoldEnd, by_verdict
from autopilot.core.report import HoldReport
from autopilot.core.reported.connections import answer_failed, counted_answers, errors
from autopilot.core.reported.view import View


def view_of_hold(report: HoldReport) -> View:
    """What `report` says.

    The end of its ConnectionHeld is told by what ended it: by a deed, or (the request is gone, or
    the policy decides it now) as any finding's.
    """
    done, not_done = answered(report.outcomes), failed(report.outcomes)
    deeds = tuple(_deeds(report))
    held = f"ConnectionHeld/{report.subject}"
    return View(
        findings=tuple(answer_failed(*each) for each in not_done.items()),
        vouches=lambda finding, _present: (
            finding.subject == report.subject and finding.kind in ("ConnectionHeld", "AnswerFailed")
        ),
        deeds=deeds,
        events=answers_on_the_bus(done, report.execution),
        errors=errors(not_done),
        counted=counted_answers(done, len(not_done)),
        silently=frozenset({held}) if deeds else frozenset(),
    )


def _deeds(report: HoldReport) -> Iterator[Deed]:
    answer = report.answer
    outcome = report.outcomes[-1] if report.outcomes else None
    if answer is None or (outcome and outcome.result == "failed"):
        return
    match answer.answer:
        case "accept" | "reject":
            yield HoldEnd(report.hold, answer, outcome)
        case "expired":
            yield from by_verdict(answered(report.outcomes))
        case "closed":
            if answer.answered in ("accept", "reject"):
                yield HoldEnd(report.hold, answer, None)
