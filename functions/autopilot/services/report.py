"""What the services workflow reports to the record step at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from autopilot.reconcile.failure import Workflow
from autopilot.reconcile.report import Report
from autopilot.services.plan import ServiceOutcome, ServicesPlan


@dataclass(frozen=True)
class ServicesReport(Report[ServicesPlan, ServiceOutcome]):
    """One execution of the workflow."""

    workflow: ClassVar[Workflow] = "services"
