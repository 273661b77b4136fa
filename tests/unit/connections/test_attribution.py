"""Who accepted what: people, tags on connections, and what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.calls import PersonsAnswer
from autopilot.connections.facts import Connection, ConnectionFacts, Remembered
from autopilot.connections.holds import Hold, opened
from autopilot.connections.remembered import (
    AT_TAG,
    BY_TAG,
    RULE_TAG,
    by_people,
    mark,
    to_forget,
    to_unmark,
    with_marks,
)
from autopilot.reconcile.tags import OWNER_TAG

from tests.unit.connections.builders import (
    ALICE,
    ENDPOINT,
    EXECUTION,
    NOW,
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


HOLD = Hold("hold-1", ENDPOINT, SERVICE, "name", "222222222222", "why", "", 3600)


OPEN = opened(HOLD, None, "token", EXECUTION, NOW)


def changed(**changes: Any) -> Any:
    return type(OPEN)(**{**vars(OPEN), **changes})


AT = "2026-11-30T08:00:00.123456+00:00"


OURS = Remembered("accepted", "autopilot", "allowed principals", "because", AT)


PERSONS = Remembered("accepted", "arn:aws:iam::111111111111:user/maria", at=AT)


TAGS = mark("Stack", OURS)


def marked(
    state: str = "available",
    tags: Mapping[str, str] = TAGS,
    memory: Remembered | None = None,
) -> ConnectionFacts:
    seen = Connection("vpce-1", "vpce-svc-1", "222222222222", state, id="vpce-con-1", tags=tags)
    return ConnectionFacts(connections=(seen,), memory={seen.subject: memory} if memory else {})


def believed(seen: ConnectionFacts, owner: str = "Stack") -> Remembered | None:
    return with_marks(seen, owner).memory.get("vpce-svc-1/vpce-1")


def test_they_say_whose_it_is_under_which_rule_by_whom_and_when() -> None:
    assert TAGS == {
        OWNER_TAG: "Stack",
        RULE_TAG: "allowed principals",
        BY_TAG: "autopilot",
        AT_TAG: AT,
    }


def test_a_rule_fits_into_a_tag() -> None:
    rule = "organization o-1, services with tier=shared; {" + "x" * 300
    said = mark("Stack", Remembered("accepted", "autopilot", rule, at=AT))[RULE_TAG]
    assert len(said) == 256
    assert said.startswith("organization o-1_ services with tier=shared_ _xxx")


def test_they_are_believed_where_the_ledger_knows_nothing() -> None:
    found = believed(marked())
    assert found
    assert found.we_accepted
    assert (found.rule, found.at, found.version) == ("allowed principals", AT, 0)


@pytest.mark.parametrize(
    "seen",
    [
        marked(memory=PERSONS),
        marked(memory=Remembered("accepting", "autopilot", at=AT)),
        marked(state="pendingAcceptance"),
        marked(state="rejected"),
        marked(tags={}),
        marked(tags={**TAGS, OWNER_TAG: "Another"}),
        marked(tags={**TAGS, BY_TAG: "arn:aws:iam::111111111111:user/maria"}),
        marked(tags={OWNER_TAG: "Stack"}),
    ],
)
def test_they_give_no_right_against_the_ledger_or_of_anybody_else(seen: ConnectionFacts) -> None:
    assert with_marks(seen, "Stack").memory == seen.memory


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2026-99-99T99:99:99+00:00", "2026-11-30T08:00:00"]
)
def test_a_time_that_cannot_be_read_stops_nothing(at: str) -> None:
    found = believed(marked(tags={**TAGS, AT_TAG: at}))
    assert found
    assert found.at == ""


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        (marked(), ()),
        (marked(memory=OURS), ()),
        (marked(memory=PERSONS), ("vpce-con-1",)),
        (marked(state="rejected"), ("vpce-con-1",)),
        (marked(state="rejected", tags={}), ()),
        (marked(state="deleted"), ()),
        (marked(state="Deleting"), ()),
        # We cut it, and somebody of whom nothing was heard has let it in again.
        (marked(memory=Remembered("rejected", "autopilot", at=AT)), ("vpce-con-1",)),
        (marked(memory=Remembered("cutting", "autopilot", at=AT)), ()),
        (marked(memory=PERSONS, tags={**TAGS, OWNER_TAG: "Another"}), ()),
    ],
)
def test_they_go_where_a_person_answered_and_where_it_is_over(
    seen: ConnectionFacts, ids: tuple[str, ...]
) -> None:
    assert to_unmark(seen, "Stack") == ids


def test_no_more_than_one_call_takes() -> None:
    (one,) = marked(state="rejected").connections
    many = tuple(replace(one, id=f"vpce-con-{number:04}") for number in range(1200))
    assert len(to_unmark(ConnectionFacts(connections=many), "Stack")) == 500
