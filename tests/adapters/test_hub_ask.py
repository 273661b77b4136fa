"""`hub_ask`: what goes down to a spoke, what is kept of it, and what is refused by which name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import hub_ask
import pytest
from autopilot.aws.asking import trails
from autopilot.aws.errors import AccessDenied, NotFound, RefusedByAws, ServiceUnavailable
from autopilot.fleet.asking import Told
from autopilot.fleet.heard import Heard
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Heartbeat, Spoke
from autopilot.notify.ledger import noted
from autopilot.reconcile.codec import decode

from tests.unit.connections.builders import MemoryLedger

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SPOKE = "111111111111/eu-west-1"
ARN = "arn:aws:lambda:eu-west-1:111111111111:function:X-TakeAnswer"
ENDPOINT, HOLD = "vpce-0123456789abcdef0", "hold-vpce-0123456789abcdef0-1"
PAYLOAD = {"endpoint_id": ENDPOINT, "hold": HOLD, "answer": "accept", "by": "alice", "reason": "ok"}
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r"
)


class Hub:
    """The hub's table with one spoke in it, and the spoke's function."""

    def __init__(self) -> None:
        self.table = MemoryLedger()
        self.now = NOW
        self.roster = Roster("o-1", "999999999999", "us-east-1")
        self.heartbeat(asks={"answer": ARN, "look": ARN})
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.answers: list[Any] = []

    def heartbeat(self, at: datetime = NOW, **body: Any) -> None:
        beat = Heartbeat(at.isoformat(), "r1", "v1", "p1", "dev", **body)
        stamp = at.isoformat()
        heard = Heard(Spoke(*SPOKE.split("/")), beat, stamp, stamp, stamp, stamp)
        known = next(iter(self.table.rows(*heard.key)), None)
        self.table.write([noted(heard.key, heard.body, known, execution="", now=at)])

    def ask(self, arn: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((arn, payload))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer or {"id": payload.get("id", ""), "taken": True}

    def __call__(self, **event: Any) -> Told:
        given = {"spoke": SPOKE, "ask": "answer", "payload": PAYLOAD, **event}
        told = hub_ask.handler(
            given,
            CONTEXT,
            ledger=lambda: self.table,
            roster=lambda: self.roster,
            ask=self.ask,
            now=lambda: self.now,
        )
        return decode(Told, told)


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_an_answer_goes_down_with_who_what_and_until_when(hub: Hub) -> None:
    told = hub()
    ((arn, said),) = hub.asked
    until = (NOW + timedelta(hours=1)).isoformat()
    assert arn == ARN and said["until"] == until and said["at"] == NOW.isoformat()
    assert {name: said[name] for name in PAYLOAD} == PAYLOAD
    assert told.answer and told.answer["taken"] and told.id == said["id"]
    (row,) = trails(hub.table)
    assert (row.state, row.by, row.spoke, row.hold, row.until) == (
        "taken",
        "alice",
        SPOKE,
        HOLD,
        until,
    )


def test_a_look_goes_down_as_it_is_and_leaves_no_trail(hub: Hub) -> None:
    hub.answers = [{"count": 3}]
    assert hub(ask="look", payload={"why": "vpc-1"}).answer == {"count": 3}
    assert hub.asked == [(ARN, {"why": "vpc-1"})] and trails(hub.table) == []


def test_asked_twice_is_one_answer(hub: Hub) -> None:
    first, second = hub(), hub()
    assert first == second and len(hub.asked) == 1


def test_a_lost_reply_is_asked_for_again_as_the_same_question(hub: Hub) -> None:
    hub.answers = [ServiceUnavailable("lambda:Invoke: timeout")] * 2
    lost = hub()
    assert (lost.answer, lost.refused) == (None, "ServiceUnavailable")
    assert trails(hub.table)[0].state == "unanswered"
    hub.now += timedelta(minutes=5)
    told = hub()
    assert told.answer and told.answer["taken"] and told.id == lost.id
    assert {said["id"] for _, said in hub.asked} == {told.id}
    assert {said["until"] for _, said in hub.asked} == {(NOW + timedelta(hours=1)).isoformat()}
    assert trails(hub.table)[0].tries == 2


@pytest.mark.parametrize("late", [None, RefusedByAws("lambda:Invoke: NotSettledYet: given")])
def test_the_same_at_the_same_moment_is_one_question_and_what_was_taken_stays(
    hub: Hub, late: Exception | None
) -> None:
    """Another try is through while the spoke still thinks about the first."""
    inner: list[Told] = []

    def ask(arn: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        if inner:
            return Hub.ask(hub, arn, payload)
        inner.append(Told(SPOKE))
        inner.append(hub())
        if late:
            raise late
        return Hub.ask(hub, arn, payload)

    hub.ask = ask  # type: ignore[method-assign]  # another spoke
    outer = hub()
    assert outer.id == inner[1].id and inner[1].answer and inner[1].answer["taken"]
    assert bool(outer.refused) == bool(late)
    (row,) = trails(hub.table)
    assert (row.state, row.tries) == ("taken", 2)


def test_at_the_end_of_its_time_it_is_another_try_with_another_time(hub: Hub) -> None:
    """The spoke takes it at that moment, and no later: asked then it may come too late."""
    hub.answers = [AccessDenied("lambda:Invoke: no")]
    hub()
    hub.now += timedelta(hours=1)
    hub()
    assert hub.asked[-1][1]["until"] == (hub.now + timedelta(hours=1)).isoformat()


def test_what_is_asked_after_its_time_gets_another_time(hub: Hub) -> None:
    hub.answers = [AccessDenied("lambda:Invoke: no")]
    hub()
    hub.now += timedelta(hours=2)
    hub.heartbeat(hub.now, asks={"answer": ARN})
    hub()
    assert hub.asked[-1][1]["until"] == (hub.now + timedelta(hours=1)).isoformat()


def test_what_the_spoke_refuses_is_told_and_kept_in_its_words(hub: Hub) -> None:
    def no(arn: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"id": payload["id"], "taken": False, "why": "overtaken"}

    hub.ask = no  # type: ignore[method-assign]  # another spoke
    told = hub()
    assert told.answer and not told.answer["taken"] and told.answer["why"] == "overtaken"
    assert (trails(hub.table)[0].state, trails(hub.table)[0].why) == ("refused", "overtaken")


@pytest.mark.parametrize(
    ("event", "name", "words"),
    [
        ({"spoke": "x"}, "BadQuestion", "write one like 111111111111/us-east-1"),
        ({"spoke": None}, "BadQuestion", "write one like"),
        ({"spoke": "222222222222/eu-west-1"}, "UnknownSpoke", "has never heard 2222"),
        ({"ask": "delete"}, "BadQuestion", "write one of answer, look"),
        ({"payload": "x"}, "BadQuestion", "write an object"),
        ({"payload": {**PAYLOAD, "by": " "}}, "BadQuestion", "by is missing"),
        ({"payload": {**PAYLOAD, "by": "autopilot"}}, "BadQuestion", "the automation's own"),
        ({"payload": {**PAYLOAD, "answer": "yes"}}, "BadQuestion", "write accept or reject"),
        ({"payload": {**PAYLOAD, "endpoint_id": "*"}}, "BadQuestion", "write an id like"),
        ({"payload": {**PAYLOAD, "hold": ""}}, "BadQuestion", "write the hold's name"),
        ({"payload": {**PAYLOAD, "minutes": 9999}}, "BadQuestion", "write 1 to 1440"),
        ({"payload": {**PAYLOAD, "minutes": "5"}}, "BadQuestion", "write a number"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_asked_of_nobody(
    hub: Hub, event: Mapping[str, Any], name: str, words: str
) -> None:
    told = hub(**event)
    assert (told.refused, told.answer) == (name, None) and words in told.why
    assert hub.asked == [] and trails(hub.table) == []


def test_only_approvers_answer_where_the_fleet_names_some(hub: Hub) -> None:
    hub.roster = Roster("o-1", "9", "us-east-1", approvers=("bob",))
    told = hub()
    assert (told.refused, hub.asked) == ("NotApprover", []) and "alice is none of" in told.why
    assert hub(payload={**PAYLOAD, "by": "bob"}).answer


@pytest.mark.parametrize(
    "arn",
    [
        ARN.replace("111111111111", "222222222222"),
        ARN.replace("eu-west-1", "us-east-1"),
        f"{ARN}:222222222222",
        "arn:aws:iam::111111111111:role/x",
        f"x{ARN}",
        "X-TakeAnswer",
    ],
)
def test_a_function_that_is_not_the_spokes_own_is_not_asked(hub: Hub, arn: str) -> None:
    hub.heartbeat(asks={"answer": arn})
    assert hub().refused == "NotItsOwn" and hub.asked == []


def test_a_spoke_of_an_older_version_takes_no_question(hub: Hub) -> None:
    hub.heartbeat()
    told = hub()
    assert told.refused == "NotAsked" and "runs an older version" in told.why


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AccessDenied("lambda:Invoke: no"), "admits the hub's own role only"),
        (NotFound("lambda:Invoke: no"), "is its stack being made anew?"),
        (RefusedByAws("the spoke's function failed: KeyError: x"), "KeyError: x"),
    ],
)
def test_a_silent_spoke_is_asked_and_its_silence_told(
    hub: Hub, error: Exception, words: str
) -> None:
    hub.heartbeat(NOW - timedelta(hours=7), asks={"answer": ARN})
    hub.answers = [error]
    told = hub()
    assert told.refused == type(error).__name__ and told.silent_seconds == 7 * 3600
    assert words in told.why and "is 7 hours old" in told.why
    assert trails(hub.table)[0].why == told.why


def test_another_answer_than_ours_counts_as_none(hub: Hub) -> None:
    hub.answers = [{"id": "another", "taken": True}]
    assert hub().refused == "NotAnAnswer"
    assert trails(hub.table)[0].state == "unanswered"
    hub.answers = [{"nonsense": 1}]
    assert hub().refused == "NotAnAnswer"


def test_it_goes_by_boto_to_the_spokes_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    from autopilot.aws import spokes

    made: list[Any] = []
    body = SimpleNamespace(read=lambda: b'{"taken": true}')

    def make(service: str, **more: Any) -> Any:
        made.append((service, more["region"]))
        return SimpleNamespace(invoke=lambda **_: {"Payload": body})

    monkeypatch.setattr(spokes, "make", make)
    spokes._lambda.cache_clear()
    assert spokes.ask(ARN, {}) == {"taken": True} and made == [("lambda", "eu-west-1")]
    failed = SimpleNamespace(read=lambda: b'{"errorType": "KeyError", "errorMessage": "x"}')
    answer = {"Payload": failed, "FunctionError": "Unhandled"}
    monkeypatch.setattr(spokes, "make", lambda *_, **__: SimpleNamespace(invoke=lambda **_: answer))
    spokes._lambda.cache_clear()
    with pytest.raises(RefusedByAws, match="function failed: KeyError: x"):
        spokes.ask(ARN, {})
    spokes._lambda.cache_clear()
