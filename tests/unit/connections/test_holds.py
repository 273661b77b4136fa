"""Holds: their rows, what ends them, what a person may say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.connections.holds import (
    Hold,
    HoldAnswer,
    HoldRow,
    answered,
    hold_row,
    needless,
    opened,
    opening,
    put,
    same_answer,
    spoken,
)
from autopilot.reconcile.codec import decode

from tests.unit.connections.builders import (
    ALICE,
    CONSUMER,
    ENDPOINT,
    EXECUTION,
    NOW,
    SERVICE,
)

HOLD = Hold(f"hold-{ENDPOINT}-1", ENDPOINT, SERVICE, "name", CONSUMER, "no rule", "", 3600)


def row(state: Any = "open", **changes: Any) -> HoldRow:
    made = opened(HOLD, None, "token", EXECUTION, NOW)
    return replace(made, state=state, **changes)


ALICES = {"answer": "accept", "by": ALICE, "at": NOW.isoformat()}


def test_a_hold_row_survives_the_ledger() -> None:
    for known in (opening(HOLD, EXECUTION, NOW), row("closed"), row("answered", **ALICES)):
        write = put(known, None, NOW)
        assert write.row is not None
        assert hold_row(write.row) == replace(known, version=1)
        assert (write.row.expires_at is not None) == (known.state == "closed")
    again = put(row("closed"), row(version=4), NOW)
    assert again.row is not None
    assert (again.replaces, again.row.version) == (4, 5)
    said = HoldAnswer("reject", ALICE, "because", NOW.isoformat())
    assert answered(row(), said).state == "answered"


HOLD = Hold("hold-1", ENDPOINT, SERVICE, "name", "222222222222", "why", "", 3600)


OPEN = opened(HOLD, None, "token", EXECUTION, NOW)


def changed(**changes: Any) -> Any:
    return type(OPEN)(**{**vars(OPEN), **changes})


@pytest.mark.parametrize(
    ("row", "ends"),
    [
        (None, None),
        (OPEN, None),
        (changed(state="opening", token=""), None),
        (changed(name="hold-2", state="closed"), None),
        (changed(state="closed", answer="gone", reason="it is gone"),
         HoldAnswer("closed", reason="it is gone", answered="gone")),
        (changed(state="answered", answer="reject", by=ALICE, at="t"),
         HoldAnswer("reject", by=ALICE, at="t")),
        (changed(name="hold-2"),
         HoldAnswer("closed", reason="hold-2 asks already", answered="policy")),
    ],
)  # fmt: skip
def test_what_ends_a_hold_before_it_asks(row: Any, ends: Any) -> None:
    assert needless(HOLD, row) == ends


def test_an_opened_hold_keeps_when_it_began() -> None:
    begun = changed(state="opening", token="", opened_at="earlier", version=3)
    again = opened(HOLD, begun, "new token", EXECUTION, NOW)
    assert (again.opened_at, again.token, again.state) == ("earlier", "new token", "open")


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ({}, "endpoint_id is None"),
        ({"endpoint_id": "vpce-svc-0a"}, "write an id like vpce-"),
        ({"endpoint_id": ENDPOINT}, "answer is None; write accept or reject"),
        ({"endpoint_id": ENDPOINT, "answer": "maybe"}, "answer is 'maybe'"),
        ({"endpoint_id": ENDPOINT, "answer": "expired"}, "answer is 'expired'"),
        ({"endpoint_id": ENDPOINT, "answer": "accept"}, "by is missing"),
        ({"endpoint_id": ENDPOINT, "answer": "accept", "by": "  "}, "by is missing"),
        ({"endpoint_id": ENDPOINT, "answer": "accept", "by": 7}, "by is missing"),
        ({"endpoint_id": ENDPOINT, "answer": "accept", "by": "autopilot"}, "automation's own"),
    ],
)
def test_an_answer_that_cannot_be_read_says_what_would_be_right(event: Any, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        spoken(event, NOW)


def test_an_answer_is_read() -> None:
    event = {"endpoint_id": ENDPOINT, "answer": "accept", "by": f" {ALICE} ", "reason": "x" * 2000}
    endpoint_id, answer = spoken(event, NOW)
    assert endpoint_id == ENDPOINT
    assert (answer.by, answer.at, len(answer.reason)) == (ALICE, NOW.isoformat(), 1000)
    assert same_answer(changed(state="answered", answer="accept", by=ALICE), answer)
    assert not same_answer(changed(state="answered", answer="reject", by=ALICE), answer)
    assert not same_answer(changed(state="closed", answer="accept", by=ALICE), answer)


def test_a_holds_answer() -> None:
    assert decode(HoldAnswer, {"answer": "expired"}) == HoldAnswer("expired")
    full = HoldAnswer("closed", "by", "reason", "at", "policy")
    assert decode(HoldAnswer, vars(full)) == full
    with pytest.raises(ValueError, match="answer is 'maybe'"):
        decode(HoldAnswer, {"answer": "maybe"})
