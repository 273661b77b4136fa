"""What the interfaces workflow reports to the record step at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from autopilot.interfaces.plan import InterfaceOutcome, InterfacePlan
from autopilot.reconcile.failure import Workflow
from autopilot.reconcile.report import Report


@dataclass(frozen=True)
class InterfaceReport(Report[InterfacePlan, InterfaceOutcome]):
    """One execution of the interfaces workflow."""

    workflow: ClassVar[Workflow] = "interfaces"
