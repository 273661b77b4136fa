"""What the services workflow reports to the record step at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from autopilot.reconcile.failure import Failure, Workflow
from autopilot.reconcile.request import Trigger
from autopilot.services.plan import ServiceOutcome, ServicePlan


@dataclass(frozen=True)
class ServicesReport:
    """One execution: its last look (None: none succeeded), what all rounds did, how it ended."""

    workflow: ClassVar[Workflow] = "services"
    execution: str
    trigger: Trigger
    plan: ServicePlan | None = None
    outcomes: tuple[ServiceOutcome, ...] = ()
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
    def from_json(data: Mapping[str, Any]) -> ServicesReport:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan = data.get("plan")
        return ServicesReport(
            execution=data["execution"],
            trigger=data["trigger"],
            plan=ServicePlan.from_json(plan) if plan else None,
            outcomes=tuple(map(ServiceOutcome.from_json, data.get("outcomes") or ())),
            failure=Failure.from_json(data.get("failure")),
        )
