"""What the withdraw workflow reports: what gave way, and what couldn't."""

from __future__ import annotations

from autopilot.notify.ledger import Memory
from autopilot.notify.report import View
from autopilot.reconcile.removal_messages import done_in, failed_in, removal_failed
from autopilot.withdraw.messages import FAILED, STEPPED_ASIDE
from autopilot.withdraw.plan import WithdrawalReport


def view_of(report: WithdrawalReport, _memory: Memory) -> View:
    """What `report` says. Its findings go by themselves: the refused call doesn't come again."""
    done, failed = done_in(report.outcomes), failed_in(report.outcomes)
    findings = report.plan.findings if report.plan else ()
    return View(
        findings=(*findings, *(removal_failed(FAILED, each) for each in failed)),
        changes=(STEPPED_ASIDE.done(done),) if done else (),
        counted={"ChangesFailed": len(failed)},
    )
