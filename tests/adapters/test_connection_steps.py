"""The small steps around connections: relay, registration, holds, zones, the ledger's queries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import answer_hold
import check_zones
import open_hold
import pytest
import register_notifications
import relay
import sync_holds
from autopilot.aws import connection_memory, holds, organizations
from autopilot.aws.errors import (
    AccessDenied,
    HoldUnknown,
    NotFound,
    RefusedByAws,
    ServiceUnavailable,
    Throttled,
)
from autopilot.aws.step import identity
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Member, Organization
from autopilot.connections.holds import Hold, HoldAnswer, HoldClosure
from autopilot.connections.plan import Registration
from autopilot.connections.zones import ConsumerSide
from autopilot.policy.model import OrganizationPolicy, Peer, Policy, ZonePolicy
from autopilot.reconcile.identity import StackIdentity
from botocore.stub import Stubber

from tests.unit.connections.builders import ALICE, EXECUTION, OTHER, MemoryLedger

EVENTS = Path(__file__).parents[1] / "events"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SERVICE, ENDPOINT, TOPIC = "vpce-svc-0a", "vpce-0e", "arn:topic"
HOLD = Hold("hold-1", ENDPOINT, SERVICE, "name", "222222222222", "why", "", 3600)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "OWNER": "Stack",
        "ACCOUNT_ID": "111111111111",
        "CONNECTION_TOPIC_ARN": TOPIC,
        "HOLD_MACHINE_ARN": "arn:hold",
        "LEDGER_TABLE": "ledger",
    }.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    identity.cache_clear()


class Bus:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def put(self, events: Any) -> None:
        self.events += events


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("notification_json", ["vpce-svc-0123456789abcdef0"]),
        ("notification_prose", ["vpce-svc-0123456789abcdef0"]),
        ("notification_without_ids", []),
    ],
)
def test_relays_a_notification(context: Any, name: str, services: list[str]) -> None:
    bus = Bus()
    relay.handler(json.loads((EVENTS / f"{name}.json").read_text()), context, bus=lambda: bus)

    (event,) = bus.events
    assert event.detail_type == "Endpoint Connection Notification"
    assert (event.detail["service_ids"], list(event.resources)) == (services, services)
    assert event.detail["message_id"] == "95df01b4-ee98-5cb9-9903-4c221d41eb5e"


@pytest.mark.parametrize("record", [{}, {"Sns": None}, {"Sns": {"Message": None}}, {"Sns": "x"}])
def test_relays_whatever_it_is(context: Any, record: Any) -> None:
    bus = Bus()
    relay.handler({"Records": [record]}, context, bus=lambda: bus)
    assert bus.events[0].detail["service_ids"] == []


class Registers:
    """Registers, but for what `refuses` names."""

    def __init__(self, **refuses: Exception) -> None:
        self.refuses = refuses
        self.calls: list[Any] = []

    def __call__(self, registration: Registration, topic: str, execution: str) -> None:
        self.calls.append((registration.service_id, topic, execution))
        if registration.service_id in self.refuses:
            raise self.refuses[registration.service_id]


def register(context: Any, fake: Registers, *ids: str) -> Any:
    wanted = [asdict(Registration(id_)) for id_ in ids]
    event = {"register": wanted, "execution": EXECUTION}
    return register_notifications.handler(event, context, register=fake)["registered"]


def test_one_refused_registration_keeps_no_other_back(context: Any) -> None:
    fake = Registers(a=AccessDenied("ec2:X: no"), gone=NotFound("x"))

    made = register(context, fake, "a", "gone", "b")

    assert fake.calls[-1] == ("b", TOPIC, EXECUTION)
    assert made == [
        {"service_id": "a", "result": "failed", "error": "AccessDenied", "message": "ec2:X: no"},
        {"service_id": "b", "result": "done", "error": None, "message": None},
    ]


@pytest.mark.parametrize("error", [Throttled("x"), ServiceUnavailable("x")])
def test_registration_is_tried_again_when_aws_is_busy(context: Any, error: Exception) -> None:
    with pytest.raises(type(error)):
        register(context, Registers(a=error), "a")


class Waiting:
    """Executions that wait, by token; `dies` raises once, after the claim."""

    def __init__(self, dies: bool = False) -> None:
        self.dies = dies
        self.started: list[str] = []
        self.ended: list[tuple[str, HoldAnswer]] = []

    def start(self, machine: str, hold: Hold) -> bool:
        if self.dies:
            self.dies = False
            raise Throttled("states:StartExecution: x")
        self.started.append(hold.name)
        return True

    def end(self, token: str, answer: HoldAnswer) -> bool:
        if self.dies:
            self.dies = False
            raise Throttled("states:SendTaskSuccess: x")
        self.ended.append((token, answer))
        return True


Sync = Callable[..., Any]


@pytest.fixture
def sync(context: Any) -> Sync:
    def sync(
        ledger: Any, waiting: Any, holds: Any = (), close: Any = (), execution: str = EXECUTION
    ) -> Any:
        event = {
            "holds": [asdict(hold) for hold in holds],
            "close_holds": [asdict(closure) for closure in close],
            "execution": execution,
        }
        return sync_holds.handler(
            event, context, ledger=lambda: ledger, waiting=waiting, now=lambda: NOW
        )

    return sync


CLOSURE = HoldClosure(ENDPOINT, SERVICE, "gone", "", "the endpoint is gone")


def test_a_hold_is_claimed_then_started_once(sync: Sync) -> None:
    ledger, waiting = MemoryLedger(), Waiting()

    assert sync(ledger, waiting, [HOLD]) == {"started": 1, "closed": 0}
    assert sync(ledger, waiting, [replace(HOLD, name="hold-2")], execution=OTHER)["started"] == 0
    assert waiting.started == ["hold-1"]


def test_a_start_that_died_is_made_up_by_the_retry_and_by_nobody_else(sync: Sync) -> None:
    ledger, waiting = MemoryLedger(), Waiting(dies=True)
    with pytest.raises(Throttled):
        sync(ledger, waiting, [HOLD])

    assert sync(ledger, waiting, [replace(HOLD, name="hold-2")], execution=OTHER)["started"] == 0
    assert sync(ledger, waiting, [HOLD])["started"] == 1
    assert waiting.started == ["hold-1"]


def test_two_looks_at_the_same_moment_start_one_hold(sync: Sync) -> None:
    ledger, waiting = MemoryLedger(), Waiting()

    def meanwhile() -> None:
        sync(ledger, waiting, [replace(HOLD, name="hold-2")], execution=OTHER)

    ledger.meanwhile = meanwhile
    assert sync(ledger, waiting, [HOLD])["started"] == 0
    assert waiting.started == ["hold-2"]


def opened(context: Any, ledger: Any, end: Any = None, token: str = "token") -> None:
    open_hold.handler(
        {"hold": asdict(HOLD), "token": token, "execution": OTHER},
        context,
        ledger=lambda: ledger,
        end=end or Waiting().end,
        now=lambda: NOW,
    )


def row(ledger: Any) -> Any:
    return connection_memory.holds(ledger)[ENDPOINT]


def test_an_opened_hold_can_be_closed(sync: Sync, context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting()
    sync(ledger, waiting, [HOLD])
    opened(context, ledger)
    assert (row(ledger).state, row(ledger).token) == ("open", "token")

    assert sync(ledger, waiting, close=[CLOSURE])["closed"] == 1

    closed = HoldAnswer("closed", reason="the endpoint is gone", answered="gone")
    assert waiting.ended == [("token", closed)]
    assert (row(ledger).state, row(ledger).answer) == ("closed", "gone")


def test_a_close_that_died_is_made_up_by_the_retry(sync: Sync, context: Any) -> None:
    ledger = MemoryLedger()
    sync(ledger, Waiting(), [HOLD])
    opened(context, ledger)
    waiting = Waiting(dies=True)
    with pytest.raises(Throttled):
        sync(ledger, waiting, close=[CLOSURE])

    assert sync(ledger, waiting, close=[CLOSURE])["closed"] == 1


def test_a_hold_that_is_closed_before_it_asks_ends_itself(sync: Sync, context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting()
    sync(ledger, waiting, [HOLD])
    assert sync(ledger, waiting, close=[CLOSURE])["closed"] == 0, "there is no token yet"

    opened(context, ledger, waiting.end)

    assert waiting.ended[0][1].answered == "gone"
    assert row(ledger).state == "closed"


def test_a_person_who_answers_while_it_is_closed_is_right(sync: Sync, context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting()
    sync(ledger, waiting, [HOLD])
    opened(context, ledger)
    ledger.meanwhile = lambda: answers(context, ledger, Waiting())

    assert sync(ledger, waiting, close=[CLOSURE])["closed"] == 0
    assert (row(ledger).state, waiting.ended) == ("answered", [])


def answers(context: Any, ledger: Any, waiting: Waiting, **changes: Any) -> Any:
    event = {"endpoint_id": ENDPOINT, "answer": "accept", "by": ALICE, "reason": "ok", **changes}
    return answer_hold.handler(
        event, context, ledger=lambda: ledger, end=waiting.end, now=lambda: NOW
    )


def test_a_hold_that_is_lost_from_the_ledger_is_written_anew(context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting()
    opened(context, ledger)

    assert answers(context, ledger, waiting)["answer"] == "accept"
    assert waiting.ended == [("token", HoldAnswer("accept", ALICE, "ok", NOW.isoformat()))]


def test_an_answer_before_the_hold_asks_says_to_try_again(sync: Sync, context: Any) -> None:
    ledger = MemoryLedger()
    sync(ledger, Waiting(), [HOLD])
    with pytest.raises(HoldUnknown, match="try again in a few seconds"):
        answers(context, ledger, Waiting())


def test_of_two_people_at_the_same_moment_one_is_told(context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting()
    opened(context, ledger)
    ledger.meanwhile = lambda: answers(context, ledger, waiting, answer="reject")

    with pytest.raises(HoldUnknown, match=r"^too late: somebody else answered vpce-"):
        answers(context, ledger, waiting)
    assert [said.answer for _, said in waiting.ended] == ["reject"]


def test_an_answer_that_did_not_get_through_may_be_given_again(context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting(dies=True)
    opened(context, ledger)
    with pytest.raises(Throttled):
        answers(context, ledger, waiting)

    answers(context, ledger, waiting)

    assert len(waiting.ended) == 1


def test_a_step_that_asks_again_gives_the_answer_it_missed(context: Any) -> None:
    ledger, waiting = MemoryLedger(), Waiting()
    opened(context, ledger)
    answers(context, ledger, Waiting())

    opened(context, ledger, waiting.end, token="token-2")

    ((token, said),) = waiting.ended
    assert (token, said.answer, said.by) == ("token-2", "accept", ALICE)


def test_ends_the_waiting(stub: Callable[[str], Stubber]) -> None:
    said = HoldAnswer("accept", ALICE, "ok", "at")
    stub("stepfunctions").add_response(
        "send_task_success", {}, {"taskToken": "token", "output": json.dumps(asdict(said))}
    )
    assert holds.end("token", said)


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist"])
def test_what_does_not_wait_any_more_is_no_error(stub: Callable[[str], Stubber], code: str) -> None:
    stub("stepfunctions").add_client_error("send_task_success", code)
    assert not holds.end("token", HoldAnswer("accept"))


def test_ends_nobodys_waiting_in_general() -> None:
    with pytest.raises(ValueError, match="no task token"):
        holds.end("", HoldAnswer("accept"))


def test_starts_a_hold_with_its_own_input(stub: Callable[[str], Stubber]) -> None:
    stub("stepfunctions").add_response(
        "start_execution",
        {"executionArn": "arn:aws:states:us-east-1:111111111111:execution:h:e", "startDate": 0},
        {
            "stateMachineArn": "arn:hold",
            "name": "hold-1",
            "input": json.dumps({"hold": asdict(HOLD)}),
        },
    )
    assert holds.start("arn:hold", HOLD)


ZONES = {"subnet-1": "use1-az1", "subnet-2": "use1-az2", "subnet-3": "use1-az3"}
POLICY = Policy(zones=ZonePolicy(peers=(Peer("account", "222222222222"),)))
CHECK = {
    "service_id": SERVICE,
    "service_name": "name",
    "zone_ids": ["use1-az1", "use1-az2"],
    "endpoints": [{"endpoint_id": ENDPOINT, "owner": "222222222222", "region": ""}],
}
ADVICE = {
    "vpc_id": "vpc-1",
    "service_name": "name",
    "subnet_ids": ["subnet-1", "subnet-3"],
    "by": ALICE,
    "error": "no",
    "at": "2026-11-24T12:00:00Z",
}


class Zones:
    """The consumer sits in two of three zones; `error` is what the service's zones answer."""

    def __init__(self, error: Exception | None = None, zone_ids: Any = ("use1-az1",)) -> None:
        self.error = error
        self.zone_ids = zone_ids

    def consumer_sides(self, wanted: Any, stack: StackIdentity) -> Any:
        side = ConsumerSide(("subnet-1", "subnet-2"), ZONES)
        return {id_: side for ids in wanted.values() for id_ in ids}

    def zone_ids_of(self, service_name: str) -> Any:
        if self.error:
            raise self.error
        return self.zone_ids

    def zones_in(self, vpc_id: str) -> dict[str, str]:
        return ZONES


