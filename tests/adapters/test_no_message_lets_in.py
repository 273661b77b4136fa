"""No message of the hub's, or of another account's, makes a spoke accept whom it doesn't allow.

`connection_world` holds every accept against the list and deny of that moment, and against the rule
where no person stands for it. Here a person stands for it only who is an approver of the spoke's,
and said so in time, for that very hold, while it waited; the world knows that by itself.

The doors: `take_answer`, `answer_hold`, what intake reads, `look_ahead` (a candidate policy is a
question), the queue HubUndelivered, which the heartbeat sends again, and the hub's own ear. The
release with policy and approvers is none: it is what the spoke decides by.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import heartbeat
import hub_hear
import intake
import look_ahead
import open_hold
import take_answer
from autopilot.aws.errors import NotSettledYet
from autopilot.aws.ledger import Ledger
from autopilot.connections.holds import HOLDS, HoldAnswer
from autopilot.connections.request import OpenHoldRequest
from autopilot.fleet.beat import Looked
from autopilot.fleet.belongs import Belongs
from autopilot.fleet.wire import HEARTBEAT, NEWS, UPWARD, AskedAnswer
from autopilot.foreseen import connections as foreseen
from autopilot.foreseen import everything
from autopilot.notify.bus import BusEvent
from autopilot.notify.ledger import Key, Row, Write
from autopilot.policy.model import ConnectionPolicy, Policy, Rule
from autopilot.reconcile.codec import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.adapters.connection_world import CONTEXT, Endpoint, World
from tests.unit.connections.builders import US

OWNERS = ["222222222222", "333333333333"]
SERVICES = ["vpce-svc-0a", "vpce-svc-0b"]
RULES = [Rule("allowed_principals"), *(Rule("account", owner) for owner in OWNERS)]
APPROVERS = ("alice", "bob")
EVENTS = [json.loads(path.read_text()) for path in sorted(Path("tests/events").glob("*.json"))]
NOTICE = "Endpoint Connection Notification"
CALL = "AWS API Call via CloudTrail"
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
        except (KeyError, ValueError, NotSettledYet):  # the last: it was given before
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

    def asked_to_look(self, message: Any) -> dict[str, Any]:
        """The hub's other door: whatever is asked, it may only be looked at."""
        before = (encode(self.policy), copy.deepcopy(self.endpoints), dict(self.ledger.table))
        waits, carried = dict(self.waiting), list(self.carried)
        means = look_ahead.Means(self.policy, US, cast(Ledger, self.ledger), "arn:topic", self.now)
        only = {"connections": partial(foreseen.foresee, topic="arn:topic")}
        with patch.object(everything, "_looks", lambda _: only):
            answer = look_ahead.handler(message, CONTEXT, means=lambda: means)
        after = (encode(self.policy), self.endpoints, self.ledger.table)
        assert after == before and (self.waiting, self.carried) == (waits, carried)
        return answer

    def beats(self, letters: Sequence[str]) -> list[BusEvent]:
        """The hourly heartbeat finds these in HubUndelivered; what it puts on the bus."""
        queue, put = Letters(letters), list[BusEvent]()
        table = cast(Ledger, SimpleNamespace(partitions=self._partitions, write=self.ledger.write))
        bus = SimpleNamespace(put=put.extend)
        given = (table, self.policy, bus, queue, lambda *_: Looked(self.now.isoformat()), self.now)
        means = heartbeat.Means(*given, lambda _: None, lambda *_: None)
        left = SimpleNamespace(**vars(CONTEXT), get_remaining_time_in_millis=lambda: 300_000)
        told = dict.fromkeys(heartbeat.Settings.__dataclass_fields__, "x")
        told = {name.upper(): value for name, value in told.items()}
        with patch.dict("os.environ", told):
            heartbeat.handler({"trigger": "hourly"}, left, means=lambda: means)
        return put

    def _partitions(self, pks: Sequence[str]) -> dict[str, tuple[Row, ...]]:
        return {pk: self.ledger.rows(pk) for pk in pks}

    def carry_out(self, hold: Any, answer: HoldAnswer) -> None:
        """The hold's execution goes on, by the real second look."""
        accepted = self.calls.count("accept")
        self.answer(hold.name, hold=vars(hold), answer=asdict(answer))
        if self.calls.count("accept") > accepted and answer.answer == "accept":
            assert (hold.name, "accept") in self.meant, "nobody who may has said so, in time"


