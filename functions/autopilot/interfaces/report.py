"""What the interfaces workflow reports to the record step at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from autopilot.interfaces.outcome import Outcome
from autopilot.interfaces.plan import InterfacePlan
from autopilot.reconcile.failure import Failure
from autopilot.reconcile.request import Trigger


@dataclass(frozen=True)
class InterfaceReport:
    """One execution: its last look, what it did, and how it ended.

    `plan` is None when no look succeeded. `outcomes` are those of all rounds, in order.
    """

    workflow: ClassVar[Literal["interfaces"]] = "interfaces"
    execution: str
    trigger: Trigger
    plan: InterfacePlan | None = None
    outcomes: tuple[Outcome, ...] = ()
    failure: Failure | None = None

    @property
    def went_well(self) -> bool:
        """Whether the execution looked to its end; a change that failed is no matter here."""
        return self.failure is None and self.plan is not None

    @property
    def goes_on(self) -> bool:
        """Whether this was not all: more is left, or it broke off."""
        return self.failure is not None or bool(self.plan and self.plan.more)

    @property
    def looked_at_all(self) -> bool:
        """Whether nothing was left out of sight."""
        return self.plan is not None and self.plan.looked_at == "all"

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> InterfaceReport:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan = data.get("plan")
        return InterfaceReport(
            execution=data["execution"],
            trigger=data["trigger"],
            plan=InterfacePlan.from_json(plan) if plan else None,
            outcomes=tuple(map(Outcome.from_json, data.get("outcomes") or ())),
            failure=Failure.from_json(data.get("failure")),
        )
