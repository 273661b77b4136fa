"""What AWS was last asked: kept in rows, asked again in time, with since when things are so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from autopilot.fleet.facts import INSTANCES, Instance, Member, Survey
from autopilot.fleet.surveyed import due, since_when, survey_in, writes_of
from autopilot.notify.ledger import Row

from tests.unit.fleet.said import NOW, ago

MANY = Survey(
    at=ago(minutes=1),
    instances=tuple(
        Instance(f"{n:012}", "us-east-1", "S", "CURRENT", "SUCCEEDED", "r" * 300, ago())
        for n in range(2500)
    ),
    members=tuple(Member(f"{n:012}", "n", "ACTIVE", "t", ago()) for n in range(500)),
    unread={INSTANCES: "no"},
)


def rows(survey: Survey, before: tuple[Row, ...] = ()) -> tuple[Row, ...]:
    known = {row.key: row for row in before}
    for write in writes_of(survey, before, NOW):
        if write.row is None:
            del known[write.key]
        else:
            known[write.key] = write.row
    return tuple(known.values())


def test_what_is_kept_is_read_back_from_rows_that_fit() -> None:
    kept = rows(MANY)

    assert survey_in(reversed(kept)) == MANY
    assert max(len(str(row.body)) for row in kept) < 400_000
    assert len(kept) == 9 + 2 + 1


@pytest.mark.parametrize("letter", ["r", "ä", "語", "\N{PILE OF POO}", '"', "\\"])
def test_a_row_has_room_for_it_in_whatever_script(letter: str) -> None:
    """400 KB are of bytes."""
    survey = replace(
        MANY, instances=tuple(replace(each, reason=letter * 300) for each in MANY.instances)
    )
    kept = rows(survey)

    assert survey_in(kept) == survey
    assert max(sum(len(str(v).encode()) for v in row.body.values()) for row in kept) <= 302_000
    assert len(kept) <= 2500 * 2000 // 300_000 + 5, "no more rows than it takes"


def test_a_smaller_survey_leaves_nothing_of_the_larger_one() -> None:
    small = replace(MANY, instances=MANY.instances[:2], members=())

    assert survey_in(rows(small, rows(MANY))) == small


def test_a_survey_that_is_not_whole_counts_as_none() -> None:
    assert survey_in(rows(MANY)[1:]) == Survey()
    assert survey_in(()) == Survey()


@pytest.mark.parametrize(
    ("minutes", "wondering", "asks"),
    [(5, False, False), (5, True, False), (11, True, True), (59, False, False), (60, False, True)],
)
def test_asks_every_hour_and_sooner_where_nobody_knows_why(
    minutes: int, wondering: bool, asks: bool
) -> None:
    survey = Survey(at=(NOW - timedelta(minutes=minutes)).isoformat())
    assert due(survey, NOW, wondering=wondering) is asks
    assert due(Survey(), NOW, wondering=False)


def test_remembers_since_when_things_are_as_they_are() -> None:
    old = Survey(
        at=ago(hours=1),
        instances=(Instance("1", "r", "S", "CURRENT", "SUCCEEDED", since=ago(days=3)),),
        members=(Member("1", "n", "ACTIVE", "t", ago(days=3)), Member("2", "n", "ACTIVE", "t")),
    )
    now = Survey(
        instances=(
            Instance("1", "r", "S", "CURRENT", "SUCCEEDED"),
            Instance("2", "r", "S", "CURRENT", "SUCCEEDED"),
        ),
        members=(Member("1", "other", "ACTIVE", "t"), Member("2", "n", "ACTIVE", "u")),
    )

    found = since_when(now, old, NOW)

    new = NOW.isoformat(timespec="seconds")
    assert [each.since for each in found.instances] == [ago(days=3), new]
    assert [each.since for each in found.members] == [ago(days=3), new]
    assert found.at == new


def test_what_cant_be_read_now_stays_as_it_was_read() -> None:
    found = since_when(replace(Survey(), unread={INSTANCES: "no"}), MANY, NOW)

    assert found.instances == MANY.instances
    assert found.members == ()
    assert not found.knows_instances


@pytest.mark.parametrize(("minutes", "asks"), [(5, False), (10, True)])
def test_what_aws_did_not_tell_is_asked_for_again_soon(minutes: int, asks: bool) -> None:
    unread = replace(MANY, at=ago(minutes=minutes), unread={INSTANCES: "Throttled"})
    assert due(unread, NOW, wondering=False) is asks
