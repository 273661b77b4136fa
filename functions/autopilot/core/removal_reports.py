"""What the withdraw and the uninstall workflow report to the record step at their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from autopilot.core.failure import Failure
from autopilot.core.removal import RemovalOutcome
from autopilot.core.request import Trigger
from autopilot.core.retirement.plan import RetirementPlan
from autopilot.core.withdrawal.plan import WithdrawalPlan


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


@dataclass(frozen=True)
class RetirementReport:
    """One execution that listed or removed everything of ours, likewise."""

    workflow: ClassVar[Literal["uninstall"]] = "uninstall"
    trigger: ClassVar[Trigger] = "person"
    looked_at_all: ClassVar[bool] = True
    execution: str
    plan: RetirementPlan | None = None
    outcomes: tuple[RemovalOutcome, ...] = ()
    failure: Failure | None = None

    @property
    def went_well(self) -> bool:
        """Whether the execution looked to its end."""
        return self.failure is None and self.plan is not None

    @property
    def goes_on(self) -> bool:
        """Whether this was not all: more is left, or it broke off."""
        return self.failure is not None or bool(self.plan and self.plan.more)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> RetirementReport:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan = data.get("plan")
        return RetirementReport(
            execution=data["execution"],
            plan=RetirementPlan.from_json(plan) if plan else None,
            outcomes=tuple(map(RemovalOutcome.from_json, data.get("outcomes") or ())),
            failure=Failure.from_json(data.get("failure")),
        )
