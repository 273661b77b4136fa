"""A spoke's row after what it said: the youngest word counts, in whatever order words come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from autopilot.fleet.heard import Heard, heard_of
from autopilot.fleet.hearing import Beat, sort, youngest
from autopilot.fleet.heartbeats import after, write_of
from autopilot.fleet.wire import Heartbeat
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fleet.said import NOW, SPOKE, ago, beat, event, records


def said(*beats: Heartbeat) -> list[Beat]:
    return list(sort(records(*map(event, beats)), NOW).beats)


def told(known: Heard | None, *beats: Heartbeat) -> Heard:
    """The spoke after each of them came by itself, written and read each time."""
    for each in said(*beats):
        heard = after(known, [each], NOW)
        if heard:
            row = write_of(heard, NOW).row
            assert row is not None
            known = heard_of(row)
    assert known is not None
    return known


BEATS = st.builds(
    lambda minutes, release, stack, undelivered: beat(
        at=ago(minutes=minutes), release=release, stack=stack, undelivered=undelivered
    ),
    st.integers(0, 300),
    st.sampled_from(["r1", "r2"]),
    st.sampled_from(["one", "two"]),
    st.integers(0, 1),
)


@given(st.lists(BEATS, min_size=1, max_size=6), st.data())
def test_any_order_and_any_repetition_say_the_same(
    beats: list[Heartbeat], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(beats), max_size=4))
    shuffled = data.draw(st.permutations([*beats, *again]))

    first, second = told(None, *beats), told(None, *shuffled)

    for name in ("heartbeat", "at", "first_heard", "stacks", "newer"):
        assert getattr(first, name) == getattr(second, name), name


@given(st.lists(BEATS, min_size=1, max_size=6))
def test_a_batch_says_what_its_heartbeats_say_one_by_one(beats: list[Heartbeat]) -> None:
    [together] = youngest(said(*beats)).values()
    known = after(None, together, NOW)

    assert known is not None
    assert known.heartbeat == told(None, *beats).heartbeat


def test_an_older_heartbeat_changes_nothing() -> None:
    young, old = beat(release="r2"), beat(at=ago(hours=2), release="r1")
    known = told(None, old, young)

    assert after(known, said(old), NOW) is None
    assert told(known, replace(old, undelivered=3)).heartbeat == young


def test_since_when_a_release_runs_and_news_wait() -> None:
    known = told(
        None,
        beat(at=ago(hours=4), release="r1"),
        beat(at=ago(hours=3), release="r2", undelivered=1),
        beat(at=ago(hours=2), release="r2", undelivered=5),
    )
    assert (known.release_since, known.undelivered_since) == (ago(hours=3), ago(hours=3))
    assert told(known, beat(at=ago(hours=1), undelivered=0)).undelivered_since == ""


def test_no_future_word_closes_the_door_behind_itself() -> None:
    forged = told(None, beat(at="2999-01-01T00:00:00Z", release="forged"))
    later = NOW + timedelta(minutes=1)
    [honest] = sort(records(event(beat(at=later.isoformat()))), later).beats

    heard = after(forged, [honest], later)

    assert heard is not None
    assert heard.heartbeat.release == "r1"


def test_a_stack_that_has_been_silent_for_a_day_is_forgotten() -> None:
    known = told(None, beat(at=ago(hours=30), stack="old"), beat(at=ago(hours=1), stack="new"))

    assert known.stacks == {"new": (ago(hours=1), ago(hours=1))}
    assert str(known.spoke) == str(SPOKE)


def test_a_spokes_stacks_are_few_whatever_it_calls_itself() -> None:
    known = told(None, *(beat(at=ago(minutes=n), stack=f"s{n}") for n in range(50)))

    assert sorted(known.stacks) == ["s0", "s1", "s2", "s3", "s4"]
