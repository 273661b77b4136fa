"""Events as they come: what is read, what is put aside, and who it is that speaks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from autopilot.fleet import hearing
from autopilot.fleet.heard import Heard, heard_of
from autopilot.fleet.hearing import Beat, moment_of, sort
from autopilot.fleet.heartbeats import after, write_of
from autopilot.fleet.wire import SCHEMA, Held, OpenFinding, Spoke
from autopilot.reconcile.codec import encode

from tests.unit.fleet.said import NOW, SPOKE, ago, beat, event, news, records


def test_reads_heartbeats_and_news() -> None:
    given = beat(findings=(OpenFinding("a", "A", "failure", "It broke"),), coverage={"vpcs": 2})

    heard = sort(records(event(given), event(news())), NOW)

    assert [(each.spoke, each.heartbeat) for each in heard.beats] == [(SPOKE, given)]
    assert [(each.spoke, each.news) for each in heard.news] == [(SPOKE, news())]
    assert heard.unreadable == ()


def test_a_message_that_this_code_fails_at_is_put_aside_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reads(said: str, now: datetime) -> str:
        return str(1 // 0) if said == ago(hours=3) else moment_of(said, now)

    monkeypatch.setattr(hearing, "moment_of", reads)
    heard = sort(records(event(beat(at=ago(hours=3))), event(news(at=ago()))), NOW)

    assert [each.message_id for each in heard.unreadable] == ["m-0"]
    assert "ZeroDivisionError" in heard.unreadable[0].reason
    assert len(heard.news) == 1


def test_who_speaks_is_the_event_and_never_the_detail() -> None:
    lie = event(beat())
    lie["detail"] |= {"account": "999999999999", "region": "us-east-1", "spoke": "x"}

    [heard] = sort(records(lie), NOW).beats

    assert heard.spoke == SPOKE


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("7", "no event"),
        (event(beat(), source="aws.ec2"), "source is 'aws.ec2'"),
        (event(beat(), account="22"), "nobody knows who speaks"),
        (event(beat(), region="../x"), "nobody knows who speaks"),
        (event(beat(), detail="text"), "no detail"),
        ({**event(beat()), "detail-type": "Else"}, "detail type is 'Else'"),
        (event(beat(), detail={}), "at"),
        (event(beat(), detail={**encode(beat()), "findings": 7}), "findings is 7"),
        (event(beat(schema=SCHEMA - 2)), f"schema is {SCHEMA - 2}"),
        (event(beat(), detail={**encode(beat()), "schema": True}), "schema is True"),
        (event(news("")), "no id"),
        (event(beat(schema=10**40)), "schema is 1000"),
        (event(beat(coverage={f"{n:x>400}": n for n in range(100)} | {"a": 1})), ""),
    ],
)
def test_what_nobody_can_read_is_put_aside_with_its_reason(bad: Any, why: str) -> None:
    heard = sort(records(bad, event(news())), NOW)

    assert len(heard.news) == 1, "nobody's bad event harms the good ones"
    if why:
        [aside] = heard.unreadable
        assert (aside.message_id, why in aside.reason) == ("m-0", True), aside.reason


def test_the_schema_before_is_read_and_unknown_members_are_left_aside() -> None:
    old = event(beat(schema=SCHEMA - 1))
    old["detail"] |= {"undelivered": None, "what_is_this": {"a": [1]}}

    [heard] = sort(records(old), NOW).beats

    assert (heard.newer, heard.heartbeat.undelivered) == (False, 0)


def test_a_newer_schema_is_read_as_far_as_it_goes_and_marked() -> None:
    detail = {
        **encode(beat(release="r9", hold_count=2)),
        "schema": SCHEMA + 1,
        "findings": {"now": "an object"},
        "holds": [{"endpoint_id": "vpce-1"}],
        "version": {"code": "v2"},
        "cents": "12.50",
    }
    told = {**encode(news()), "schema": SCHEMA + 1, "kinds": "RouteTableBusy", "ids": {}}

    heard = sort(records(event(beat(), detail=detail), event(news(), detail=told)), NOW)

    [read], [said] = heard.beats, heard.news
    assert read.newer
    assert (read.heartbeat.release, read.heartbeat.hold_count) == ("r9", 2)
    assert (read.heartbeat.version, read.heartbeat.findings, read.heartbeat.cents) == ("", (), None)
    assert (said.news.kinds, said.news.text) == ((), news().text)


def test_every_text_and_list_is_cut_to_what_a_row_has_room_for() -> None:
    held = Held("vpce-1", "h", "1" * 12, "s", "n", ago(), ago(), why="w" * 10_000)
    long = beat(holds=(held,) * 1000, findings=(OpenFinding("i", "k", "s", "t" * 9999),) * 300)

    heard = sort(records(event(long), event(news(text="x" * 200_000, title="\ud800"))), NOW)

    [read], [said] = heard.beats, heard.news
    assert (len(read.heartbeat.holds), len(read.heartbeat.holds[0].why)) == (100, 500)
    assert len(json.dumps(encode(read.heartbeat))) < 350_000
    assert (len(said.news.text), said.news.title) == (50_000, "?")


NOT_UNICODE, HUGE = "\ud800", 10**4000


@pytest.mark.parametrize(
    "said",
    [
        {"sweeps": {NOT_UNICODE: "x"}},
        {NOT_UNICODE: 1},
        {"policy": NOT_UNICODE},
        {"schema": HUGE},
        {"schema": 10**50},
        {"coverage": {"ways": HUGE, "ways_private": -HUGE}},
        {"finding_count": HUGE, "hold_count": -HUGE, "undelivered": HUGE, "cents": HUGE},
        {"cents": 1e300},
        {"at": "garbage"},
        {"at": "2026-11-30T11:00:00"},
        {"at": "9999-12-31T23:59:59-23:59"},
    ],
)
def test_whatever_one_spoke_says_fits_into_a_row_and_a_sum(said: Any) -> None:
    hostile = event(beat(), detail={**encode(beat(holds=())), **said})

    heard = sort(records(hostile, event(news())), NOW)

    assert len(heard.news) == 1, "nobody's bad event harms the good ones"
    for each in heard.beats:
        row = write_of(_after(each), NOW).row
        assert row is not None
        for value in row.body.values():
            assert len(str(value).encode()) < 400_000
            assert not isinstance(value, int) or abs(value) < 10**37
        beat_, again = each.heartbeat, heard_of(row).heartbeat
        assert again == beat_
        assert 0 <= (NOW - datetime.fromisoformat(beat_.at)).total_seconds() < 2 * 86400
        counts = (beat_.finding_count, beat_.hold_count, beat_.undelivered, beat_.cents or 0)
        assert all(abs(n) <= 10**12 for n in (*counts, *beat_.coverage.values()))


def _after(each: Beat) -> Heard:
    made = after(None, [each], NOW)
    assert made is not None
    return made


def test_kinds_are_names_and_ids_one_short_line() -> None:
    """They become attributes of messages, and lines of mails."""
    kinds = ("", "A\nB", "<x>", "\0", *("k" * 500 for _ in range(90)))
    given = news(kinds=kinds, ids=("a\nb\x1b[31m" + "x" * 900,))

    [heard] = sort(records(event(given)), NOW).news

    assert heard.news.kinds[:2] == ("AB", "x")
    assert len(heard.news.kinds) == 20
    assert all(0 < len(each) <= 80 for each in heard.news.kinds)
    [id_] = heard.news.ids
    assert id_.isprintable()
    assert len(id_) <= 200


def test_an_id_that_is_no_key_becomes_one_and_stays_the_same_for_the_same_news() -> None:
    strange = [event(news("ü" * 300)), event(news("ü" * 300)), event(news("ü" * 299))]

    ids = [each.news.id for each in sort(records(*strange), NOW).news]

    assert ids[0] == ids[1] != ids[2]
    assert all(id_.isascii() and len(id_) == 64 for id_ in ids)


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("2026-11-30T11:00:00Z", "2026-11-30T11:00:00.000+00:00"),
        ("2026-11-30T12:00:00+02:00", "2026-11-30T10:00:00.000+00:00"),
        ("2026-11-30T11:00:00", "2026-11-30T11:00:00.000+00:00"),
        ("2999-01-01T00:00:00Z", "2026-11-30T12:00:00.000+00:00"),
        ("9999-12-31T23:59:59-23:59", "2026-11-30T12:00:00.000+00:00"),
        ("soon", "2026-11-30T12:00:00.000+00:00"),
    ],
)
def test_nothing_is_said_later_than_it_came(said: str, is_: str) -> None:
    assert moment_of(said, NOW) == is_


def test_spokes_are_told_apart_by_account_and_region() -> None:
    other = replace(SPOKE, region="us-east-1")

    heard = sort(records(event(beat()), event(beat(), other)), NOW)

    assert {each.spoke for each in heard.beats} == {SPOKE, Spoke("222222222222", "us-east-1")}


def test_a_kind_that_is_no_word_is_none() -> None:
    """It becomes an attribute of a message, which SNS refuses without a value."""
    [told] = sort(records(event(news(kinds=("", "\x00", "RouteTableBusy")))), NOW).news

    assert told.news.kinds == ("RouteTableBusy",)


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z"])
def test_a_moment_before_there_was_any_spoke_is_none(said: str) -> None:
    assert moment_of(said, NOW) == ago()


def test_a_name_that_no_text_can_hold_harms_nobody_elses_word() -> None:
    """JSON may hold half a character, which nothing can write."""
    strange = event(beat(), detail={**encode(beat()), "sweeps": {"\ud800": "x"}})

    heard = sort(records(strange, event(news())), NOW)

    assert len(heard.news) == 1
    json.dumps(encode(heard.beats[0].heartbeat), ensure_ascii=False).encode()
