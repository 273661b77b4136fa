"""What the uninstall workflow reports to the record step at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from autopilot.reconcile.failure import Workflow
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.report import Report
from autopilot.reconcile.request import Trigger
from autopilot.uninstall.plan import UninstallPlan


@dataclass(frozen=True)
class UninstallReport(Report[UninstallPlan, RemovalOutcome]):
    """One execution that listed or removed everything that bears the stack's tag."""

    workflow: ClassVar[Workflow] = "uninstall"
    trigger: Trigger = field(default="person", init=False)
