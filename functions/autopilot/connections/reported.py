"""What the connections workflow reports: answers, and findings on services and connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from autopilot.connections.plan import AnswerOutcome, ConnectionPlan
from autopilot.connections.report import ConnectionReport, answered, failed
from autopilot.notify.bus import answers_on_the_bus, holds_on_the_bus
from autopilot.notify.completed import by_verdict
from autopilot.notify.finding import Finding
from autopilot.notify.reported import View


def view_of_connections(report: ConnectionReport) -> View:
    """What `report` says."""
    done, not_done = answered(report.outcomes), failed(report.outcomes)
    holds = report.plan.holds if report.plan else ()
    return View(
        findings=tuple(_seen(report, not_done)),
        can_resolve=lambda finding, _present: _vouches(report, finding),
        deeds=by_verdict(done, report.zones.alignments if report.zones else ()),
        events=(
            *answers_on_the_bus(done, report.execution),
            *holds_on_the_bus(holds, report.execution),
        ),
        # A cut follows from a policy or a permission; nobody notifies us of these.
        healed=tuple(each.subject for each in done if each.verdict != "cut"),
        counted={
            "ChangesFailed": len(not_done),
            "AnswerTime": tuple(each.waited for each in done if each.waited is not None),
        },
    )


def answer_failed(subject: str, outcome: AnswerOutcome) -> Finding:
    """The finding that the connection `subject` could not be answered."""
    endpoint = subject.split("/")[1]
    why = outcome.item.reasons.get(endpoint)
    return Finding(
        "AnswerFailed",
        subject,
        "failure",
        {
            "service_id": outcome.item.service_id,
            "service_name": outcome.item.service_name,
            "endpoint_id": endpoint,
            "owner": why.owner if why else "",
            "error": outcome.error,
            "message": outcome.message,
            "action": outcome.item.verdict,
            "reason": why.reason if why else "",
        },
    )


def _seen(report: ConnectionReport, not_done: Mapping[str, AnswerOutcome]) -> Iterator[Finding]:
    yield from report.plan.findings if report.plan else ()
    yield from report.zones.findings if report.zones else ()
    for subject, outcome in not_done.items():
        yield answer_failed(subject, outcome)
    for registration in report.registered:
        if registration.result == "failed":
            data = {"error": registration.error, "message": registration.message}
            yield Finding("NotificationsNotRegistered", registration.service_id, "failure", data)


def _vouches(report: ConnectionReport, finding: Finding) -> bool:
    kind = finding.of_connections
    match kind:
        case "ConnectionHeld" | "ConnectionNotAllowed" | "PlannedAnswer" | "AnswerFailed":
            return report.plan is not None and _is_settled(finding, report, report.plan)
        case "NotificationsNotRegistered":
            return _is_registered(finding.subject, report)
        case "ZonesMisaligned":
            return _is_no_longer_misaligned(finding.subject, report)
        case "NotificationsNotArriving" | "ZoneAdvice" | None:
            return False  # judged by sweeps; goes by itself; another workflow's
        case unknown:
            assert_never(unknown)


def _is_settled(finding: Finding, report: ConnectionReport, plan: ConnectionPlan) -> bool:
    """Whether a look at its service that doesn't see it means that it is over."""
    if plan.looked_at != "all" and finding.service_id not in plan.looked_at:
        return False
    if finding.kind == "ConnectionHeld":
        # Who ends a hold is told at the end of that hold's own workflow.
        ending = {f"{each.service_id}/{each.endpoint_id}" for each in plan.close_holds}
        return finding.subject not in ending
    if finding.kind == "AnswerFailed":
        return not plan.more or finding.subject in _done(report)
    return True


def _done(report: ConnectionReport) -> frozenset[str]:
    return frozenset(each.subject for each in answered(report.outcomes))


def _is_registered(service_id: str, report: ConnectionReport) -> bool:
    """Whether it was registered now, or a look at all of them saw that it is (or it is gone)."""
    if any(each.service_id == service_id and each.result == "done" for each in report.registered):
        return True
    plan = report.plan
    wanted = {each.service_id for each in plan.register} if plan else set()
    return plan is not None and plan.looked_at == "all" and service_id not in wanted


def _is_no_longer_misaligned(subject: str, report: ConnectionReport) -> bool:
    """Whether its zones were compared anew, or a look at everything shows no such connection."""
    if report.zones and subject in report.zones.looked_at:
        return True
    plan = report.plan
    if plan is None or plan.looked_at != "all" or plan.left.get("zones of too many at once"):
        return False
    there = {f"{check.service_id}/{e.endpoint_id}" for check in plan.zones for e in check.endpoints}
    return subject not in there
