"""Holds: requests that wait for a person, one execution each, and their rows in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

HOLDS = "hold"
"""The partition of the holds' rows; the sort key is the endpoint's id.

A row's body (all texts but `hold_for_seconds`): service_id, name (of the execution), state,
opened_at (ISO 8601), hold_for_seconds, token (Step Functions' task token, "" before the execution
asks), and once answered: answer, by, reason, at. `state` is

- opening: an execution is being started; in the way of another one until the claim is old,
- open: it waits,
- answered: by a person, through `answer_hold`; the execution carries that out,
- closed: it is over, or was answered by other means. Such a row expires.
"""

HoldState = Literal["opening", "open", "answered", "closed"]
Answered = Literal["accept", "reject", "gone", "policy"]


@dataclass(frozen=True)
class Hold:
    """A request to hold: the input of its execution, whose name is `name`.

    `reason` says why nothing decides it, `created` when the endpoint was made (ISO 8601, or "").
    """

    name: str
    endpoint_id: str
    service_id: str
    service_name: str
    owner: str
    reason: str
    created: str
    hold_for_seconds: int

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Hold:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return Hold(
            name=data["name"],
            endpoint_id=data["endpoint_id"],
            service_id=data["service_id"],
            service_name=data["service_name"],
            owner=data["owner"],
            reason=data["reason"],
            created=data["created"],
            hold_for_seconds=data["hold_for_seconds"],
        )


@dataclass(frozen=True)
class HoldClosure:
    """A hold that has become needless.

    `answered`: a person accepted or rejected with AWS's own means (`by` is the principal's ARN, ""
    if no event told); the request is gone; or the policy decides it now. `why`: one sentence.
    """

    endpoint_id: str
    service_id: str
    answered: Answered
    by: str
    why: str

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> HoldClosure:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return HoldClosure(
            data["endpoint_id"], data["service_id"], data["answered"], data["by"], data["why"]
        )


@dataclass(frozen=True)
class HoldAnswer:
    """What ends a hold's waiting, as the task's result; plain texts all of them.

    `answer`: accept or reject by a person through `answer_hold` (`by`, `reason`); expired, which
    the state machine itself says after a timeout ({"answer": "expired"}); or closed, from
    `tend_holds`, where nothing is left to carry out (`answered`, `by`, `reason` of the closure).
    """

    answer: Literal["accept", "reject", "expired", "closed"]
    by: str = ""
    reason: str = ""
    at: str = ""
    answered: str = ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> HoldAnswer:
        """Read it; all but `answer` may lack. Raises ValueError, naming what it can't read."""
        answer = data.get("answer")
        if answer not in ("accept", "reject", "expired", "closed"):
            raise ValueError(f"answer is {answer!r}; write accept or reject")
        return HoldAnswer(
            answer,
            *(str(data.get(name, "")) for name in ("by", "reason", "at", "answered")),
        )
