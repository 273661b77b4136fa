"""What the withdraw workflow reports to the record step at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from autopilot.reconcile.failure import Failure
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.request import Trigger
from autopilot.withdraw.plan import WithdrawalPlan


@dataclass(frozen=True)
class WithdrawalReport:
    """One execution that looked at what of ours was in others' way; the parts as in `Report`."""

    workflow: ClassVar[Literal["withdraw"]] = "withdraw"
    trigger: ClassVar[Trigger] = "event"
    goes_on: ClassVar[bool] = False
    looked_at_all: ClassVar[bool] = False
    execution: str
    plan: WithdrawalPlan | None = None
    outcomes: tuple[RemovalOutcome, ...] = ()
    failure: Failure | None = None

    @property
    def went_well(self) -> bool:
        """Whether the execution looked to its end."""
        return self.failure is None and self.plan is not None

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> WithdrawalReport:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan = data.get("plan")
        return WithdrawalReport(
            execution=data["execution"],
            plan=WithdrawalPlan.from_json(plan) if plan else None,
            outcomes=tuple(map(RemovalOutcome.from_json, data.get("outcomes") or ())),
            failure=Failure.from_json(data.get("failure")),
        )
