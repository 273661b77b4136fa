"""Whether a spoke takes an answer that the hub hands it: a message alone lets nobody in.

Who sent it was checked by IAM. Here it is held against what the spoke itself knows: its clock, its
own list of approvers, the hold that waits at this moment. Even then it is a person's answer and no
more: the workflow decides again, by the policy and the permission list of that moment.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from autopilot.connections.holds import HoldAnswer, HoldRow, spoken
from autopilot.connections.in_vain import why_not
from autopilot.fleet.answers import LONGEST, may_answer, not_approver
from autopilot.fleet.wire import SCHEMA, AskedAnswer
from autopilot.notify.phrases import moment
from autopilot.reconcile.codec import decode

SCHEMAS = frozenset({SCHEMA - 1, SCHEMA} - {0})
SKEW = timedelta(minutes=5)
"""How far the hub's clock may be ahead of this one."""
_ID = re.compile(r"[\w-]{1,64}")
_MOST_SHOWN = 200


@dataclass(frozen=True)
class Asked:
    """What the hub asks, and what it comes to as a person's answer."""

    question: AskedAnswer
    said: HoldAnswer


class NotTaken(Exception):
    """Raised when an answer isn't taken; the words say why."""


def read(event: Mapping[str, Any], now: datetime) -> Asked:
    """What is asked. Raises NotTaken for what can't be read, ValueError for what has no id."""
    id_, schema = event.get("id"), event.get("schema", 1)
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise ValueError(f"id is {str(id_)[:_MOST_SHOWN]!r}; write the question's")
    if type(schema) is not int or schema not in SCHEMAS:
        shown = str(schema)[:_MOST_SHOWN]
        raise NotTaken(f"unknown schema {shown}: this spoke's version knows {max(SCHEMAS)}")
    try:
        question = decode(AskedAnswer, event)
        endpoint_id, said = spoken(event, now)
    except (KeyError, ValueError, TypeError) as error:
        raise NotTaken(f"not understood: {str(error)[:_MOST_SHOWN]}") from error
    if (endpoint_id, said.by) != (question.endpoint_id, question.by):
        raise NotTaken("not understood: by is to be a name, without blanks around it")
    return Asked(question, said)


def judge(asked: Asked, row: HoldRow | None, approvers: Collection[str], now: datetime) -> None:
    """Raises NotTaken unless the answer may be given to the hold that `row` is."""
    question = asked.question
    _in_time(question, now)
    if not may_answer(question.by, approvers):
        raise NotTaken(f"no approver: {not_approver(question.by)}")
    if row is None:
        raise NotTaken(f"no such request: no request of {question.endpoint_id} waits")
    if row.name != question.hold:
        raise NotTaken(
            f"overtaken by another hold: {row.name} took the place of {question.hold[:_MOST_SHOWN]}"
        )
    if row.state != "open" and not is_given(asked, row):
        raise NotTaken(f"overtaken: {why_not(row)}")


def was_taken(asked: Asked, row: HoldRow | None) -> bool:
    """Whether this very answer has been carried out since: asking twice is one answer."""
    same = row is not None and row.state == "closed" and row.name == asked.question.hold
    return same and row is not None and (row.answer, row.by) == (asked.said.answer, asked.said.by)


def is_given(asked: Asked, row: HoldRow | None) -> bool:
    """Whether it was given before, and may not have reached the execution."""
    if row is None or (row.state, row.name) != ("answered", asked.question.hold):
        return False
    return (row.answer, row.by) == (asked.said.answer, asked.said.by)


def _in_time(question: AskedAnswer, now: datetime) -> None:
    """No grace at the end; a time that is far away would let whoever keeps a message use it."""
    at, until = _moment("at", question.at), _moment("until", question.until)
    if now > until:
        raise NotTaken(f"expired: it was to be carried out until {moment(question.until)}")
    if at > now + SKEW:
        raise NotTaken(f"from the future: it is of {moment(question.at)}; look at both clocks")
    if until > now + LONGEST + SKEW:
        raise NotTaken(f"open for too long: until {moment(question.until)}")


def _moment(name: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        shown = text[:_MOST_SHOWN]
        raise NotTaken(f"not understood: {name} is {shown!r}; write ISO 8601") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
