"""What the uninstall workflow reports to the record step at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from autopilot.reconcile.failure import Failure
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.request import Trigger
from autopilot.uninstall.plan import UninstallPlan


@dataclass(frozen=True)
class UninstallReport:
    """One execution that listed or removed everything that bears the stack's tag."""

    workflow: ClassVar[Literal["uninstall"]] = "uninstall"
    trigger: ClassVar[Trigger] = "person"
    looked_at_all: ClassVar[bool] = True
    execution: str
    plan: UninstallPlan | None = None
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
    def from_json(data: Mapping[str, Any]) -> UninstallReport:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan = data.get("plan")
        return UninstallReport(
            execution=data["execution"],
            plan=UninstallPlan.from_json(plan) if plan else None,
            outcomes=tuple(map(RemovalOutcome.from_json, data.get("outcomes") or ())),
            failure=Failure.from_json(data.get("failure")),
        )
