"""The function of the weekly letter: sent once a week, tried again, honest about what it missed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import letter
import pytest
from autopilot.aws import clients
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.notify.ledger import Key, Row, Write
from autopilot.notify.render import Message
from autopilot.view.letter_week import LETTERS

from tests.adapters.spending_world import GB, IDLE, NOW, POLICY, US, USED, Account, endpoint


@dataclass
class Memory:
    """A ledger in memory; `denied`: partitions that can't be read."""

    kept: dict[Key, Row] = field(default_factory=dict)
    denied: str = "none"

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        return [r for r in self.kept.values() if r.key.pk == pk and r.key.sk.startswith(prefix)]

    def partitions(self, pks: Sequence[str]) -> dict[str, tuple[Row, ...]]:
        if any(pk.startswith(self.denied) for pk in pks):
            raise AccessDenied("dynamodb:ExecuteStatement: AccessDenied: no")
        return {pk: tuple(self.rows(pk)) for pk in pks}

    def latest(self, pk: str, most: int) -> Sequence[Row]:
        return sorted(self.rows(pk), key=lambda r: r.key, reverse=True)[:most]

    def write(self, writes: Sequence[Write]) -> Collection[Key]:
        refused = [w.key for w in writes if self._version(w.key) != w.replaces]
        for write in writes:
            if write.key not in refused and write.row:
                self.kept[write.key] = write.row
        return refused

    def _version(self, key: Key) -> int | None:
        return self.kept[key].version if key in self.kept else None


@dataclass
class Ops:
    """The topic. `error`: what it answers with, once."""

    sent: list[Message] = field(default_factory=list)
    error: Exception | None = None

    def publish(self, message: Message) -> None:
        if self.error:
            error, self.error = self.error, None
            raise error
        self.sent.append(message)


@dataclass
class World:
    ledger: Memory = field(default_factory=Memory)
    ops: Ops = field(default_factory=Ops)

    def call(self, at: datetime = NOW, request: str = "1") -> bool:
        context: Any = SimpleNamespace(
            function_name="Letter",
            memory_limit_in_mb=1024,
            invoked_function_arn="arn",
            aws_request_id=request,
        )
        given: dict[str, Callable[[], Any]] = {
            "ledger": lambda: self.ledger,
            "ops": lambda: self.ops,
            "policy": lambda: POLICY,
            "now": lambda: at,
        }
        answer: Any = letter.handler({"trigger": "letter"}, context, **given)
        return bool(answer["sent"])

    @property
    def mail(self) -> str:
        (message,) = self.ops.sent
        return str(json.loads(message.body)["default"])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    there = Account([endpoint(IDLE), endpoint(USED)], bytes={USED: GB})
    clients.client.cache_clear()
    monkeypatch.setattr(clients, "make", lambda *_: there)
    monkeypatch.setattr(letter, "identity", lambda: US)
    return World()


def test_the_letter_finds_the_idle_endpoint_and_prices_it(world: World) -> None:
    assert world.call()
    assert world.ops.sent[0].attributes["kind"] == "WeeklyLetter"
    assert (
        f"- idle endpoint, 14.60 USD: {IDLE} in vpc-0: idle in 2 zones (use1-az1, use1-az2):"
        " no bytes and no connection in 14 days"
    ) in world.mail


def test_a_second_delivery_in_the_week_sends_nothing(world: World) -> None:
    assert world.call()
    assert not world.call(NOW + timedelta(hours=1), "2")
    assert not world.call(NOW + timedelta(hours=1), "1")
    assert len(world.ops.sent) == 1
    assert world.call(NOW + timedelta(days=7), "3")
    assert [key.sk for key in world.ledger.kept if key.pk == LETTERS] == ["2026-W49", "2026-W50"]


def test_a_letter_goes_out_each_week_though_summer_time_begins(world: World) -> None:
    """By UTC it is Monday at half past midnight, then Sunday an hour earlier: one ISO week."""
    monday = datetime(2027, 3, 22, 0, 30, tzinfo=UTC)
    assert world.call(monday, "1")
    assert not world.call(monday + timedelta(days=6), "2")
    assert world.call(monday + timedelta(days=7, hours=-1), "3")
    assert not world.call(monday + timedelta(days=7, hours=-1, minutes=1), "4")
    assert len(world.ops.sent) == 2


def test_what_the_topic_refuses_is_raised_and_tried_again_by_the_same_call(world: World) -> None:
    world.ops.error = Throttled("sns:Publish: Throttling: slower")
    with pytest.raises(Throttled):
        world.call()
    assert world.call(NOW + timedelta(minutes=2))
    assert len(world.ops.sent) == 1


def test_another_call_does_not_send_while_the_first_may_live(world: World) -> None:
    world.ops.error = Throttled("sns:Publish: Throttling: slower")
    with pytest.raises(Throttled):
        world.call()
    assert not world.call(NOW + timedelta(minutes=2), "2")


@pytest.mark.parametrize(("partition", "what"), [("day/", "history"), ("finding", "the ledger")])
def test_a_memory_that_cannot_be_read_is_said_in_the_letter(
    world: World, partition: str, what: str
) -> None:
    world.ledger.denied = partition
    assert world.call()
    assert f"- {what}: dynamodb:ExecuteStatement: AccessDenied: no" in world.mail
    assert world.ops.sent[0].attributes["severity"] == "failure"
