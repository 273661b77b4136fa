"""What the withdraw and the retire workflow report: what of ours went, and what couldn't."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.core.bus_events import removals_on_the_bus
from autopilot.core.deeds import Retired, SteppedAside
from autopilot.core.finding import Finding, RemovalKind
from autopilot.core.removal import RemovalOutcome, last_of
from autopilot.core.removal_reports import RetirementReport, WithdrawalReport
from autopilot.core.reported.view import View


def view_of_withdrawal(report: WithdrawalReport) -> View:
    """What `report` says. Its findings go by themselves: the refused call doesn't come again."""
    done, failed = _done(report.outcomes), _failed(report.outcomes)
    findings = report.plan.findings if report.plan else ()
    return View(
        findings=(*findings, *(removal_failed("WithdrawalFailed", each) for each in failed)),
        vouches=lambda _finding, _present: False,
        deeds=(SteppedAside(done),) if done else (),
        events=removals_on_the_bus("Endpoint Withdrawn", done, report.execution),
        counted={"ChangesFailed": len(failed)},
    )


def view_of_retirement(report: RetirementReport) -> View:
    """What `report` says. That it was planned is over, without a word, once it was done."""
    done, failed = _done(report.outcomes), _failed(report.outcomes)
    findings = report.plan.findings if report.plan else ()
    return View(
        findings=(*findings, *(removal_failed("RetirementFailed", each) for each in failed)),
        vouches=lambda finding, _present: _vouches(report, finding),
        deeds=(Retired(done),) if done else (),
        events=removals_on_the_bus("Endpoint Retired", done, report.execution),
        counted={"ChangesFailed": len(failed)},
        silently=frozenset({"RetirementPlanned/everything"}) if done else frozenset(),
    )


def removal_failed(kind: RemovalKind, outcome: RemovalOutcome) -> Finding:
    """The finding that a removal failed."""
    item = outcome.removal
    where = f"{item.vpc_id}/{item.thing}" if item.vpc_id else item.thing
    data = {
        "error": outcome.error,
        "message": outcome.message,
        "action": item.action,
        "thing": item.thing,
        "parts": list(item.parts),
        "reason": item.reason,
    }
    return Finding(kind, where, "failure", data)


def _done(outcomes: Sequence[RemovalOutcome]) -> tuple[RemovalOutcome, ...]:
    return tuple(each for each in last_of(outcomes).values() if each.result == "done")


def _failed(outcomes: Sequence[RemovalOutcome]) -> tuple[RemovalOutcome, ...]:
    """What failed, and what stayed stale through all rounds."""
    return tuple(each for each in last_of(outcomes).values() if each.result != "done")


def _vouches(report: RetirementReport, finding: Finding) -> bool:
    if report.plan is None:
        return False
    if finding.kind == "RetirementFailed":
        return not report.plan.refused and not report.plan.more
    return finding.kind in ("RetirementPlanned", "StillConnected")
