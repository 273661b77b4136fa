"""What the connections and the hold workflow report to the record step at their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from autopilot.connections.holds import Hold, HoldAnswer
from autopilot.connections.plan import (
    Answer,
    AnswerOutcome,
    ConnectionPlan,
    RegistrationOutcome,
    Why,
)
from autopilot.connections.zones import ZonesReport
from autopilot.reconcile.report import Failure, Report, Workflow
from autopilot.reconcile.request import Trigger


@dataclass(frozen=True)
class ConnectionReport(Report[ConnectionPlan, AnswerOutcome]):
    """One execution of the connections workflow.

    `zones` is None when none were compared, `registered` what became of our topic's registrations.
    """

    workflow: ClassVar[Workflow] = "connections"
    registered: tuple[RegistrationOutcome, ...] = ()
    zones: ZonesReport | None = None


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
        """Whether there was an answer that is carried out, or need not be."""
        broke_off = self.failure is not None or self.answer is None
        return not broke_off and all(outcome.result != "failed" for outcome in self.outcomes)

    @property
    def subject(self) -> str:
        """What findings call the connection."""
        return f"{self.hold.service_id}/{self.hold.endpoint_id}"


@dataclass(frozen=True)
class Answered:
    """One connection and its answer; `by` and `at` are its outcome's."""

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
    last = {subject: outcome for outcome in outcomes for subject in outcome.subjects}
    return {subject: outcome for subject, outcome in last.items() if outcome.result == "failed"}


def _each(outcome: AnswerOutcome) -> Iterator[Answered]:
    item = outcome.item
    for endpoint_id in outcome.done:
        yield Answered(
            item.service_id,
            item.service_name,
            endpoint_id,
            item.verdict,
            item.reasons[endpoint_id],
            outcome.by,
            outcome.at,
        )
