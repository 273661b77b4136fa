"""Which of the hub's answers a spoke takes, and with which words it doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.connections.holds import HoldRow
from autopilot.fleet.taking import NotTaken, judge, read, was_taken
from autopilot.fleet.wire import SCHEMA

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ENDPOINT, HOLD = "vpce-0123456789abcdef0", "hold-vpce-0123456789abcdef0-1"
ASKED = {
    "id": "q1",
    "endpoint_id": ENDPOINT,
    "hold": HOLD,
    "answer": "accept",
    "by": "alice",
    "reason": "CHG-17",
    "at": NOW.isoformat(),
    "until": (NOW + timedelta(hours=1)).isoformat(),
    "schema": SCHEMA,
}
OPEN = HoldRow(ENDPOINT, "vpce-svc-0a", HOLD, "open", NOW.isoformat(), 86400, token="t")


def refused(
    row: HoldRow | None = OPEN, approvers: tuple[str, ...] = ("alice",), **changes: Any
) -> str:
    """Why it isn't taken, "" if it is."""
    try:
        judge(read({**ASKED, **changes}, NOW), row, approvers, NOW)
    except NotTaken as why:
        return str(why)
    return ""


def ago(**time: int) -> str:
    return (NOW - timedelta(**time)).isoformat()


def ahead(**time: int) -> str:
    return (NOW + timedelta(**time)).isoformat()


def test_the_last_moment_is_in_time() -> None:
    assert refused(until=NOW.isoformat()) == ""
    assert refused(until=NOW.replace(tzinfo=None).isoformat()) == "", "without a zone it is UTC"


def test_a_person_becomes_the_one_who_answers() -> None:
    assert refused() == "" and refused(approvers=()) == "" and refused(unknown=1) == ""
    said = read(ASKED, NOW).said
    assert (said.answer, said.by, said.reason) == ("accept", "alice", "CHG-17")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"until": ago(seconds=1)}, "expired: it was to be carried out until 2026-11-30 11:59"),
        ({"until": ago(microseconds=1)}, "expired"),
        ({"at": ahead(minutes=6)}, "from the future"),
        ({"until": ahead(days=2)}, "open for too long"),
        ({"until": "soon"}, "not understood: until is 'soon'"),
        ({"by": "mallory"}, "no approver: mallory is none of the approvers"),
        ({"by": "autopilot"}, "not understood: by is 'autopilot'"),
        ({"by": " alice"}, "not understood: by is to be a name"),
        ({"by": None}, "not understood"),
        ({"answer": "expired"}, "not understood"),
        ({"answer": {"a": 1}}, "not understood"),
        ({"endpoint_id": "*"}, "not understood"),
        ({"hold": "another"}, "overtaken by another hold"),
        ({"hold": ""}, "overtaken by another hold"),
        ({"schema": SCHEMA + 1}, f"unknown schema {SCHEMA + 1}"),
        ({"schema": {}}, "unknown schema"),
        ({"schema": True}, "unknown schema"),
        ({"schema": -1}, "unknown schema"),
    ],
)
def test_what_a_message_says_wrong(changes: Mapping[str, Any], why: str) -> None:
    assert refused(**changes).startswith(why)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (None, f"no such request: no request of {ENDPOINT} waits"),
        (replace(OPEN, state="opening"), "overtaken: "),
        (replace(OPEN, state="answered", answer="reject", by="bob", at=ago(minutes=1)),
         f"overtaken: too late: {ENDPOINT} doesn't wait any more: it was rejected by bob"),
        (replace(OPEN, state="closed", answer="expired", at=ago(minutes=1)),
         f"overtaken: too late: {ENDPOINT} doesn't wait any more: its time was over"),
        (replace(OPEN, name="hold-2"), "overtaken by another hold: hold-2 took the place of hold-"),
    ],
)  # fmt: skip
def test_what_became_of_the_hold_meanwhile(row: HoldRow | None, why: str) -> None:
    assert refused(row).startswith(why)


def test_the_same_answer_may_come_again() -> None:
    given = replace(OPEN, state="answered", answer="accept", by="alice")
    over = replace(given, state="closed")
    assert refused(given) == "" and was_taken(read(ASKED, NOW), over)
    assert not was_taken(read({**ASKED, "by": "bob"}, NOW), over)
    assert not was_taken(read({**ASKED, "hold": "hold-2"}, NOW), over)
    assert not was_taken(read(ASKED, NOW), OPEN) and not was_taken(read(ASKED, NOW), None)


@pytest.mark.parametrize("id_", [None, "", "a b", "x" * 65, {}])
def test_what_has_no_id_gets_no_answer(id_: Any) -> None:
    with pytest.raises(ValueError, match="write the question's"):
        read({**ASKED, "id": id_}, NOW)
