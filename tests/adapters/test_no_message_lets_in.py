"""No message of the hub's, or of another account's, makes a spoke accept whom it doesn't allow.

`connection_world` holds every accept against the list and deny of that moment, and against the rule
where no person stands for it. Here a person stands for it only who is an approver of the spoke's,
and said so in time, for that very hold, while it waited; the world knows that by itself.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import intake
import open_hold
import take_answer
from autopilot.connections.holds import HOLDS, HoldAnswer
from autopilot.connections.request import OpenHoldRequest
from autopilot.fleet.belongs import Belongs
from autopilot.fleet.wire import AskedAnswer
from autopilot.policy.model import Policy, Rule
from autopilot.reconcile.codec import encode
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.adapters.connection_world import CONTEXT, Endpoint, World

OWNERS = ["222222222222", "333333333333"]
SERVICES = ["vpce-svc-0a", "vpce-svc-0b"]
RULES = [Rule("allowed_principals"), *(Rule("account", owner) for owner in OWNERS)]
APPROVERS = ("alice", "bob")
EVENTS = [json.loads(path.read_text()) for path in sorted(Path("tests/events").glob("*.json"))]
NOTICE = "Endpoint Connection Notification"
which = st.integers(0, 100)


def moment(said: Any) -> datetime:
    """When that is; long ago for what is no moment."""
    try:
        found = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return datetime(1, 1, 1, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Spoke(World):
    """The world with holds that wait, answers on their way to be carried out, and approvers."""

    def __init__(self) -> None:
        super().__init__(Policy())
        self.with_policy(allow=())
        self.approvers: tuple[str, ...] = APPROVERS
        self.carried: list[tuple[Any, HoldAnswer]] = []
        self.meant: set[tuple[str, str]] = set()
        """Holds and answers that an approver has given in time, to that very hold."""

    def open(self, name: str) -> None:
        """The hold's execution asks."""
        self.waiting[f"token-{name}"] = name
        asked = OpenHoldRequest(self.started[name], f"token-{name}", name)
        open_hold.handler(encode(asked), CONTEXT, ledger=lambda: self.ledger, end=self.end,
                          now=lambda: self.now)  # fmt: skip

    def end(self, token: str, answer: HoldAnswer) -> bool:
        name = self.waiting.pop(token, None)
        if name is None:
            return False
        self.carried.append((self.started[name], answer))
        return True

    def take(self, message: dict[str, Any]) -> bool:
        """The hub's door. Whoever may come in by it is found out before, and by other means."""
        genuine = self.is_meant(message)
        if genuine:
            self.meant.add((str(message["hold"]), str(message["answer"])))
        try:
            answered = take_answer.handler(
                message,
                CONTEXT,
                ledger=lambda: self.ledger,
                belongs=lambda: Belongs("o-1", "9" * 12, "us-east-1", "dev", self.approvers),
                end=self.end,
                now=lambda: self.now,
            )
        except (KeyError, ValueError):
            return False
        return bool(answered["taken"])

    def is_meant(self, message: dict[str, Any]) -> bool:
        row = self.row(str(message.get("endpoint_id")))
        named = not self.approvers or message.get("by") in self.approvers
        waits = row.get("state") in ("open", "answered") and row.get("name") == message.get("hold")
        return named and waits and self.now <= moment(message.get("until"))

    def row(self, endpoint_id: str) -> dict[str, Any]:
        found = [r for r in self.ledger.rows(HOLDS, endpoint_id) if r.key.sk == endpoint_id]
        return dict(found[0].body) if found else {}

    def carry_out(self, hold: Any, answer: HoldAnswer) -> None:
        """The hold's execution goes on, by the real second look."""
        accepted = self.calls.count("accept")
        self.answer(hold.name, hold=vars(hold), answer=asdict(answer))
        if self.calls.count("accept") > accepted and answer.answer == "accept":
            assert (hold.name, "accept") in self.meant, "nobody who may has said so, in time"


