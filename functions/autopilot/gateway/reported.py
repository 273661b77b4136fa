"""What the network workflow reports: findings on VPCs and the quota, changes of endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, assert_never

from autopilot.gateway.plan import NetworkOutcome, NetworkReport
from autopilot.gateway.planning import change_failed
from autopilot.notify.bus import changes_on_the_bus
from autopilot.notify.completed import Changes
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Memory
from autopilot.notify.remembered import finding_of
from autopilot.notify.reported import View

_MOST_LEFT_UNDONE = 50


def view_of_network(report: NetworkReport, memory: Memory) -> View:
    """What `report` says, given what ops know of the quota."""
    done = tuple(outcome for outcome in report.outcomes if outcome.result == "done")
    failed = failed_outcomes(report)
    return View(
        findings=(*_seen(report, memory), *map(change_failed, failed)),
        can_resolve=lambda finding, present: _vouches(report, finding, present),
        deeds=(Changes(done),) if done else (),
        events=changes_on_the_bus(done, report.execution),
        healed=tuple(outcome.id for outcome in done),
        counted=_counted(report, len(failed)),
    )


def failed_outcomes(report: NetworkReport) -> tuple[NetworkOutcome, ...]:
    """The last outcome of each change, if it is that it failed."""
    last = {outcome.id: outcome for outcome in report.outcomes}
    return tuple(outcome for outcome in last.values() if outcome.result == "failed")


def _counted(report: NetworkReport, failed: int) -> dict[str, int]:
    counted = {"ChangesFailed": failed}
    if report.plan and report.plan.quota.limit > 0:
        quota = report.plan.quota
        counted["GatewayEndpointQuotaUse"] = round(100 * quota.used / quota.limit)
    return counted


def _seen(report: NetworkReport, memory: Memory) -> Iterator[Finding]:
    for finding in report.plan.findings if report.plan else ():
        if not _outdone(finding, report, memory):
            yield _with_what_others_left(finding, report, memory)


def _outdone(finding: Finding, report: NetworkReport, memory: Memory) -> bool:
    """Whether ops know worse: a look at some VPCs calls a quota near that stopped us elsewhere."""
    everything = report.plan is not None and report.plan.looked_at == "all"
    reached = f"QuotaReached/{finding.subject}"
    return finding.kind == "QuotaNear" and not everything and reached in memory.findings


def _with_what_others_left(finding: Finding, report: NetworkReport, memory: Memory) -> Finding:
    """A full quota concerns the Region, a look at some VPCs sees only what these go without."""
    known = memory.findings.get(finding.id)
    looked_at = report.plan.looked_at if report.plan else ()
    if finding.kind != "QuotaReached" or known is None or looked_at == "all":
        return finding
    before: Mapping[str, Any] = finding_of(known).data
    elsewhere = {
        item for item in before.get("left_undone", ()) if item.split("/")[0] not in looked_at
    }
    left = sorted(elsewhere | set(finding.data.get("left_undone", ())))
    return replace(
        finding,
        data={
            **finding.data,
            "left_undone": left[:_MOST_LEFT_UNDONE],
            "left_undone_count": max(len(left), before.get("left_undone_count", 0)),
        },
    )


def _vouches(report: NetworkReport, finding: Finding, present: Mapping[str, Finding]) -> bool:
    looked_at = report.plan.looked_at if report.plan else ()
    seen = looked_at == "all" or (finding.vpc_id or "") in looked_at
    kind = finding.of_network
    match kind:
        case (
            "RouteTableBusy"
            | "RouteTakenAway"
            | "PlannedChange"
            | "EndpointFailed"
            | "ForeignEndpointPolicy"
            | "QuotaReached"
        ):
            return seen
        case "QuotaNear":
            return seen and f"QuotaReached/{finding.subject}" not in present
        case "ChangeFailed":
            return seen and _not_left_for_later(finding.subject, report, present)
        case "EventsNotArriving" | None:  # judged by sweeps; another workflow's
            return False
        case unknown:
            assert_never(unknown)


def _not_left_for_later(item: str, report: NetworkReport, present: Mapping[str, Finding]) -> bool:
    """Whether the change of `item` was made, or is not wanted any more: not merely put off."""
    if any(outcome.id == item and outcome.result == "done" for outcome in report.outcomes):
        return True
    left = {id_ for finding in present.values() for id_ in finding.data.get("left_undone", ())}
    return item not in left and not (report.plan and report.plan.more)