def compare(context: Any, reads: Zones, **event: Any) -> Any:
    made = {"zones": [], "advice": [], "execution": EXECUTION, **event}
    return check_zones.handler(made, context, reads=reads, policy=lambda: POLICY)


def test_a_consumer_in_three_zones_of_which_two_are_served(context: Any) -> None:
    made = compare(context, Zones(), zones=[CHECK])

    (finding,) = made["findings"]
    assert finding["id"] == f"ZonesMisaligned/{SERVICE}/{ENDPOINT}"
    assert finding["data"]["status"] == "partial"
    assert finding["data"]["never"] == {"use1-az3": ["subnet-3"]}
    assert made["looked_at"] == [f"{SERVICE}/{ENDPOINT}"]


def test_a_refused_endpoint_is_explained(context: Any) -> None:
    (finding,) = compare(context, Zones(), advice=[ADVICE])["findings"]

    assert (finding["id"], finding["severity"]) == ("ZoneAdvice/vpc-1/name", "info")
    data = finding["data"]
    assert (data["refused"], data["would_serve"]) == (["subnet-3"], {"use1-az1": ["subnet-1"]})
    assert (data["by"], data["error"], data["why"]) == (ALICE, "no", "")


@pytest.mark.parametrize(
    ("zones", "why"),
    [
        (Zones(RefusedByAws("ec2:DescribeVpcEndpointServices: x")), "ec2:Describe"),
        (Zones(AccessDenied("ec2:DescribeVpcEndpointServices: x")), "ec2:Describe"),
        (Zones(zone_ids=()), "AWS names no zone of the service"),
    ],
)
def test_what_cannot_be_explained_is_said(context: Any, zones: Zones, why: str) -> None:
    (finding,) = compare(context, zones, advice=[ADVICE])["findings"]
    assert finding["data"]["why"].startswith(why)


