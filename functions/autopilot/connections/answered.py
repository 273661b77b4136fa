"""Connections that were answered, one by one, as ops are told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from autopilot.connections.outcome import AnswerOutcome
from autopilot.connections.plan import Answer, Why


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