class Letters:
    """A queue that hands out all that it has, and nothing twice."""

    def __init__(self, bodies: Sequence[str]) -> None:
        self.bodies = [*bodies]

    def waiting(self) -> int:
        return len(self.bodies)

    def some(self) -> list[tuple[str, str]]:
        found, self.bodies = self.bodies, []
        return [(str(n), body) for n, body in enumerate(found)]

    def forget(self, receipt: str) -> None:
        pass


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

    @rule(
        n=which,
        allow=st.lists(st.sampled_from(RULES), max_size=3),
        hold_for=st.sampled_from([0, 60, 86_400]),
        otherwise=st.sampled_from(["hold", "reject", "ignore", "accept"]),
        forged=st.sampled_from(["", "answer", "policy", "what", "examples"]),
    )
    def the_hub_asks_to_look(
        self, n: int, allow: Any, hold_for: int, otherwise: str, forged: str
    ) -> None:
        """By a candidate that lets in more than the policy; or by what is no question."""
        wanted = ConnectionPolicy(allow=tuple(allow), hold_for_seconds=hold_for)
        policy = encode(Policy(connections=wanted))
        policy["connections"]["otherwise"] = otherwise
        message: dict[str, Any] = {"what": "plan", "policy": policy, "schema": 1, "examples": n}
        kept = self.kept[n % len(self.kept)] if self.kept else {}
        if forged == "answer":
            message = {**message, **kept}
        elif forged:
            message[forged] = kept or n
        self.world.asked_to_look(message)

    @rule(
        n=which,
        kind=st.sampled_from([NEWS, HEARTBEAT, NOTICE, CALL, "", None, 7, [NEWS]]),
        source=st.sampled_from(["endpoint-autopilot", "aws.ec2"]),
        account=st.sampled_from([US.account, US.account, "999999999999", None]),
    )
    def a_letter_lies_in_the_queue(self, n: int, kind: Any, source: str, account: Any) -> None:
        """Of what the hub hasn't got; whoever could put it there."""
        detail = copy.deepcopy(EVENTS[n % len(EVENTS)].get("detail")) if n % 2 else None
        detail = detail or (self.kept[n % len(self.kept)] if self.kept else {"service_ids": ["*"]})
        letter = {"source": source, "detail-type": kind, "detail": detail, "id": str(n)}
        letter |= {"account": account, "region": US.region, "resources": SERVICES}
        put_anew = self.world.beats([json.dumps(letter), json.dumps(detail)])
        told = [event for event in put_anew if event.detail_type == NEWS]
        assert len(told) == (kind == NEWS and account == US.account), "it would become our own"
        for event in put_anew:
            assert event.detail_type in UPWARD and event.resources == ()
            # As EventBridge would stamp it, and were there a rule that took it.
            put = {"source": "endpoint-autopilot", "detail-type": event.detail_type}
            put |= {"account": US.account, "region": US.region, "id": str(n)}
            assert self._take_in({**put, "detail": event.detail}) == []

    def _take_in(self, event: dict[str, Any]) -> list[Any]:
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
        return woken


Messages.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_no_message_lets_in_whom_rule_list_and_person_do_not = Messages.TestCase


class HeardOnly:
    """The hub's table, which notes what is written."""

    def __init__(self) -> None:
        self.keys: list[Key] = []

    def of(self, _keys: Any) -> dict[Key, Row]:
        return {}

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        self.keys += [write.key for write in writes]
        return frozenset()

    def write_together(self, groups: Sequence[Sequence[Write]]) -> frozenset[int]:
        self.keys += [write.key for group in groups for write in group]
        return frozenset()


anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=9) | st.sampled_from([*OWNERS, "asked", "accept"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from([*UPWARD, *UPWARD, NOTICE, CALL]),
    account=st.sampled_from(OWNERS),
    source=st.sampled_from(["endpoint-autopilot"] * 3 + ["aws.ec2"]),
    said=st.dictionaries(
        st.sampled_from(["id", "by", "ids", "asks", "holds", "stack", "target", "hold"]), anything
    ),
    claims=st.sampled_from(OWNERS),
)
def test_what_others_put_on_the_hubs_bus_becomes_their_own_rows_and_nothing_else(
    kind: str, account: str, source: str, said: dict[str, Any], claims: str
) -> None:
    """Its ear has a table and a dead-letter queue: a spoke is asked by a person's call alone, and
    what was asked is no row of these."""
    detail: dict[str, Any] = {"at": "2026-11-30T10:00:00+00:00", "release": "r", "version": "v"}
    detail |= {"policy": "p", "target": "t", "kinds": ["K"], "severity": "info", "change": "done"}
    detail |= {"title": "t", "subject": "s", "text": "t", "id": "n", **said}
    detail |= {"account": claims, "spoke": f"{claims}/us-east-1"}
    event = {"source": source, "detail-type": kind, "account": account, "region": "us-east-1"}
    body = json.dumps({**event, "detail": detail})
    table, aside = HeardOnly(), list[str]()
    with patch.dict("os.environ", {"DEAD_LETTER_QUEUE_URL": "url"}):
        hub_hear._settings.cache_clear()
        answer = hub_hear.handler(
            {"Records": [{"messageId": "m", "body": body}]},
            CONTEXT,
            ledger=lambda: table,
            put_aside=lambda _url, body, _why: aside.append(body),
            now=lambda: datetime(2026, 11, 30, 12, tzinfo=UTC),
        )
        hub_hear._settings.cache_clear()
    assert answer == {"batchItemFailures": []}
    assert bool(table.keys) != bool(aside)
    for key in table.keys:
        assert key.pk.partition("/")[0] in {"spoke", "news", "heard", "day", "about"}
        assert account in f"{key.pk} {key.sk}"


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


def test_a_look_foresees_what_the_candidate_would_let_in_and_lets_in_nobody() -> None:
    world, machine = waiting()
    try:
        wanted = Policy(connections=ConnectionPolicy(allow=(Rule("account", OWNERS[0]),)))
        world.listed[SERVICES[0]] = {OWNERS[0]}
        answer = world.asked_to_look({"what": "plan", "policy": encode(wanted)})
        counted = {(each["sign"], each["verb"]): each["count"] for each in answer["counts"]}
        assert counted["added", "accept"] == 1
        machine._look()
        assert not world.endpoints["vpce-00"].accepted_by
    finally:
        world.close()


def test_a_letter_of_ours_goes_up_as_news_and_wakes_nobody() -> None:
    world, _ = waiting()
    try:
        letter = {"detail-type": NEWS, "detail": {"id": "n"}, "source": "endpoint-autopilot"}
        letter |= {"account": US.account, "region": US.region}
        news, said = world.beats([json.dumps(letter)])
        assert (news.detail_type, said.detail_type) == (NEWS, HEARTBEAT)
        assert news.detail == {"id": "n"}
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
