"""Whatever an account of the organization puts on the hub's bus: its table, mails and widget."""

from __future__ import annotations

import json
from typing import Any

import hub_hear
import hub_show
import pytest
from autopilot.fleet.heard import SPOKES
from autopilot.fleet.wire import Held, OpenFinding, Spoke

from tests.adapters.hub_at_work import Hub, context, hub
from tests.unit.fleet.said import beat, event, news, records
from tests.unit.fleet.worlds import ALPHA, REGION

__all__ = ["hub"]

MALLORY, A_MEGABYTE = Spoke(ALPHA, REGION), 1_000_000
TEXT = (
    "<script>alert(1)</script>\x1b[31m\u202e\r\nBcc: all@example.com\n](http://x)|`$(id)` 'x'\x00"
)
LONG = TEXT * 10
FORGED = {"answer": "arn:aws:lambda:us-east-1:333333333333:function:TakeAnswer", TEXT: TEXT}


def hostile(text: str) -> list[dict[str, Any]]:
    """All that a heartbeat and a piece of news may say, in these words."""
    found = OpenFinding(text, text, text, text, text)
    held = Held(text, text, text, text, text, text, text, text)
    said = beat(
        release=text, version=text, policy=text, target=text, stack=text, mode=text,
        sweeps={text: text}, findings=(found,) * 120, finding_count=10**30, holds=(held,) * 120,
        hold_count=-(10**30), coverage={text: 10**30, "ways": 10**30}, cents=10**30,
        undelivered=10**30, asks=FORGED,
    )  # fmt: skip
    told = news(
        text, kinds=(text,) * 99, severity=text, change=text, title=text, subject=text, text=text,
        ids=(text,) * 200, by=text,
    )  # fmt: skip
    return [event(said, MALLORY), event(told, MALLORY)]


def hear(hub: Hub, *events: Any) -> list[str]:
    """What was put aside, for people."""
    aside: list[str] = []
    answer = hub_hear.handler(
        {"Records": records(*events)},
        context("hear"),
        ledger=lambda: hub.table,
        put_aside=lambda _url, body, _why: aside.append(body),
        now=lambda: hub.now,
    )
    assert answer == {"batchItemFailures": []}
    return aside


@pytest.mark.parametrize("text", [TEXT, LONG], ids=["hostile", "and huge"])
def test_its_words_are_text_and_bounded_wherever_they_stand(hub: Hub, text: str) -> None:
    aside = hear(hub, *hostile(text), event(news("n-2", title="Mine")))
    hub.looks()
    own = [m for m in hub.ops.sent if "Mine" in m.body]
    assert own, "nobody else's news are kept back"
    for message in hub.ops.sent:
        assert message.subject.isprintable() and message.subject.isascii()
        assert len(message.subject) <= 100
        assert len(message.body.encode()) < 262_144
        said = json.loads(message.body)["default"]
        assert not any(each in said for each in ("\x1b", "\u202e", "\x00", "\r"))
    for part in ("fleet", "requests", "news"):
        html = str(hub_show.handler({"part": part}, context("show"), table=lambda: hub.table,
                                    now=lambda: hub.now))  # fmt: skip
        assert "<script" not in html and "\u202e" not in html
        assert len(html.encode()) < 500_000
    rows = [row for row in hub.table.rows(SPOKES) if row.key.sk == str(MALLORY)]
    assert all(len(json.dumps(dict(row.body)).encode()) < 400_000 for row in rows)
    assert len(aside) <= 2


def test_what_is_as_long_as_an_event_may_be_or_forged_keeps_nobodys_word_back(hub: Hub) -> None:
    """A name of the organization's puts what it likes under our source."""
    long = event(news("n-1"), MALLORY)
    long["detail"]["else"] = {f"{n}": "x" * 500 for n in range(2000)}
    long["detail"]["text"] = "é" * (A_MEGABYTE // 2)
    many = event(beat(), MALLORY)
    many["detail"]["asks"] = {f"{n:04}" + "x" * 400: "y" * 400 for n in range(1000)}
    forged = {**event(news("n-3"), MALLORY), "source": "aws.ec2"}
    call = {**event(news("n-4"), MALLORY), "detail-type": "AWS API Call via CloudTrail"}
    aside = hear(hub, long, many, forged, call, event(news("n-2", title="Mine")))
    assert {json.loads(body).get("source") for body in aside} == {"aws.ec2", "endpoint-autopilot"}
    hub.looks()
    assert any("Mine" in message.body for message in hub.ops.sent)
