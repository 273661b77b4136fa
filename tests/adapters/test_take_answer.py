"""`take_answer` on a ledger: the same twice, also at once, and two people at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import take_answer
from autopilot.aws import connection_memory
from autopilot.aws.errors import NotSettledYet
from autopilot.connections import holds
from autopilot.connections.holds import HoldAnswer, HoldRow
from autopilot.fleet.belongs import Belongs
from autopilot.notify.ledger import Key, Write

from tests.unit.connections.builders import MemoryLedger

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ENDPOINT, HOLD = "vpce-0123456789abcdef0", "hold-vpce-0123456789abcdef0-1"
OPEN = HoldRow(ENDPOINT, "vpce-svc-0a", HOLD, "open", NOW.isoformat(), 86400, token="t")
CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r"
)
ASKED = {
    "id": "q1",
    "endpoint_id": ENDPOINT,
    "hold": HOLD,
    "answer": "accept",
    "by": "alice",
    "reason": "CHG-17",
    "at": NOW.isoformat(),
    "until": (NOW + timedelta(hours=1)).isoformat(),
    "schema": 1,
}


class Ledger(MemoryLedger):
    """Somebody else may be between our look and our write."""

    meanwhile: Callable[[], Any] | None = None

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        act, self.meanwhile = self.meanwhile, None
        if act:
            act()
        return super().write(writes)


class Spoke:
    """A spoke in which one request waits; its execution takes one answer."""

    def __init__(self) -> None:
        self.ledger, self.ended, self.now = Ledger(), list[HoldAnswer](), NOW
        self.ledger.write([holds.put(OPEN, None, NOW)])

    @property
    def row(self) -> HoldRow:
        return connection_memory.holds(self.ledger, ENDPOINT)[ENDPOINT]

    def end(self, _token: str, said: HoldAnswer) -> bool:
        if self.ended:
            return False
        self.ended.append(said)
        return True

    def closes(self) -> None:
        """The execution has carried it out."""
        row = self.row
        self.ledger.write([holds.put(holds.closed(row, self.ended[0], self.now), row, self.now)])

    def __call__(self, **changes: Any) -> dict[str, Any]:
        answered: dict[str, Any] = take_answer.handler(
            {**ASKED, **changes},
            CONTEXT,
            ledger=lambda: self.ledger,
            belongs=lambda: Belongs("o-1", "9" * 12, "us-east-1", "dev"),
            end=self.end,
            now=lambda: self.now,
        )
        return answered


@pytest.fixture
def spoke() -> Spoke:
    return Spoke()


def test_the_same_twice_before_it_is_carried_out_is_no_refusal(spoke: Spoke) -> None:
    """The hub lost the first reply: were the second a refusal, it would tell one of what is let
    in."""
    assert spoke()["taken"]
    with pytest.raises(NotSettledYet, match="ask again"):
        spoke()
    spoke.closes()
    assert spoke()["taken"]
    assert [said.by for said in spoke.ended] == ["alice"], "once"


def test_the_same_at_the_same_moment_is_no_refusal_either(spoke: Spoke) -> None:
    first: list[Any] = []
    spoke.ledger.meanwhile = lambda: first.append(spoke())
    with pytest.raises(NotSettledYet):
        spoke()
    assert first[0]["taken"] and len(spoke.ended) == 1

    spoke.closes()
    assert spoke()["taken"]


def test_of_two_people_at_the_same_moment_one_is_refused(spoke: Spoke) -> None:
    first: list[Any] = []
    spoke.ledger.meanwhile = lambda: first.append(spoke(answer="reject", by="bob"))
    second = spoke()
    assert first[0]["taken"]
    assert not second["taken"] and second["why"].startswith("overtaken")
    assert [(said.answer, said.by) for said in spoke.ended] == [("reject", "bob")]


def test_what_was_over_before_anybody_answered_is_refused(spoke: Spoke) -> None:
    spoke.ended.append(HoldAnswer("expired", "", "", NOW.isoformat()))
    with pytest.raises(NotSettledYet):
        spoke()
    spoke.closes()
    assert spoke()["why"].startswith("overtaken: too late")


def test_its_last_moment_counts_and_the_next_does_not(spoke: Spoke) -> None:
    spoke.now = datetime.fromisoformat(str(ASKED["until"])) + timedelta(microseconds=1)
    assert spoke()["why"].startswith("expired")
    assert spoke.ended == [] and spoke.row.state == "open"
    spoke.now -= timedelta(microseconds=1)
    assert spoke()["taken"]
