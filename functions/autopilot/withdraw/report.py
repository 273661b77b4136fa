"""What the withdraw workflow reports to the record step at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from autopilot.reconcile.failure import Workflow
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.report import Report
from autopilot.reconcile.request import Trigger
from autopilot.withdraw.plan import WithdrawalPlan


@dataclass(frozen=True)
class WithdrawalReport(Report[WithdrawalPlan, RemovalOutcome]):
    """One execution that looked at what of ours was in others' way."""

    workflow: ClassVar[Workflow] = "withdraw"
    trigger: Trigger = field(default="event", init=False)
