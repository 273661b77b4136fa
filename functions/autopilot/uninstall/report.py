"""What the uninstall workflow reports: what went for good, and what couldn't."""

from __future__ import annotations

from autopilot.notify.ledger import Memory
from autopilot.notify.report import View
from autopilot.reconcile.removal_messages import done_in, failed_in, removal_failed
from autopilot.uninstall.messages import FAILED, FINDINGS, PLANNED, UNINSTALLED
from autopilot.uninstall.plan import UninstallReport


def view_of(report: UninstallReport, _memory: Memory) -> View:
    """What `report` says. That it was planned is over, without a word, once it was done."""
    done, failed = done_in(report.outcomes), failed_in(report.outcomes)
    findings = report.plan.findings if report.plan else ()
    return View(
        findings=(*findings, *(removal_failed(FAILED, each) for each in failed)),
        judges=FINDINGS,
        changes=(UNINSTALLED.done(done),) if done else (),
        counted={"ChangesFailed": len(failed)},
        silently=frozenset({f"{PLANNED.kind}/everything"} if done else ()),
    )
