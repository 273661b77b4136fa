"""What the uninstall workflow reports: which of our resources went, and what couldn't."""

from __future__ import annotations

from autopilot.notify.bus import removals_on_the_bus
from autopilot.notify.completed import Retired
from autopilot.notify.finding import Finding
from autopilot.notify.reported import View
from autopilot.reconcile.removal import done, failed, removal_failed
from autopilot.uninstall.report import UninstallReport


def view_of_uninstall(report: UninstallReport) -> View:
    """What `report` says. That it was planned is over, without a word, once it was done."""
    removed, left = done(report.outcomes), failed(report.outcomes)
    findings = report.plan.findings if report.plan else ()
    return View(
        findings=(*findings, *(removal_failed("RetirementFailed", each) for each in left)),
        can_resolve=lambda finding, _present: _can_resolve(report, finding),
        deeds=(Retired(removed),) if removed else (),
        events=removals_on_the_bus("Endpoint Retired", removed, report.execution),
        counted={"ChangesFailed": len(left)},
        silently=frozenset({"RetirementPlanned/everything"}) if removed else frozenset(),
    )


def _can_resolve(report: UninstallReport, finding: Finding) -> bool:
    if report.plan is None:
        return False
    if finding.kind == "RetirementFailed":
        return not report.plan.refused and not report.plan.more
    return finding.kind in ("RetirementPlanned", "StillConnected")
