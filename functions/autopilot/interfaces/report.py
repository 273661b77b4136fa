"""What the interfaces workflow reports: findings on VPCs, changes of endpoints and their groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from autopilot.interfaces.messages import (
    CHANGE_FAILED,
    FINDINGS,
    INTERFACES_CHANGED,
    PLANNED_CHANGE,
)
from autopilot.interfaces.plan import InterfaceOutcome, InterfacePlan
from autopilot.notify.ledger import Memory
from autopilot.notify.report import View
from autopilot.reconcile.report import Report, Workflow


@dataclass(frozen=True)
class InterfaceReport(Report[InterfacePlan, InterfaceOutcome]):
    """One execution of the interfaces workflow."""

    workflow: ClassVar[Workflow] = "interfaces"


def view_of(report: InterfaceReport, _memory: Memory) -> View:
    """What `report` says.

    Whether events arrive is the network's sweeps to judge: the way is the same, and much of what
    is done here (a provider accepted, time has come) no event could have announced.
    """
    done, failed = report.done, report.failed
    planned = report.plan.findings if report.plan else ()
    return View(
        findings=(*planned, *(CHANGE_FAILED.about(each.id, each.told) for each in failed)),
        judges=FINDINGS,
        changes=(INTERFACES_CHANGED.done(done),) if done else (),
        counted={"ChangesFailed": len(failed)},
        silently=frozenset(f"{PLANNED_CHANGE.kind}/{outcome.id}" for outcome in done),
    )
