"""What the network workflow reports: findings on VPCs and the quota, changes of endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from autopilot.gateway import messages, rivals
from autopilot.gateway.plan import NetworkOutcome, NetworkPlan
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Memory, finding_of
from autopilot.notify.report import Noted, View
from autopilot.reconcile.report import Report, Workflow

_MOST_LEFT_UNDONE = 50


@dataclass(frozen=True)
class NetworkReport(Report[NetworkPlan, NetworkOutcome]):
    """One execution of the network workflow."""

    workflow: ClassVar[Workflow] = "network"


def view_of(report: NetworkReport, memory: Memory) -> View:
    """What `report` says, given what ops know of the quota.

    That what was planned is over goes without a word where it was done: that is told.
    """
    done = report.done
    return View(
        findings=(
            *_seen(report, memory),
            *(messages.CHANGE_FAILED.about(failed.id, failed.told) for failed in report.failed),
        ),
        judges=messages.FINDINGS,
        changes=(messages.ENDPOINTS_CHANGED.done(done),) if done else (),
        healed=tuple(outcome.id for outcome in done),
        unannounced=messages.EVENTS_NOT_ARRIVING,
        counted=_counted(report),
        silently=frozenset(f"{messages.PLANNED_CHANGE.kind}/{outcome.id}" for outcome in done),
        noted=_put_back(report),
    )


def _put_back(report: NetworkReport) -> Noted | None:
    """How often routes came back: whoever takes them away for good gets them."""
    if not any(map(rivals.puts_back, report.outcomes)):
        return None
    of = partial(rivals.counted, report.outcomes, execution=report.execution)
    return Noted(rivals.RESTORED, lambda rows, now: of(rows, now=now))


def _counted(report: NetworkReport) -> dict[str, int]:
    counted = {"ChangesFailed": len(report.failed)}
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
    reached = f"{messages.QUOTA_REACHED.kind}/{finding.subject}"
    near = finding.kind == messages.QUOTA_NEAR.kind
    return near and not report.looked_at_all and reached in memory.findings


def _with_what_others_left(finding: Finding, report: NetworkReport, memory: Memory) -> Finding:
    """A full quota concerns the Region, a look at some VPCs sees only what these go without."""
    known = memory.findings.get(finding.id)
    looked_at = report.plan.looked_at if report.plan else ()
    if finding.kind != messages.QUOTA_REACHED.kind or known is None or looked_at == "all":
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
