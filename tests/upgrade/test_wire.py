"""What spokes of an earlier version say is read, and what an earlier hub asks is understood.

`wire/schema_1.json` is as the first version of the wire wrote it. It is never written anew: where
the wire changes, a file of the next schema stands beside it.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from autopilot.fleet import hearing, taking
from autopilot.fleet.answers import answered
from autopilot.fleet.hearing import sort
from autopilot.fleet.wire import Heartbeat, News, Spoke
from autopilot.reconcile.codec import encode

FIRST: dict[str, Any] = json.loads((Path(__file__).parent / "wire/schema_1.json").read_text())
NOW = datetime(2026, 11, 30, 12, 1, tzinfo=UTC)
KINDS = {"heartbeat": Heartbeat, "news": News}


def heard(*events: Any) -> hearing.HeardBatch:
    return sort([{"messageId": "m", "body": json.dumps(each)} for each in events], NOW)


def test_the_hub_reads_all_that_a_spoke_of_the_first_schema_says() -> None:
    batch = heard(FIRST["heartbeat"], FIRST["news"])
    (beat,), (told,) = batch.beats, batch.news
    assert {beat.spoke, told.spoke} == {Spoke("222222222222", "eu-central-1")}
    assert not beat.newer
    assert told.news.owners == (), "of whom it knows nothing: nobody's"
    for read, event in ((beat.heartbeat, FIRST["heartbeat"]), (told.news, FIRST["news"])):
        kept = encode(read)
        assert {key: kept[key] for key in event["detail"]} == event["detail"]


@pytest.mark.parametrize("what", KINDS)
def test_a_spoke_that_knows_none_of_the_later_fields_is_read(what: str) -> None:
    needed = {
        each.name
        for each in fields(KINDS[what])
        if each.default is MISSING and each.default_factory is MISSING
    }
    event = FIRST[what]
    detail = {key: value for key, value in event["detail"].items() if key in needed}
    batch = heard({**event, "detail": detail})
    assert len(batch.beats) + len(batch.news) == 1


@pytest.mark.parametrize("what", KINDS)
def test_what_it_says_that_nobody_knows_is_left_aside(what: str) -> None:
    event = FIRST[what]
    batch = heard({**event, "detail": {**event["detail"], "of_a_later_version": {"x": [1]}}})
    assert batch.unreadable == ()


@pytest.mark.parametrize(("schema", "read"), [(2, True), (3, False)])
def test_the_next_hub_reads_it_and_the_one_after_that_says_why_not(
    monkeypatch: pytest.MonkeyPatch, schema: int, read: bool
) -> None:
    monkeypatch.setattr(hearing, "SCHEMA", schema)
    batch = heard(FIRST["heartbeat"], FIRST["news"])
    assert (len(batch.beats) + len(batch.news) == 2) is read
    assert all("schema" in each.reason for each in batch.unreadable)


def test_a_spoke_takes_the_question_of_a_hub_of_the_first_schema() -> None:
    asked = taking.read(FIRST["asked answer"], NOW).question
    assert encode(asked) == FIRST["asked answer"]


def test_a_hub_reads_the_answer_of_a_spoke_of_the_first_schema() -> None:
    read = answered(FIRST["answered"], "q-1")
    assert (read.taken, read.why) == (False, "it has ended")
