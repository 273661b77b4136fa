"""What became of answers and of registrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from autopilot.connections.plan import Answer, Why
from autopilot.connections.remembered import AUTOPILOT
from autopilot.gateway.outcome import Result, words


@dataclass(frozen=True)
class AnswerOutcome:
    """One answer after it was tried.

    `endpoint_ids`: those answered (of a failed one: those that it was to answer). `stale`: those
    for which the plan no longer fitted how things stand, or that AWS listed as unsuccessful. Of
    `result` done at least one was answered; of stale none. `error` is a name from
    `autopilot.aws.errors`, None when done; `message` names the action. `by`: "autopilot", "expiry",
    or the ARN of the person who answered a hold. `at`: ISO 8601, UTC, "" if it failed.
    """

    id: str
    service_id: str
    service_name: str
    verdict: Answer
    endpoint_ids: tuple[str, ...]
    stale: tuple[str, ...]
    result: Result
    error: str | None
    message: str | None
    reasons: Mapping[str, Why]
    by: str = AUTOPILOT
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            **asdict(self), "endpoint_ids": list(self.endpoint_ids), "stale": list(self.stale)
        }  # fmt: skip

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> AnswerOutcome:
        """Read what `to_json` wrote, or what the workflow made of an item that failed.

        The workflow merges the item with `result`, `error` and `message`, so `stale`, `by` and `at`
        may lack. Raises KeyError if another key does.
        """
        return AnswerOutcome(
            id=data["id"],
            service_id=data["service_id"],
            service_name=data["service_name"],
            verdict=data["verdict"],
            endpoint_ids=tuple(data["endpoint_ids"]),
            stale=tuple(data.get("stale", ())),
            result=data["result"],
            error=data["error"],
            message=words(data["message"]),
            reasons={id_: Why.from_json(why) for id_, why in data["reasons"].items()},
            by=data.get("by", AUTOPILOT),
            at=data.get("at", ""),
        )


@dataclass(frozen=True)
class RegistrationOutcome:
    """What became of registering our topic on one service; `error` and `message` as above."""

    service_id: str
    result: Literal["done", "failed"]
    error: str | None = None
    message: str | None = None

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> RegistrationOutcome:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return RegistrationOutcome(
            data["service_id"], data["result"], data["error"], data["message"]
        )
