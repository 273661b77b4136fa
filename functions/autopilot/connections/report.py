"""What the connections and the hold workflow report to the record step at their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from autopilot.connections.holds import Hold, HoldAnswer
from autopilot.connections.plan import (
    Answer,
    AnswerOutcome,
    ConnectionPlan,
    RegistrationOutcome,
    Why,
)
from autopilot.connections.zones import ZonesReport
from autopilot.reconcile.failure import Failure, Workflow
from autopilot.reconcile.request import Trigger


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


@dataclass(frozen=True)
class Answered:
    """One connection and its answer; `by` and `at` as in `AnswerOutcome`."""

    service_id: str
    service_name: str
    endpoint_id: str
    verdict: Answer
    why: Why
    by: str
    at: str

    @property
    def subject(self) -> str:
        """What findings call it: "vpce-svc-1/vpce-2"."""
        return f"{self.service_id}/{self.endpoint_id}"

    @property
    def waited(self) -> int | None:
        """Seconds from the endpoint's creation to the answer; None if one isn't known."""
        try:
            took = datetime.fromisoformat(self.at) - datetime.fromisoformat(self.why.created)
        except (ValueError, TypeError):  # TypeError: only one of them bears a time zone
            return None
        return max(0, round(took.total_seconds()))


def answered(outcomes: Iterable[AnswerOutcome]) -> tuple[Answered, ...]:
    """Every connection that `outcomes` say was answered, once, with its last answer."""
    done = {each.subject: each for outcome in outcomes for each in _each(outcome)}
    return tuple(done.values())


def failed(outcomes: Iterable[AnswerOutcome]) -> dict[str, AnswerOutcome]:
    """By subject the connections whose last answer failed, with that outcome."""
    last: dict[str, AnswerOutcome] = {}
    for outcome in outcomes:
        for endpoint in (*outcome.endpoint_ids, *outcome.stale):
            last[f"{outcome.service_id}/{endpoint}"] = outcome
    return {subject: outcome for subject, outcome in last.items() if outcome.result == "failed"}


def _each(outcome: AnswerOutcome) -> Iterator[Answered]:
    for endpoint in outcome.endpoint_ids if outcome.result == "done" else ():
        yield Answered(
            outcome.service_id,
            outcome.service_name,
            endpoint,
            outcome.verdict,
            outcome.reasons[endpoint],
            outcome.by,
            outcome.at,
        )
