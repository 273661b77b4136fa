"""The heartbeat function: what it says when, and how what the hub hasn't got is sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import heartbeat
import pytest
from autopilot.aws import heart, step
from autopilot.aws.errors import AccessDenied, RefusedByAws, Throttled
from autopilot.fleet import standing
from autopilot.fleet.beat import LOOKED, Looked
from autopilot.fleet.wire import HEARTBEAT, NEWS
from autopilot.notify.bus import BusEvent
from autopilot.notify.ledger import Key, Row, Write
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity

from tests.adapters.letters import Letters

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
CONTEXT = SimpleNamespace(
    function_name="heartbeat",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:heartbeat",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 300_000,
)
HOURLY = {"trigger": "hourly"}
NEWS_WISH = '{"trigger": "news"}'


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "OWNER": "EndpointAutopilot",
        "ACCOUNT_ID": "111111111111",
        "AWS_REGION": "us-east-1",
        "UNDELIVERED_QUEUE_URL": "https://queue",
        "WANTED_QUEUE_URL": "https://wanted",
        "DEAD_LETTER_QUEUE_URL": "https://dead",
        "STACK_NAME": "StackSet-X",
        "CODE_VERSION": "code-1",
        "RELEASE": "r-1",
        "TARGET": "workloads",
        "TAKE_ANSWER_FUNCTION": "arn:take",
    }.items():
        monkeypatch.setenv(name, value)
    step.identity.cache_clear()
    yield
    step.identity.cache_clear()


@dataclass
class Ledger:
    held: dict[Key, Row] = field(default_factory=dict)

    def partitions(self, pks: Sequence[str]) -> dict[str, tuple[Row, ...]]:
        return {pk: tuple(r for key, r in self.held.items() if key.pk == pk) for pk in pks}

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        self.held |= {write.key: write.row for write in writes if write.row}
        return frozenset()


@dataclass
class Bus:
    events: list[BusEvent] = field(default_factory=list)
    refuses: Callable[[BusEvent], Exception | None] = lambda _: None

    def put(self, events: Sequence[BusEvent]) -> None:
        for event in events:
            if error := self.refuses(event):
                raise error
            self.events.append(event)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each.detail for each in self.events if each.detail_type == kind]


def letter(n: int, kind: str = NEWS) -> str:
    """An event as EventBridge buries it."""
    return buried({"detail-type": kind, "resources": [], "detail": {"id": f"news {n}"}})


def buried(event: dict[str, Any]) -> str:
    """Stamped as the spoke's own."""
    return json.dumps({"account": "111111111111", "region": "us-east-1", **event})


@dataclass
class Spoke:
    ledger: Ledger = field(default_factory=Ledger)
    bus: Bus = field(default_factory=Bus)
    letters: Letters = field(default_factory=Letters)
    looks: list[datetime] = field(default_factory=list)
    now: datetime = NOW
    wishes: list[int] = field(default_factory=list)
    aside: list[tuple[str, str, str]] = field(default_factory=list)
    keeps: Callable[[str], Exception | None] = lambda _: None

    def call(self, event: Any, **more: Any) -> list[dict[str, Any]]:
        """What CloudFormation was told."""
        told: list[dict[str, Any]] = []

        def look(_policy: Policy, _us: object, _ledger: object, now: datetime) -> Looked:
            self.looks.append(now)
            return Looked(now.isoformat(), {"vpcs": 3}, 4200)

        def put_aside(url: str, body: str, reason: str) -> None:
            if error := self.keeps(body):
                raise error
            self.aside.append((url, body, reason))

        ledger: Any = self.ledger
        given = (ledger, Policy(), self.bus, self.letters, look)
        heartbeat.handler(
            event,
            CONTEXT,
            means=lambda: heartbeat.Means(*given, self.now, self.wishes.extend, put_aside),
            send=lambda _url, body: told.append(json.loads(body)),
            pause=lambda _seconds: None,
            **more,
        )
        return told

    @property
    def said(self) -> list[dict[str, Any]]:
        return self.bus.of(HEARTBEAT)


def test_news_make_one_heartbeat_that_does_not_look_closer() -> None:
    spoke = Spoke()
    spoke.call({"Records": [{}, {}, {}]})
    (said,) = spoke.said
    assert (said["release"], said["stack"], said["asks"]) == (
        "r-1",
        "StackSet-X",
        {"answer": "arn:take"},
    )
    assert spoke.looks == []
    assert said["cents"] is None