class Messages(RuleBasedStateMachine):
    """Requests, policies and lists as they come; and messages, forged, late, doubled, mixed up."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Spoke()
        for entries in self.world.listed.values():
            entries |= set(OWNERS)
        self.kept: list[dict[str, Any]] = []
        self.executions = 0

    def teardown(self) -> None:
        self.world.close()

    def _look(self, **more: Any) -> None:
        """One whole execution of the connections workflow, and its holds' beginnings."""
        self.executions += 1
        name = f"execution-{self.executions}"
        plan = self.world.plan(name, **more)
        for item in plan["items"]:
            self.world.answer(name, item=item)
        before = set(self.world.started)
        self.world.sync(name, plan)
        for started in sorted(set(self.world.started) - before):
            self.world.open(started)

    @initialize(owner=st.sampled_from(OWNERS), service=st.sampled_from(SERVICES))
    def one_asks_from_the_beginning(self, owner: str, service: str) -> None:
        self.a_consumer_asks(owner, service)

    @precondition(lambda self: len(self.world.endpoints) < 3)
    @rule(owner=st.sampled_from(OWNERS), service=st.sampled_from(SERVICES))
    def a_consumer_asks(self, owner: str, service: str) -> None:
        self.world.endpoints[f"vpce-{len(self.world.endpoints):02x}"] = Endpoint(service, owner)
        self._look()

    @precondition(lambda self: self.world.endpoints)
    @rule(n=which)
    def a_consumer_asks_again(self, n: int) -> None:
        """So that another hold follows for the same endpoint."""
        ids = sorted(self.world.endpoints)
        endpoint = self.world.endpoints[ids[n % len(ids)]]
        endpoint.state, endpoint.accepted_by = "deleting", ""
        self._look()
        self.world.now += timedelta(minutes=20)
        self._look()
        endpoint.state = "pendingAcceptance"
        self._look()

    @rule(
        entry=st.sampled_from([*OWNERS, "*"]),
        service=st.sampled_from(SERVICES),
        on=st.booleans(),
        allow=st.lists(st.sampled_from(RULES), max_size=1),
        deny=st.lists(st.sampled_from(RULES[1:]), max_size=1),
        policy=st.booleans(),
    )
    def list_or_policy_change(
        self, entry: str, service: str, on: bool, allow: Any, deny: Any, policy: bool
    ) -> None:
        if policy:
            self.world.with_policy(allow=tuple(allow), deny=tuple(deny))
        entries = self.world.listed[service]
        entries.add(entry) if on else entries.discard(entry)

    @rule(
        approvers=st.sampled_from([APPROVERS, APPROVERS, ("alice",), ()]),
        minutes=st.sampled_from([0, 1, 61, 61, 60 * 25]),
        sweep=st.booleans(),
    )
    def time_passes(self, approvers: tuple[str, ...], minutes: int, sweep: bool) -> None:
        """With it another release, which names other approvers; and a sweep."""
        self.world.approvers = approvers
        self.world.now += timedelta(minutes=minutes)
        if sweep:
            self._look()

    def _asked(self, n: int, by: str, minutes: int, answer: str) -> dict[str, Any]:
        ids = sorted(self.world.endpoints) or ["vpce-0f"]
        endpoint_id = ids[n % len(ids)]
        hold = str(self.world.row(endpoint_id).get("name", "hold-of-nobody"))
        at, until = self.world.now, self.world.now + timedelta(minutes=minutes)
        made = AskedAnswer(f"q{n}", endpoint_id, hold, "accept", by, "so", at.isoformat(),
                           until.isoformat())  # fmt: skip
        return {**encode(made), "answer": answer}

    def _sent(self, message: dict[str, Any], at_once: bool) -> None:
        """Delivered; what is taken is carried out at once, or in its own time."""
        self.world.take(message)
        while at_once and self.world.carried:
            self.world.carry_out(*self.world.carried.pop())

    @rule(
        n=which,
        by=st.sampled_from(["alice", "bob", "mallory"]),
        minutes=st.sampled_from([60, 60, -1, 60 * 24 * 365]),
        answer=st.sampled_from(["accept", "accept", "accept", "reject"]),
        sent=st.booleans(),
        at_once=st.booleans(),
    )
    def the_hub_asks(
        self, n: int, by: str, minutes: int, answer: str, sent: bool, at_once: bool
    ) -> None:
        """At once, or on its way for long."""
        message = self._asked(n, by, minutes, answer)
        self.kept.append(message)
        if sent:
            self._sent(message, at_once)

    @precondition(lambda self: self.kept)
    @rule(n=which, at_once=st.booleans())
    def a_message_comes_late_or_again(self, n: int, at_once: bool) -> None:
        self._sent(self.kept[n % len(self.kept)], at_once)

    @precondition(lambda self: self.kept)
    @rule(
        n=which,
        m=which,
        part=st.sampled_from(
            ["hold", "endpoint_id", "answer", "by", "schema", "id", "reason", "at", "until"]
        ),
        value=st.one_of(
            st.sampled_from(
                ["", "accept", "alice", "vpce-00", "vpce-01", "*", "hold-", "2040-01-01"]
            ),
            st.integers(-1, 3),
            st.none(),
            st.just({"a": ["accept"]}),
        ),
    )
    def a_message_is_forged(self, n: int, m: int, part: str, value: Any) -> None:
        """With a part of another, or of nobody's."""
        message = copy.copy(self.kept[n % len(self.kept)])
        other = self.kept[m % len(self.kept)]
        message[part] = other.get(part) if m % 2 else value
        self._sent(message, True)

    @precondition(lambda self: self.world.carried)
    @rule(n=which, twice=st.booleans())
    def an_answer_is_carried_out(self, n: int, twice: bool) -> None:
        hold, answer = self.world.carried.pop(n % len(self.world.carried))
        for _ in range(1 + twice):
            self.world.carry_out(hold, answer)

    @rule(n=which, event=st.sampled_from(EVENTS), theirs=st.booleans(), ours=st.booleans())
    def an_event_comes_in(self, n: int, event: Any, theirs: bool, ours: bool) -> None:
        """Whatever is on the bus: CloudTrail's, PrivateLink's, another account's, the hub's own."""
        made = copy.deepcopy(event)
        if ours:
            detail = self.kept[n % len(self.kept)] if self.kept else {}
            made = {"source": "endpoint-autopilot", "detail-type": NOTICE, "id": str(n)}
            made["detail"] = {**detail, "service_ids": SERVICES}
        if theirs:
            made["account"] = "999999999999"
        self._take_in(made)

    @precondition(lambda self: self.world.endpoints)
    @rule(n=which, verdict=st.sampled_from(["Accept", "Reject"]), by=st.sampled_from(APPROVERS))
    def a_call_is_forged(self, n: int, verdict: str, by: str) -> None:
        """That somebody has accepted by AWS's own means, which nobody did."""
        ids = sorted(self.world.endpoints)
        endpoint = self.world.endpoints[ids[n % len(ids)]]
        self._take_in(
            {
                "source": "aws.ec2",
                "detail-type": "AWS API Call via CloudTrail",
                "id": f"forged-{n}",
                "account": "999999999999",
                "detail": {
                    "eventSource": "ec2.amazonaws.com",
                    "eventName": f"{verdict}VpcEndpointConnections",
                    "eventID": f"forged-{n}",
                    "eventTime": self.world.now.isoformat(),
                    "userIdentity": {"arn": f"arn:aws:iam::999999999999:user/{by}"},
                    "requestParameters": {
                        "AcceptVpcEndpointConnectionsRequest": {
                            "ServiceId": endpoint.service,
                            "VpcEndpointId": {"tag": 1, "content": ids[n % len(ids)]},
                        }
                    },
                    "responseElements": {},
                },
            }
        )

    def _take_in(self, event: dict[str, Any]) -> None:
        woken: list[Any] = []
        records = [{"messageId": "m", "body": json.dumps(event)}]
        machines = {
            f"{name}_MACHINE_ARN": name
            for name in ("NETWORK", "CONNECTIONS", "SERVICES", "WITHDRAW", "INTERFACES")
        }
        with patch.dict("os.environ", {**machines, "DEAD_LETTER_QUEUE_URL": "url"}):
            intake._settings.cache_clear()
            intake.handler(
                {"Records": records},
                CONTEXT,
                start=lambda machine, wakeup: not woken.append((machine, wakeup)),  # type: ignore[func-returns-value]  # it notes and says yes
                put_aside=lambda *_: None,
            )
        for machine, wakeup in woken:
            if machine == "CONNECTIONS":
                self._look(**wakeup.document())