def test_zones_are_read_again_when_aws_is_busy(context: Any) -> None:
    with pytest.raises(Throttled):
        compare(context, Zones(Throttled("x")), advice=[ADVICE])


def test_the_organization_is_asked_once_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, asked = MemoryLedger(), list[Any]()

    def look_up(owners: Any, *_: Any) -> Organization:
        asked.append(sorted(owners))
        return Organization({owner: Member(frozenset({"o-1"}), False) for owner in owners}, "why")

    monkeypatch.setattr("autopilot.aws.organizations.look_up", look_up)
    policy = Policy(organization=OrganizationPolicy("o-1"))
    stack = StackIdentity("s", "1", "us-east-1")
    context = DecisionContext(policy, stack, Organization(), NOW, EXECUTION)

    def known(owners: Any, units: bool = False) -> Organization:
        return organizations.known(context, ledger, owners, units)

    assert known(["1", "2"]).holds("1", "o-1") is True
    assert known(["1", "2", "3"]).why == "why"
    assert known(["1", "3"]).holds("3", "o-1") is True
    assert asked == [["1", "2"], ["3"]]
    known(["1"], units=True)
    assert asked[-1] == ["1"], "the units above weren't asked for"
    later = connection_memory.learned_before(ledger, NOW)
    assert later.holds("2", "o-1") is True
    assert later.holds("9", "o-1") is None


def test_without_an_organization_in_the_policy_nobody_is_asked() -> None:
    stack = StackIdentity("s", "1", "us-east-1")
    context = DecisionContext(Policy(), stack, Organization(), NOW)
    found = organizations.known(context, MemoryLedger(), ["1"], True)
    assert (found.members, found.why) == ({}, "the policy names no organization")


def test_the_survey_asks_with_the_policys_organization(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def look_up(owners: Any, units: bool, policy: Any) -> Organization:
        asked.append((owners, units, policy))
        return Organization()

    monkeypatch.setattr("autopilot.aws.organizations.look_up", look_up)
    policy = Policy(organization=OrganizationPolicy("o-1"))
    stack = StackIdentity("s", "1", "us-east-1")
    context = DecisionContext(policy, stack, Organization(), NOW, EXECUTION)
    organizations.known(context, MemoryLedger(), ["1"], True)
    assert asked == [(["1"], True, OrganizationPolicy("o-1"))]
