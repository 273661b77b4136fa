"""News: what a spoke's ops are told, whole and bounded, with a gist that others' are like."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws import heart, upward
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.aws.outlets import Outlets
from autopilot.aws.tell import tell
from autopilot.aws.upward import HeardByHub, Hub
from autopilot.fleet.alarms import news_of_alarm
from autopilot.fleet.upward import MOST_TEXT, bounded, event_of, gist, news_of
from autopilot.fleet.wire import NEWS, News
from autopilot.notify.bus import BusEvent
from autopilot.notify.ledger import Memory
from autopilot.notify.notice import Notice, Subject
from autopilot.notify.render import message
from autopilot.reconcile.codec import decode
from autopilot.reconcile.identity import StackIdentity

from tests.adapters.letters import Letters
from tests.unit.connections.reports import ALICE, answer, held, hold_end
from tests.unit.connections.reports import connections as of_connections
from tests.unit.notify.reports import (
    NOW,
    FakeBus,
    FakeLedger,
    FakeOps,
    busy,
    compared,
    outcome,
    place,
    report,
)

HERE = place("arn:aws:states:us-east-1:111111111111:execution:Network:n-1")
MESSAGES = sorted((Path(__file__).parents[1] / "unit" / "messages").glob("*.txt"))
# An id of AWS's, a Region or an account: what makes a title one account's own.
OWN = re.compile(
    r"\b(?:vpc|vpce|vpce-svc|rtb|subnet)-[0-9a-f]+\b|\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b"
)
NAMED = re.compile(r"[\w-]+ \(((?:vpc|vpce-svc|rtb)-\w+)\)")


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_a_gist_holds_nothing_of_one_accounts_own(path: Path) -> None:
    subject = path.read_text().splitlines()[0].removeprefix("Subject: ")
    found = gist(NAMED.sub(r"\1", subject))
    assert not OWN.search(found)
    assert not re.search(r"\d (?:change|endpoint|request|thing)", found)
    assert len(found) > 8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 change in vpc-1 failed: AccessDenied", "3 changes in 2 VPCs failed: AccessDenied"),
        (
            "1 connection request to vpce-svc-0a waits for a person",
            "2 connection requests to 2 services wait for a person",
        ),
        ("16 of 20 endpoints in use in us-east-1", "18 of 20 endpoints in use in eu-west-1"),
        ("rtb-1 in vpc-1: somebody wants it", "rtb-0123456789abcdef0 in vpc-2: somebody wants it"),
    ],
)  # fmt: skip
def test_the_same_thing_has_the_same_gist_anywhere(one: str, other: str) -> None:
    assert gist(one) == gist(other)


def test_a_name_stays_as_it_is_written() -> None:
    assert gist("maria@example.com accepted a request") == "maria@example.com accepted a request"
    assert gist("3 route tables wait") == "Route tables wait"


def test_what_is_another_thing_has_another_gist() -> None:
    assert gist("1 change in vpc-1 failed: NotOurs") != gist("1 change in vpc-1 failed: InUse")
    assert gist("Admin/alice accepted a request") != gist("Admin/alice rejected a request")


def nowhere(_letter: str) -> None:
    raise AssertionError("the bus takes all")


def told(of: Any, memory: Memory = Memory(), ops: Any = None) -> FakeBus:  # noqa: B008 - frozen
    bus = FakeBus()
    to = Outlets(FakeLedger(), ops or FakeOps(), bus, Hub(bus, nowhere))
    tell(compared(of, memory), memory, to, HERE, mode="enforce", now=NOW)
    return bus


def news_on(bus: FakeBus) -> list[News]:
    return [decode(News, each.detail) for each in bus.events if each.detail_type == NEWS]


def test_a_message_is_one_piece_of_news_with_all_its_kinds() -> None:
    ops = FakeOps()
    (news,) = news_on(told(report(outcome("vpc-1/s3/create", "done"), findings=[busy()]), ops=ops))
    (mail,) = ops.messages
    assert set(news.kinds) == {"GatewayEndpointsChanged", "RouteTableBusy"}
    assert news.subject == mail.subject
    assert news.text == json.loads(mail.body)["default"]
    assert news.id == json.loads(json.loads(mail.body)["sqs"])["id"]
    assert (news.severity, news.at) == (mail.attributes["severity"], HERE.time)
    assert any(each.startswith("vpc-1") for each in news.ids)


def test_told_again_it_is_the_same_news() -> None:
    first, again = (news_on(told(report(findings=[busy()])))[0] for _ in range(2))
    other = news_on(told(report(findings=[busy("vpc-2/s3")])))[0]
    assert first == again
    assert first.id != other.id
    assert first.title == other.title


def test_news_name_the_person_who_decided() -> None:
    (by,) = {
        each.by for each in news_on(told(hold_end("accept", answer("vpce-1", by=ALICE), by=ALICE)))
    }
    assert by == ALICE
    (ours,) = news_on(told(of_connections(findings=[held()])))
    assert ours.by == ""


def notice(**changes: Any) -> Notice:
    given: dict[str, Any] = {
        "kind": "RouteTableBusy",
        "change": "opened",
        "severity": "action",
        "title": "Busy",
        "what": ("What.",),
        "why": ("Why.",),
        "subjects": (Subject("vpc-1/s3", "line", {}),),
        "steps": (),
    }
    return Notice(**(given | changes))


def test_the_largest_message_fits_into_an_event() -> None:
    long = notice(
        what=("\N{PILE OF POO}" * 6_000,) * 30,
        subjects=tuple(Subject(f"vpc-{n}/" + "x" * 900, "line", {}) for n in range(500)),
    )
    event = event_of(news_of(long, message(long, HERE), HERE))
    assert len(json.dumps(event.detail).encode()) < 200_000


@pytest.mark.parametrize("text", ["", "short", "x" * MOST_TEXT * 2, "\N{PILE OF POO}" * MOST_TEXT])
def test_a_text_is_cut_and_says_so(text: str) -> None:
    found = bounded(text)
    assert len(json.dumps(found)) <= MOST_TEXT
    assert found == text or found.endswith("history.]\n")


class Refusing:
    """A bus that takes nothing."""

    def put(self, _events: Any) -> None:
        raise AccessDenied("events:PutEvents: no")


def once_more(ledger: FakeLedger, ops: FakeOps, hub: Hub) -> None:
    """An execution that finds the same, as the workflow tries it again."""
    known = Memory(findings={row.key.sk: row for row in ledger.rows("finding")})
    to = Outlets(ledger, ops, FakeBus(), hub)
    tell(compared(report(findings=[busy()]), known), known, to, HERE, mode="enforce", now=NOW)


def test_what_the_bus_refuses_is_kept_and_nobody_hears_it_twice() -> None:
    ops, ledger, letters = FakeOps(), FakeLedger(), list[str]()
    hub = Hub(Refusing(), letters.append)
    for _ in range(3):
        once_more(ledger, ops, hub)
    assert len(ops.messages) == 1
    assert all(row.told for row in ledger.rows("finding"))
    (letter,) = letters
    bus = FakeBus()
    waiting = Letters([letter])
    us = StackIdentity("EndpointAutopilot", HERE.account, HERE.region)
    assert heart.redrive(waiting, bus, us).sent == 1, "a heartbeat reads it as EventBridge's own"
    (news,) = news_on(bus)
    assert news.kinds == ("RouteTableBusy",)
    assert (json.loads(letter)["source"], waiting.waiting()) == ("endpoint-autopilot", 0)


def test_what_can_not_be_kept_either_is_told_again_rather_than_not_at_all() -> None:
    ops, ledger = FakeOps(), FakeLedger()

    def full(_letter: str) -> None:
        raise Throttled("sqs:SendMessage: busy")

    with pytest.raises(Throttled, match="sqs"):
        once_more(ledger, ops, Hub(Refusing(), full))
    assert len(ops.messages) == 1
    assert not any(row.told for row in ledger.rows("finding"))
    bus = FakeBus()
    once_more(ledger, ops, Hub(bus, nowhere))
    assert len(news_on(bus)) == 1
    assert all(row.told for row in ledger.rows("finding"))


def test_what_is_kept_lies_with_what_the_hub_has_not_got(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(upward, "call", lambda *of, **request: asked.append((of, request)))
    upward.keeping("https://undelivered")("{}")
    assert asked == [
        (("sqs", "SendMessage"), {"QueueUrl": "https://undelivered", "MessageBody": "{}"})
    ]


def test_the_hub_is_a_listener_whoever_else_is() -> None:
    ops = FakeOps(listeners=0)
    heard = HeardByHub(ops)
    assert heard.listens()
    assert heard.heard_partly_by({"a@example.com"}).listens()
    assert ops.partly == [{"a@example.com"}]
    (news,) = news_on(told(report(findings=[busy()]), ops=heard))
    assert news.kinds == ("RouteTableBusy",)


def alarm(now: str = "ALARM", before: str = "OK", **changes: Any) -> dict[str, Any]:
    return {
        "alarmName": "StackSet-EndpointAutopilot-prod-1-AlarmsDeadLetters-X",
        "state": {"value": now, "reason": "1 datapoint", "timestamp": "2026-11-30T10:00:00.0+0000"},
        "previousState": {"value": before},
        "configuration": {"description": "Events could not be handled; nothing is lost. Read one."},
        **changes,
    }  # fmt: skip


def test_an_alarm_is_news_alike_in_any_account() -> None:
    news = news_of_alarm(alarm())
    other = news_of_alarm(alarm(alarmName="StackSet-EndpointAutopilot-prod-2-AlarmsDeadLetters-Y"))
    assert news
    assert other
    assert (news.kinds, news.severity, news.change) == (("Alarm",), "failure", "opened")
    assert news.title == other.title == "Events could not be handled"
    assert news.id != other.id
    assert "Read one." in news.text
    assert news == news_of_alarm(alarm())


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        ("OK", "ALARM", "resolved"),
        ("OK", "INSUFFICIENT_DATA", None),
        ("INSUFFICIENT_DATA", "ALARM", None),
    ],
)
def test_an_alarm_that_rests_again_is_news_and_no_other_change(
    now: str, before: str, change: str | None
) -> None:
    news = news_of_alarm(alarm(now, before))
    assert (news.change if news else None) == change


def test_an_alarm_without_a_description_bears_its_name() -> None:
    news = news_of_alarm(alarm(configuration={}))
    assert news
    assert news.title.startswith("StackSet-")


def test_news_are_an_event_of_the_contracts_type() -> None:
    news = News("1", ("K",), "info", "done", "t", "s", "x", "2026-11-30T10:00:00+00:00")
    event = event_of(news)
    assert isinstance(event, BusEvent)
    assert event.detail_type == NEWS
    assert decode(News, json.loads(json.dumps(event.detail))) == news