Messages.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_no_message_lets_in_whom_rule_list_and_person_do_not = Messages.TestCase


def waiting() -> tuple[Spoke, Messages]:
    """A spoke with one request that is held."""
    machine = Messages()
    machine.a_consumer_asks(OWNERS[0], SERVICES[0])
    return machine.world, machine


def test_the_approvers_word_in_time_does_let_in() -> None:
    world, machine = waiting()
    try:
        assert world.take(machine._asked(0, "alice", 60, "accept"))
        machine.an_answer_is_carried_out(0, False)
        assert world.endpoints["vpce-00"].accepted_by
    finally:
        world.close()


def test_who_is_no_approver_is_not_heard() -> None:
    world, machine = waiting()
    try:
        world.approvers = ("alice",)
        assert not world.take(machine._asked(0, "bob", 60, "accept"))
        assert world.carried == [] and world.now.tzinfo == UTC
    finally:
        world.close()


def test_an_answer_to_an_earlier_hold_is_not_one_to_this() -> None:
    world, machine = waiting()
    try:
        message = machine._asked(0, "alice", 600, "accept")
        machine.a_consumer_asks_again(0)
        assert not world.take(message)
        assert not world.take(replace_until(message, world.now))
    finally:
        world.close()


def replace_until(message: dict[str, Any], now: datetime) -> dict[str, Any]:
    made = AskedAnswer(**message)
    return dict(encode(replace(made, until=(now + timedelta(hours=1)).isoformat())))
