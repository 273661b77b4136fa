"""Rows of connections and of members of the organization."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.calls import PersonsAnswer
from autopilot.connections.facts import Member
from autopilot.connections.remembered import (
    by_people,
    forgotten,
    kept,
    learned,
    member_in,
    remembered,
)

from tests.unit.connections.builders import (
    ALICE,
    ENDPOINT,
    EXECUTION,
    NOW,
    ORGANIZATION,
    SERVICE,
    memory,
)

SUBJECT = f"{SERVICE}/{ENDPOINT}"


def said(verdict: Any = "accept", by: str = ALICE, minutes: int = 0) -> PersonsAnswer:
    at = (NOW + timedelta(minutes=minutes)).isoformat()
    return PersonsAnswer(ENDPOINT, SERVICE, verdict, by, at)


def test_rows_read_back_and_only_rejections_expire() -> None:
    for state in ("accepting", "accepted", "cutting", "rejecting", "rejected"):
        write = kept(SUBJECT, memory(state=state, claimed_by=EXECUTION), memory(version=3))
        assert write.row is not None
        assert remembered(write.row) == memory(state=state, claimed_by=EXECUTION, version=4)
        assert write.replaces == 3
        assert (write.row.expires_at is not None) == (state == "rejected")
    assert kept(SUBJECT, memory(), None).replaces is None
    assert forgotten(SUBJECT, memory(version=2)).replaces == 2
    answered = by_people([said()], {SUBJECT: memory(version=7)})[SUBJECT]
    assert kept(SUBJECT, answered, memory(version=7)).replaces == 7


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
    found = member_in(write.row, NOW + timedelta(minutes=minutes), later=later)
    assert found == (member if still else None)
