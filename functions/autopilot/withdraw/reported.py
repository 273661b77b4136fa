"""What the withdraw workflow reports: which of our resources gave way, and what couldn't."""

from __future__ import annotations

from autopilot.notify.bus import removals_on_the_bus
from autopilot.notify.completed import SteppedAside
from autopilot.notify.reported import View
from autopilot.reconcile.removal import done, failed, removal_failed
from autopilot.withdraw.report import WithdrawalReport


def view_of_withdrawal(report: WithdrawalReport) -> View:
    """What `report` says. Its findings go by themselves: the refused call doesn't come again."""
    removed, left = done(report.outcomes), failed(report.outcomes)
    findings = report.plan.findings if report.plan else ()
    return View(
        findings=(*findings, *(removal_failed("WithdrawalFailed", each) for each in left)),
        can_resolve=lambda _finding, _present: False,
        deeds=(SteppedAside(removed),) if removed else (),
        events=removals_on_the_bus("Endpoint Withdrawn", removed, report.execution),
        counted={"ChangesFailed": len(left)},
    )