def test_the_hourly_one_looks_closer_once_a_day_and_all_others_tell_it() -> None:
    spoke = Spoke()
    spoke.call(HOURLY)
    spoke.call({"Records": []})
    for hours in (1, 22, 24):
        spoke.now = NOW + timedelta(hours=hours)
        spoke.call(HOURLY)
    assert len(spoke.looks) == 2
    assert [each["cents"] for each in spoke.said] == [4200] * 5
    assert LOOKED in spoke.ledger.held


def test_a_closer_look_that_breaks_silences_nobody_and_is_raised() -> None:
    class Broken(list[datetime]):
        def append(self, _at: datetime) -> None:
            raise ZeroDivisionError("a slip")

    spoke = Spoke(looks=Broken())
    with pytest.raises(ZeroDivisionError):
        spoke.call(HOURLY)
    assert [each["cents"] for each in spoke.said] == [None]


def test_what_another_version_counted_is_counted_anew() -> None:
    spoke = Spoke()
    spoke.ledger.held[LOOKED] = Row(LOOKED, 1, True, "", NOW.isoformat(), {"looked": '{"x": 1}'})
    spoke.call({"Records": []})
    spoke.call(HOURLY)
    assert [each["cents"] for each in spoke.said] == [None, 4200]


def test_a_release_is_told_while_cloudformation_waits() -> None:
    for kind in ("Create", "Update"):
        spoke = Spoke()
        (answer,) = spoke.call(request(kind))
        assert answer["Status"] == "SUCCESS"
        assert len(spoke.said) == 1
    spoke = Spoke()
    (answer,) = spoke.call(request("Delete"))
    assert answer["Status"] == "SUCCESS"
    assert spoke.said == []


def request(kind: str) -> dict[str, Any]:
    ids = {name: name for name in ("ResponseURL", "StackId", "RequestId", "LogicalResourceId")}
    return {"RequestType": kind, **ids}


def test_a_role_that_is_new_gets_time_and_a_broken_one_fails_the_stack() -> None:
    refusals = [AccessDenied("not yet"), AccessDenied("not yet")]
    spoke = Spoke(bus=Bus(refuses=lambda _: refusals.pop() if refusals else None))
    (answer,) = spoke.call(request("Create"))
    assert answer["Status"] == "SUCCESS"
    spoke = Spoke(bus=Bus(refuses=lambda _: AccessDenied("never")))
    (answer,) = spoke.call(request("Create"))
    assert (answer["Status"], "never" in answer["Reason"]) == ("FAILED", True)


def test_a_first_heartbeat_that_no_rule_has_seen_yet_is_said_again_within_the_waves_time() -> None:
    """EventBridge took it and gave it up, as its role was not known yet: nothing was raised."""
    spoke = Spoke(letters=Letters([letter(1), letter(2, HEARTBEAT)]))
    spoke.call(request("Create"))
    spoke.bus.events.clear()
    assert [*spoke.wishes] == [*heartbeat.AGAIN_AFTER]
    for seconds in spoke.wishes:
        spoke.now = NOW + timedelta(seconds=seconds)
        spoke.call({"Records": [{"body": NEWS_WISH}, {"body": heart.AGAIN}]})
    assert [each["release"] for each in spoke.said] == ["r-1"] * len(heartbeat.AGAIN_AFTER)
    assert [each["id"] for each in spoke.bus.of(NEWS)] == ["news 1"], "it waits for no hour"
    assert [*spoke.wishes] == [*heartbeat.AGAIN_AFTER], "it ends"
    assert spoke.looks == []


def test_a_wish_that_is_denied_at_first_is_made_again() -> None:
    spoke, denied = Spoke(), [AccessDenied("not yet")]

    class Wishes(list[int]):
        def extend(self, delays: Iterable[int]) -> None:
            if denied:
                raise denied.pop()
            super().extend(delays)

    spoke.wishes = Wishes()
    (answer,) = spoke.call(request("Create"))
    assert answer["Status"] == "SUCCESS"
    assert [*spoke.wishes] == [*heartbeat.AGAIN_AFTER]


