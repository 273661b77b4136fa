"""What the interfaces workflow reports: findings on VPCs, changes of endpoints and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from autopilot.interfaces.limits import change_failed
from autopilot.interfaces.report import InterfaceReport
from autopilot.notify.bus import interfaces_on_the_bus
from autopilot.notify.completed import InterfaceChanges
from autopilot.notify.finding import Finding
from autopilot.notify.reported import View


def view_of_interfaces(report: InterfaceReport) -> View:
    """What `report` says.

    Whether events arrive is the network's sweeps to judge: the way is the same, and much of what
    is done here (a provider accepted, time has come) no event could have announced.
    """
    done = tuple(outcome for outcome in report.outcomes if outcome.result == "done")
    last = {outcome.id: outcome for outcome in report.outcomes}
    failed = tuple(outcome for outcome in last.values() if outcome.result == "failed")
    planned = report.plan.findings if report.plan else ()
    return View(
        findings=(*planned, *map(change_failed, failed)),
        can_resolve=lambda finding, present: _vouches(report, finding, present),
        deeds=(InterfaceChanges(done),) if done else (),
        events=interfaces_on_the_bus(done, report.execution),
        counted={"ChangesFailed": len(failed)},
    )


def _vouches(report: InterfaceReport, finding: Finding, present: Mapping[str, Finding]) -> bool:
    looked_at = report.plan.looked_at if report.plan else ()
    seen = looked_at == "all" or (finding.vpc_id or "") in looked_at
    kind = finding.of_interfaces
    match kind:
        case (
            "InterfaceNotPossible"
            | "ServedByOthers"
            | "PrivateDnsOff"
            | "InterfaceUnwanted"
            | "InterfaceEndpointFailed"
            | "PlannedInterfaceChange"
            | "ParameterNotOurs"
            | "InterfaceQuotaReached"
        ):
            return seen
        case "InterfaceQuotaNear":
            return seen and f"InterfaceQuotaReached/{finding.subject}" not in present
        case "InterfaceChangeFailed":
            return seen and _not_put_off(finding.subject, report)
        case None:
            return False  # another workflow's
        case unknown:
            assert_never(unknown)


def _not_put_off(item: str, report: InterfaceReport) -> bool:
    """Whether the change of `item` was made, or is not wanted any more: not merely put off."""
    if any(outcome.id == item and outcome.result == "done" for outcome in report.outcomes):
        return True
    return not (report.plan and report.plan.more)
