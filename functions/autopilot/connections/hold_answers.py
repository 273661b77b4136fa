"""Answers to holds: what a person says, and what ends a hold before it begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from autopilot.connections.holds import Hold, HoldAnswer, HoldClosure, HoldRow, opening

_ENDPOINT = re.compile(r"vpce-[0-9a-f]+")
_LONGEST = 1000


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


def same_answer(row: HoldRow, said: HoldAnswer) -> bool:
    """Whether the person gave this answer before: it may not have reached the execution."""
    given = row.answer == said.answer and row.by == said.by
    return row.state == "answered" and given


def opened(hold: Hold, row: HoldRow | None, token: str, execution: str, now: datetime) -> HoldRow:
    """The row of a hold whose execution asks now. A lost row is made anew."""
    begun = row if row and row.name == hold.name else opening(hold, execution, now)
    return replace(begun, state="open", token=token, claimed_by=execution)


def needless(hold: Hold, row: HoldRow | None) -> HoldAnswer | None:
    """What ends the hold at once: another took its place, or it was closed or answered already.

    Answered already: the step that asks is being tried again, and the person's answer went to the
    try before.
    """
    if row is None:
        return None
    if row.name != hold.name:
        taken = HoldAnswer("closed", reason=f"{row.name} asks already", answered="policy")
        return None if row.state == "closed" else taken
    match row.state:
        case "opening" | "open":
            return None
        case "answered":
            return given(row)
        case "closed":
            return HoldAnswer("closed", by=row.by, reason=row.reason, answered=row.answer)
        case unknown:
            assert_never(unknown)


def given(row: HoldRow) -> HoldAnswer:
    """The answer that the row of an answered hold holds."""
    return HoldAnswer.from_json(
        {"answer": row.answer, "by": row.by, "reason": row.reason, "at": row.at}
    )


def closed(row: HoldRow, closure: HoldClosure, now: datetime) -> HoldRow:
    """The row of a hold that has become needless."""
    return replace(
        row,
        state="closed",
        answer=closure.answered,
        by=closure.by,
        reason=closure.why,
        at=now.isoformat(),
    )


def answered(row: HoldRow, answer: HoldAnswer) -> HoldRow:
    """The row of a hold that a person has answered."""
    return replace(
        row,
        state="answered",
        answer=answer.answer,
        by=answer.by,
        reason=answer.reason,
        at=answer.at,
    )


def carried_out(row: HoldRow, answer: HoldAnswer, now: datetime) -> HoldRow:
    """The row of a hold whose end was carried out, or found to be needless."""
    by, reason = answer.by, answer.reason
    return replace(
        row, state="closed", answer=answer.answer, by=by, reason=reason, at=now.isoformat()
    )


def timely(answer: HoldAnswer, hold: Hold, row: HoldRow | None) -> HoldAnswer:
    """The answer to carry out: where time ran out while a person answered, the person's."""
    late = answer.answer == "expired" and row is not None and row.name == hold.name
    return given(row) if row and late and row.state == "answered" else answer
