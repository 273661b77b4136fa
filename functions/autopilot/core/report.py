"""What a workflow reports to the record step at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from autopilot.core.connections.holds import Hold, HoldAnswer
from autopilot.core.connections.outcome import AnswerOutcome, RegistrationOutcome
from autopilot.core.connections.plan import ConnectionPlan
from autopilot.core.ended import EndedReport
from autopilot.core.failure import Failure, Workflow
from autopilot.core.interfaces.report import InterfaceReport
from autopilot.core.outcome import Outcome
from autopilot.core.plan import NetworkPlan
from autopilot.core.publishing.report import ServicesReport
from autopilot.core.removal_reports import RetirementReport, WithdrawalReport
from autopilot.core.request import Trigger
from autopilot.core.zones import ZonesReport

__all__ = ["AnyReport", "ConnectionReport", "Failure", "HoldReport", "Report", "report_from_json"]


@dataclass(frozen=True)
class Report:
    """One execution of the network workflow: its last look, what it did, and how it ended.

    `plan` is None when no look succeeded. `outcomes` are those of all rounds, in order.
    """

    workflow: ClassVar[Workflow] = "network"
    execution: str
    trigger: Trigger
    plan: NetworkPlan | None = None
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
    def from_json(data: Mapping[str, Any]) -> Report:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan = data.get("plan")
        return Report(
            execution=data["execution"],
            trigger=data["trigger"],
            plan=NetworkPlan.from_json(plan) if plan else None,
            outcomes=tuple(Outcome.from_json(outcome) for outcome in data.get("outcomes") or ()),
            failure=Failure.from_json(data.get("failure")),
        )


@dataclass(frozen=True)
class ConnectionReport:
    """One execution of the connections workflow, likewise.

    `zones` is None when none were compared, `registered` what became of our topic's registrations.
    """

    workflow: ClassVar[Workflow] = "connections"
    execution: str
    trigger: Trigger
    plan: ConnectionPlan | None = None
    outcomes: tuple[AnswerOutcome, ...] = ()
    registered: tuple[RegistrationOutcome, ...] = ()
    zones: ZonesReport | None = None
    failure: Failure | None = None

    @property
    def went_well(self) -> bool:
        """Whether the execution looked to its end; an answer that failed is no matter here."""
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
    def from_json(data: Mapping[str, Any]) -> ConnectionReport:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan, zones = data.get("plan"), data.get("zones")
        return ConnectionReport(
            execution=data["execution"],
            trigger=data["trigger"],
            plan=ConnectionPlan.from_json(plan) if plan else None,
            outcomes=tuple(map(AnswerOutcome.from_json, data.get("outcomes") or ())),
            registered=tuple(map(RegistrationOutcome.from_json, data.get("registered") or ())),
            zones=ZonesReport.from_json(zones) if zones else None,
            failure=Failure.from_json(data.get("failure")),
        )


@dataclass(frozen=True)
class HoldReport:
    """One hold at its end: what ended the waiting, and what became of the answer.

    `answer` is None when the workflow broke off before there was one. `outcomes` is empty when
    nothing was left to carry out.
    """

    workflow: ClassVar[Workflow] = "hold"
    trigger: ClassVar[Trigger] = "event"
    goes_on: ClassVar[bool] = False
    looked_at_all: ClassVar[bool] = False
    execution: str
    hold: Hold
    answer: HoldAnswer | None = None
    outcomes: tuple[AnswerOutcome, ...] = ()
    failure: Failure | None = None

    @property
    def went_well(self) -> bool:
        """Whether there was an answer that is carried out, or needs not be."""
        broke_off = self.failure is not None or self.answer is None
        return not broke_off and all(outcome.result != "failed" for outcome in self.outcomes)

    @property
    def subject(self) -> str:
        """What findings call the connection."""
        return f"{self.hold.service_id}/{self.hold.endpoint_id}"

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> HoldReport:
        """Read the step's input. Raises KeyError or ValueError, naming what it can't read."""
        answer = data.get("answer")
        return HoldReport(
            execution=data["execution"],
            hold=Hold.from_json(data["hold"]),
            answer=HoldAnswer.from_json(answer) if answer else None,
            outcomes=tuple(map(AnswerOutcome.from_json, data.get("outcomes") or ())),
            failure=Failure.from_json(data.get("failure")),
        )


Recorded = (
    Report
    | ConnectionReport
    | HoldReport
    | ServicesReport
    | InterfaceReport
    | WithdrawalReport
    | RetirementReport
)
"""What the workflows' last steps hand over."""
AnyReport = Recorded | EndedReport

_KINDS: tuple[type[Recorded], ...] = get_args(Recorded)


def report_from_json(data: Mapping[str, Any]) -> Recorded:
    """Read the step's input, whichever workflow made it; without "workflow" it is the network's.

    Raises KeyError or ValueError, naming what it can't read.
    """
    name = data.get("workflow", "network")
    for kind in _KINDS:
        if kind.workflow == name:
            return kind.from_json(data)
    raise ValueError(f"workflow is {name!r}; write one of {', '.join(get_args(Workflow))}")