def test_what_the_hub_has_not_got_is_sent_again_once_and_no_old_heartbeat_is() -> None:
    letters = Letters([*map(letter, range(25)), letter(25, HEARTBEAT)])
    spoke = Spoke(letters=letters)
    spoke.call(HOURLY)
    assert [each["id"] for each in spoke.bus.of(NEWS)] == [f"news {n}" for n in range(25)]
    assert len(spoke.said) == 1
    assert spoke.said[0]["undelivered"] == letters.waiting() == 0
    spoke.call(HOURLY)
    assert len(spoke.bus.of(NEWS)) == 25


def test_only_the_hourly_one_sends_again() -> None:
    """News make a heartbeat: if that sent news again, it would go round for ever."""
    spoke = Spoke(letters=Letters([letter(1)]))
    spoke.call({"Records": [{}]})
    assert spoke.bus.of(NEWS) == []
    assert spoke.said[0]["undelivered"] == 1


def refuses(number: int, error: Exception) -> Callable[[BusEvent], Exception | None]:
    """A bus that refuses one piece of news."""
    return lambda event: error if event.detail.get("id") == f"news {number}" else None


def test_what_the_bus_always_refuses_is_put_aside_with_the_reason_and_the_rest_goes_on() -> None:
    letters = Letters([*map(letter, range(25))])
    spoke = Spoke(bus=Bus(refuses=refuses(3, RefusedByAws("too large"))), letters=letters)
    spoke.call(HOURLY)
    sent = [each["id"] for each in spoke.bus.of(NEWS)]
    assert sent == [f"news {n}" for n in range(25) if n != 3]
    ((url, body, reason),) = spoke.aside
    assert (url, body) == ("https://dead", letter(3)), "where an alarm watches, whole"
    assert "too large" in reason
    assert letters.waiting() == 0
    spoke.call(HOURLY)
    assert len(spoke.bus.of(NEWS)) == 24


def test_where_the_bus_takes_no_heartbeat_either_no_letter_is_at_fault() -> None:
    letters = Letters([*map(letter, range(6))])
    spoke = Spoke(bus=Bus(refuses=lambda _: RefusedByAws("nothing")), letters=letters)
    with pytest.raises(RefusedByAws):
        spoke.call(HOURLY)
    assert spoke.aside == []
    assert letters.waiting() == 6


def test_what_can_not_be_put_aside_stays_keeps_no_other_back_and_is_raised() -> None:
    letters = Letters(["no JSON", "[]", letter(1)])
    spoke = Spoke(letters=letters, keeps=lambda body: Throttled("no") if body == "[]" else None)
    with pytest.raises(Throttled):
        spoke.call(HOURLY)
    assert [body for _, body, _ in spoke.aside] == ["no JSON"]
    assert [*letters.in_hand.values()] == ["[]"]
    assert len(spoke.bus.of(NEWS)) == len(spoke.said) == 1


def test_what_is_denied_ends_it_and_nothing_is_lost() -> None:
    bus = Bus(refuses=refuses(3, AccessDenied("no")))
    spoke = Spoke(bus=bus, letters=Letters(["[]", *map(letter, range(6))]))
    with pytest.raises(AccessDenied):
        spoke.call(HOURLY)
    assert [each["id"] for each in spoke.bus.of(NEWS)] == ["news 0", "news 1", "news 2"]
    assert [body for _, body, _ in spoke.aside] == ["[]"]
    assert spoke.letters.waiting() == 3
    assert [each["undelivered"] for each in spoke.said] == [4], "it is said all the same"


def test_no_more_is_held_at_once_than_memory_has_room_for() -> None:
    letters = Letters(["[]"] * 70)
    spoke = Spoke(letters=letters)
    spoke.call(HOURLY)
    assert 50 <= len(spoke.aside) < 70
    spoke.call(HOURLY)
    assert (len(spoke.aside), letters.waiting()) == (70, 0)


def test_what_the_hub_shows_of_coverage_is_what_spokes_count() -> None:
    counted = {name for name, _ in heart._counted(())}
    assert counted >= {standing.WAYS, standing.PRIVATE, *standing.LOST}


@pytest.mark.parametrize(
    "body", ["no JSON", "[]", '"x"', "{}", '{"detail": 1}', "null", "[" * 99_999]
)
def test_a_letter_that_nobody_can_read_is_put_aside_for_people(body: str) -> None:
    spoke = Spoke(letters=Letters([body, letter(1)]))
    spoke.call(HOURLY)
    assert len(spoke.bus.of(NEWS)) == 1
    assert [(url, aside) for url, aside, _ in spoke.aside] == [("https://dead", body)]
    assert all(reason for *_, reason in spoke.aside)
    assert spoke.letters.waiting() == 0


