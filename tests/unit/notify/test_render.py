"""The formats: email, JSON, chat, and what is left out when it gets too long."""

from __future__ import annotations

import json
from typing import Any

from autopilot.notify.notice import Notice, Step, Subject
from autopilot.notify.render import LARGEST, message, text
from autopilot.notify.render_chat import chat
from autopilot.notify.render_json import document

from tests.unit.notify.reports import about, busy, execution, place


def bodies(notice: Notice) -> dict[str, str]:
    parsed: dict[str, str] = json.loads(message(notice, place()).body)
    return parsed


def crowd(number: int) -> Notice:
    return about("opened", [busy(f"vpc-{n}/s3") for n in range(number)], place())


def test_each_protocol_gets_its_own_format() -> None:
    notice = crowd(1)
    sent = bodies(notice)

    assert set(sent) == {"default", "sms", "https", "sqs", "lambda", "firehose"}
    assert sent["default"] == text(notice, place())
    assert sent["sms"] == notice.title
    assert sent["sqs"] == sent["lambda"] == sent["firehose"]
    assert json.loads(sent["sqs"]) == document(notice, place())
    assert json.loads(sent["https"]) == chat(notice, place())


def test_programs_get_every_key_of_the_contract() -> None:
    notice = crowd(1)
    told = document(notice, place())

    assert {name: told[name] for name in told if name not in ("id", "next", "what", "why")} == {
        "version": 1,
        "kind": "RouteTableBusy",
        "kinds": ["RouteTableBusy"],
        "change": "opened",
        "severity": "action",
        "names": {},
        "owners": [],
        "account": "111111111111",
        "region": "us-east-1",
        "title": "1 busy route table in vpc-0 without an endpoint's routes",
        "subjects": ["vpc-0/s3"],
        "data": {
            "count": 1,
            "subjects": {"vpc-0/s3": {"route_table_ids": ["rtb-1"], "until": None}},
        },
        "execution": execution(),
        "time": "2026-11-24T23:06:00+00:00",
    }
    assert told["next"] == [str(step) for step in notice.steps]
    assert told["what"].startswith("The routes of a gateway endpoint are missing")


def test_the_id_is_the_news_own() -> None:
    told = document(crowd(1), place())["id"]

    assert told == document(crowd(1), place())["id"]
    assert told != document(crowd(2), place())["id"]
    assert told != document(crowd(1), place("network-2"))["id"]


def test_chat_gets_amazon_qs_schema() -> None:
    shown: Any = chat(crowd(12)._replace(thread="RouteTableBusy/vpc-0/s3"), place())

    assert (shown["version"], shown["source"]) == ("1.0", "custom")
    assert shown["content"]["textType"] == "client-markdown"
    assert "• and 2 more" in shown["content"]["description"]
    assert shown["content"]["nextSteps"][1].endswith("`")
    assert shown["metadata"]["threadId"] == "RouteTableBusy/vpc-0/s3"
    assert len(shown["content"]["description"]) < 3_000


def test_attributes_allow_filtering() -> None:
    assert message(crowd(1), place()).attributes == {
        "severity": "action",
        "kind": "RouteTableBusy",
        "account": "111111111111",
        "region": "us-east-1",
    }


def test_names_two_hundred_subjects_and_counts_the_rest() -> None:
    sent = bodies(crowd(230))

    assert "- and 180 more\n" in sent["default"], "a mail is one screen"
    told = json.loads(sent["sqs"])
    assert len(told["subjects"]) == len(told["data"]["subjects"]) == 200
    assert told["data"]["count"] == 230


def test_names_fewer_when_they_are_long() -> None:
    notice = crowd(200)
    long = tuple(
        Subject(s.id, s.line, {"tables": ["rtb-0123456789abcdef0"] * 200}) for s in notice.subjects
    )
    sent = message(notice._replace(subjects=long), place())

    assert len(sent.body.encode()) <= LARGEST
    assert "- and 190 more\n" in json.loads(sent.body)["default"]


def test_cuts_texts_when_nothing_else_helps() -> None:
    huge = "💥" * 60_000
    notice = crowd(3)._replace(what=(huge,) * 3, why=(huge,) * 3, steps=(Step(huge, huge),) * 9)
    sent = message(notice, place())

    assert len(sent.body.encode()) <= LARGEST
    assert "..." in json.loads(sent.body)["default"]


def test_half_a_surrogate_pair_and_control_characters_do_no_harm() -> None:
    notice = crowd(1)._replace(
        what=("a\ud800b\x00c\nd",),
        subjects=(Subject("vpc-1/s3", "\udfff", {"words": "\ud800"}),),
    )
    sent = message(notice, place())

    sent.body.encode()
    assert "a b c d" in json.loads(sent.body)["default"]
