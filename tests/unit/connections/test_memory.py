"""What is remembered of connections: people's answers, members of the organization, rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.attribution import by_people, to_forget, writes
from autopilot.connections.holds import Hold, HoldAnswer, needless, opened, same_answer, spoken
from autopilot.connections.organization import Member
from autopilot.connections.remembered import forgotten, kept, known, learned, remembered
from autopilot.connections.request import PersonsAnswer
from autopilot.reconcile.codec import decode

from tests.unit.connections.builders import (
    ALICE,
    ENDPOINT,
    EXECUTION,
    NOW,
    ORGANIZATION,
    SERVICE,
    connection,
    facts,
    memory,
)

SUBJECT = f"{SERVICE}/{ENDPOINT}"
BOB = "arn:aws:iam::111111111111:user/bob"


def said(verdict: Any = "accept", by: str = ALICE, minutes: int = 0) -> PersonsAnswer:
    at = (NOW + timedelta(minutes=minutes)).isoformat()
    return PersonsAnswer(ENDPOINT, SERVICE, verdict, by, at)


@pytest.mark.parametrize(
    ("answers", "before", "state", "by"),
    [
        ([said()], None, "accepted", ALICE),
        ([said("reject")], None, "rejected", ALICE),
        ([said()], memory(), "accepted", ALICE),
        ([said(minutes=-9999)], memory(), "accepted", ALICE),
        ([said()], memory(state="accepting"), "accepted", ALICE),
        ([said("accept"), said("reject", BOB, 1)], None, "rejected", BOB),
        ([said("reject", BOB, 1), said("accept")], None, "rejected", BOB),
        ([said("accept", minutes=1)], memory(by=BOB, at=NOW.isoformat()), "accepted", ALICE),
    ],
)
def test_people_go_before_the_automation_and_the_later_before_the_earlier(
    answers: Any, before: Any, state: str, by: str
) -> None:
    made = by_people(answers, {SUBJECT: before} if before else {})[SUBJECT]
    assert (made.state, made.by) == (state, by)


def test_an_answer_that_is_known_changes_nothing() -> None:
    changed = by_people([said()], {})
    assert by_people([said(), said()], changed) == {}
    assert by_people([said("reject", minutes=-1)], changed) == {}


def test_rows_read_back_and_only_rejections_expire() -> None:
    for state in ("accepting", "accepted", "cutting", "rejecting", "rejected"):
        write = kept(SUBJECT, memory(state=state, claimed_by=EXECUTION), memory(version=3))
        assert write.row is not None
        assert remembered(write.row) == memory(state=state, claimed_by=EXECUTION, version=4)
        assert write.replaces == 3
        assert (write.row.expires_at is not None) == (state == "rejected")
    assert kept(SUBJECT, memory(), None).replaces is None
    assert forgotten(SUBJECT, memory(version=2)).replaces == 2
    (write,) = writes(
        by_people([said()], {SUBJECT: memory(version=7)}), {SUBJECT: memory(version=7)}
    )
    assert write.replaces == 7


@pytest.mark.parametrize(
    ("state", "known_state", "age", "goes"),
    [
        ("rejected", "accepted", 60, True),
        ("deleted", "accepted", 60, True),
        (None, "accepted", 60, True),
        (None, "accepting", 60, True),
        (None, "accepted", 5, False),
        ("available", "accepted", 60, False),
        ("a new one", "accepted", 60, False),
        ("pendingAcceptance", "accepting", 60, False),
        (None, "rejected", 60, False),
    ],
)
def test_acceptances_that_are_over_are_forgotten(
    state: Any, known_state: Any, age: int, goes: bool
) -> None:
    at = (NOW - timedelta(minutes=age)).isoformat()
    seen = facts(
        *([connection(state=state)] if state else []),
        memory={SUBJECT: memory(state=known_state, at=at)},
    )
    assert bool(to_forget(seen, NOW)) == goes


@pytest.mark.parametrize(
    ("member", "minutes", "later", "still"),
    [
        (Member(frozenset({ORGANIZATION, "ou-1"})), 59, False, True),
        (Member(frozenset({ORGANIZATION}), units=False), 61, False, False),
        (Member(frozenset({ORGANIZATION})), 61, True, True),
        (Member(frozenset({ORGANIZATION})), 121, True, False),
        (Member(), 4, False, True),
        (Member(), 6, False, False),
        (Member(), 6, True, True),
    ],
)
def test_members_are_known_for_a_while(
    member: Member, minutes: int, later: bool, still: bool
) -> None:
    write = learned("222222222222", member, None, EXECUTION, NOW)
    assert write.row is not None
    found = known(write.row, NOW + timedelta(minutes=minutes), later=later)
    assert found == (member if still else None)


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
