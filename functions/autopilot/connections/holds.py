"""Holds: requests that wait for a person, one execution each, and their rows in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from autopilot.notify.ledger import CLAIM_LASTS, Key, Row, Write

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
# A hold execution that is this late will not come: it was stopped, or its machine was replaced.
_SLACK = timedelta(hours=1)
# As long as Step Functions keeps a name from being used again.
_CLOSED_LASTS = timedelta(days=90)


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
    `sync_holds`, where nothing is left to carry out (`answered`, `by`, `reason` of the closure).
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


@dataclass(frozen=True)
class HoldRow:
    """A hold as the ledger remembers it (see `HOLDS`); times are ISO 8601."""

    endpoint_id: str
    service_id: str
    name: str
    state: HoldState
    opened_at: str
    hold_for_seconds: int
    token: str = ""
    answer: str = ""
    by: str = ""
    reason: str = ""
    at: str = ""
    claimed_by: str = ""
    version: int = 0

    @property
    def expires(self) -> datetime:
        """When nobody's answer becomes a rejection."""
        return datetime.fromisoformat(self.opened_at) + timedelta(seconds=self.hold_for_seconds)

    def being_answered(self, now: datetime) -> bool:
        """Whether a person has answered and its execution is carrying that out."""
        answered = self.state == "answered"
        return answered and now - datetime.fromisoformat(self.at) < CLAIM_LASTS

    def stands(self, now: datetime) -> bool:
        """Whether an execution waits, or is about to: no other one is needed."""
        if self.state == "opening":
            return now - datetime.fromisoformat(self.opened_at) < CLAIM_LASTS
        return self.being_answered(now) or (self.state == "open" and now < self.expires + _SLACK)


def hold_row(row: Row) -> HoldRow:
    """Read a row. Raises KeyError if its body lacks something."""
    body: Mapping[str, Any] = row.body
    return HoldRow(
        endpoint_id=row.key.sk,
        service_id=body["service_id"],
        name=body["name"],
        state=cast(HoldState, body["state"]),
        opened_at=body["opened_at"],
        hold_for_seconds=body["hold_for_seconds"],
        **{name: body[name] for name in _TEXTS},
        claimed_by=row.claimed_by,
        version=row.version,
    )


_TEXTS = ("token", "answer", "by", "reason", "at")


def put(new: HoldRow, old: HoldRow | None, now: datetime) -> Write:
    """The write that puts `new` in the place of `old`; refused if that has changed meanwhile."""
    before = old.version if old else 0
    body: dict[str, str | int | bool] = {
        "service_id": new.service_id,
        "name": new.name,
        "state": new.state,
        "opened_at": new.opened_at,
        "hold_for_seconds": new.hold_for_seconds,
        **{name: str(getattr(new, name)) for name in _TEXTS},
    }
    row = Row(
        key=Key(HOLDS, new.endpoint_id),
        version=before + 1,
        told=True,
        claimed_by=new.claimed_by,
        claimed_at=now.isoformat(),
        body=body,
        expires_at=int((now + _CLOSED_LASTS).timestamp()) if new.state == "closed" else None,
    )
    return Write(row.key, row, before or None)


def opening(hold: Hold, execution: str, now: datetime) -> HoldRow:
    """The row of a hold whose execution is about to be started."""
    return HoldRow(
        endpoint_id=hold.endpoint_id,
        service_id=hold.service_id,
        name=hold.name,
        state="opening",
        opened_at=now.isoformat(),
        hold_for_seconds=hold.hold_for_seconds,
        claimed_by=execution,
    )