@pytest.mark.parametrize("resources", [7, "arn", {"a": 1}, [7, None]])
def test_a_forged_letter_keeps_no_heartbeat_from_being_said(resources: Any) -> None:
    forged = buried({"detail-type": NEWS, "resources": resources, "detail": {"id": "x"}})
    spoke = Spoke(letters=Letters([forged]))
    spoke.call(HOURLY)
    assert [event.resources for event in spoke.bus.events if event.detail_type == NEWS] == [()]
    assert len(spoke.said) == 1


@pytest.mark.parametrize(
    "stamp",
    [
        {"account": "999999999999"},
        {"region": "eu-west-1"},
        {"account": None},
        {"account": ["111111111111"]},
        {"region": ""},
    ],
)
def test_what_another_account_or_region_said_never_goes_up_as_our_own(stamp: Any) -> None:
    """An account's default bus may be open to others; what a bus sends on from another account and
    can't deliver ends in the same queue, and whoever puts it anew is who said it."""
    detail = {"id": "x", "title": "Nothing is wrong here"}
    letters = Letters([buried({"detail-type": NEWS, "detail": detail, **stamp}), letter(1)])
    spoke = Spoke(letters=letters)
    spoke.call(HOURLY)
    assert [each["id"] for each in spoke.bus.of(NEWS)] == ["news 1"]
    assert len(spoke.aside) == 1, "it lies there for people, where an alarm watches"


def test_without_time_it_stops_and_goes_on_in_the_next_hour() -> None:
    bus, letters = Bus(), Letters([*map(letter, range(30))])
    left = iter([True, False])
    us = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
    assert heart.redrive(letters, bus, us, goes_on=lambda: next(left)).sent == 10
    assert letters.waiting() == 20


def test_an_alarm_goes_up_as_news() -> None:
    detail = {
        "alarmName": "a",
        "state": {"value": "ALARM", "reason": "r", "timestamp": NOW.isoformat()},
        "previousState": {"value": "OK"},
        "configuration": {"description": "Events could not be handled; read one."},
    }
    spoke = Spoke()
    spoke.call({"source": "aws.cloudwatch", "detail": detail})
    (news,) = spoke.bus.of(NEWS)
    assert news["kinds"] == ["Alarm"]
    assert spoke.said == []


def test_the_queue_is_read_by_its_own_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def call(_service: str, operation: str, **request: Any) -> Any:
        asked.append((operation, request))
        return {
            "GetQueueAttributes": {
                "Attributes": {
                    "ApproximateNumberOfMessages": "2",
                    "ApproximateNumberOfMessagesNotVisible": "1",
                }
            },
            "ReceiveMessage": {"Messages": [{"ReceiptHandle": "r", "Body": "b"}]},
        }.get(operation, {})

    monkeypatch.setattr(heart, "call", call)
    queue = heart.Undelivered("https://queue")
    assert queue.waiting() == 3
    assert queue.some() == [("r", "b")]
    queue.forget("r")
    assert {request["QueueUrl"] for _, request in asked} == {"https://queue"}
    assert asked[-1] == ("DeleteMessage", {"QueueUrl": "https://queue", "ReceiptHandle": "r"})
    heart.Wanted("https://wanted").in_seconds([7])
    wish = {"QueueUrl": "https://wanted", "MessageBody": heart.AGAIN, "DelaySeconds": 7}
    assert asked[-1] == ("SendMessage", wish)


def test_an_hour_takes_few_calls() -> None:
    """By ledger, queue and bus: one select, one count, one empty receive, one put."""
    spoke = Spoke()
    spoke.ledger.held[LOOKED] = Row(
        LOOKED, 1, True, "", NOW.isoformat(), {"looked": json.dumps({"at": NOW.isoformat()})}
    )
    calls: list[str] = []

    def noted(name: str, before: Callable[..., Any], *given: Any) -> Any:
        calls.append(name)
        return before(*given)

    def counted(thing: Any, *names: str) -> None:
        for name in names:
            before = getattr(thing, name)
            setattr(thing, name, partial(noted, name, before))

    counted(spoke.ledger, "partitions", "write")
    counted(spoke.letters, "waiting", "some", "forget")
    counted(spoke.bus, "put")
    spoke.call(HOURLY)
    assert sorted(calls) == ["partitions", "put", "some", "waiting"]
