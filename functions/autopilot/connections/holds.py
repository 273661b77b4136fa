"""Holds: requests that wait for a person, one execution each; their rows, and what ends them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, assert_never, cast

from autopilot.notify.ledger import CLAIM_LASTS, Key, Row, Write, noted

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
_BODY = ("service_id", "name", "state", "opened_at", "hold_for_seconds",
         "token", "answer", "by", "reason", "at")  # fmt: skip
# A hold execution that is this late will not come: it was stopped, or its machine was replaced.
_SLACK = timedelta(hours=1)
# As long as Step Functions keeps a name from being used again.
_CLOSED_LASTS = timedelta(days=90)
_ENDPOINT = re.compile(r"vpce-[0-9a-f]+")
_LONGEST = 1000


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

    @property
    def said(self) -> HoldAnswer:
        """What ends the waiting."""
        return HoldAnswer("closed", by=self.by, reason=self.why, answered=self.answered)


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

    def is_of(self, hold: Hold) -> bool:
        """Whether it is this very hold's, not another one's for the same endpoint."""
        return self.name == hold.name


def hold_row(row: Row) -> HoldRow:
    """Read a row. Raises KeyError if its body is missing something."""
    body: Any = {name: row.body[name] for name in _BODY}
    return HoldRow(row.key.sk, **body, claimed_by=row.claimed_by, version=row.version)


def put(new: HoldRow, old: HoldRow | None, now: datetime) -> Write:
    """The write that puts `new` in the place of `old`; refused if that has changed meanwhile."""
    return noted(
        Key(HOLDS, new.endpoint_id),
        {name: getattr(new, name) for name in _BODY},
        old,
        execution=new.claimed_by,
        now=now,
        expires=now + _CLOSED_LASTS if new.state == "closed" else None,
    )


def is_free(hold: Hold, row: HoldRow | None, now: datetime) -> bool:
    """Whether an execution may be started for it."""
    return row is None or not (row.is_of(hold) or row.stands(now))


def is_begun(hold: Hold, row: HoldRow | None, execution: str) -> bool:
    """Whether an earlier try of this execution claimed it, and may have died before the start."""
    claimed = row is not None and row.state == "opening" and row.claimed_by == execution
    return claimed and row is not None and row.is_of(hold)


def opening(hold: Hold, execution: str, now: datetime) -> HoldRow:
    """The row of a hold whose execution is about to be started."""
    return HoldRow(
        hold.endpoint_id,
        hold.service_id,
        hold.name,
        "opening",
        opened_at=now.isoformat(),
        hold_for_seconds=hold.hold_for_seconds,
        claimed_by=execution,
    )


def opened(hold: Hold, row: HoldRow | None, token: str, execution: str, now: datetime) -> HoldRow:
    """The row of a hold whose execution asks now. A lost row is made anew."""
    begun = row if row and row.is_of(hold) else opening(hold, execution, now)
    return replace(begun, state="open", token=token, claimed_by=execution)


def needless(hold: Hold, row: HoldRow | None) -> HoldAnswer | None:
    """What ends the hold at once: another took its place, or it was closed or answered already.

    Answered already: the step that asks is being tried again, and the person's answer went to the
    try before.
    """
    if row is None:
        return None
    if not row.is_of(hold):
        taken = HoldAnswer("closed", reason=f"{row.name} asks already", answered="policy")
        return None if row.state == "closed" else taken
    match row.state:
        case "opening" | "open":
            return None
        case "answered":
            return _given(row)
        case "closed":
            return HoldAnswer("closed", by=row.by, reason=row.reason, answered=row.answer)
        case unknown:
            assert_never(unknown)


def _given(row: HoldRow) -> HoldAnswer:
    """The answer that the row of an answered hold holds."""
    return HoldAnswer(cast(Any, row.answer), by=row.by, reason=row.reason, at=row.at)


def timely(answer: HoldAnswer, hold: Hold, row: HoldRow | None) -> HoldAnswer:
    """The answer to carry out: where time ran out while a person answered, the person's."""
    late = answer.answer == "expired" and row is not None and row.is_of(hold)
    return _given(row) if row and late and row.state == "answered" else answer


def answered(row: HoldRow, said: HoldAnswer) -> HoldRow:
    """The row of a hold that a person has answered."""
    return replace(
        row, state="answered", answer=said.answer, by=said.by, reason=said.reason, at=said.at
    )


def closed(row: HoldRow, said: HoldAnswer, now: datetime) -> HoldRow:
    """The row of a hold that has become needless, or whose end was carried out."""
    ended = replace(answered(row, said), state="closed", at=now.isoformat())
    return replace(ended, answer=said.answered or said.answer)


def same_answer(row: HoldRow, said: HoldAnswer) -> bool:
    """Whether the person gave this answer before: it may not have reached the execution."""
    given = row.answer == said.answer and row.by == said.by
    return row.state == "answered" and given


def spoken(event: Mapping[str, Any], now: datetime) -> tuple[str, HoldAnswer]:
    """The endpoint and the answer in what a person sends.

    Raises ValueError, which says what is wrong and what would be right.
    """
    endpoint_id, answer = event.get("endpoint_id"), event.get("answer")
    if not isinstance(endpoint_id, str) or not _ENDPOINT.fullmatch(endpoint_id):
        raise ValueError(f"endpoint_id is {endpoint_id!r}; write an id like vpce-0123456789abcdef0")
    if answer not in ("accept", "reject"):
        raise ValueError(f"answer is {answer!r}; write accept or reject")
    by, reason = event.get("by"), event.get("reason", "")
    if not isinstance(by, str) or not by.strip():
        raise ValueError("by is missing; write who answers, best as an ARN")
    if by.strip() in ("autopilot", "expiry"):
        raise ValueError(f"by is {by!r}; that name is the automation's own")
    said = HoldAnswer(
        answer, by=by.strip()[:_LONGEST], reason=str(reason)[:_LONGEST], at=now.isoformat()
    )
    return endpoint_id, said
