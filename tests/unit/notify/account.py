"""An account whose executions are recorded, for stories on what ops hear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import record
from autopilot.aws import step, tell
from autopilot.aws.outlets import Outlets
from autopilot.policy.model import Policy

from tests.unit.connections.reports import payload
from tests.unit.notify.reports import NOW, FakeBus, FakeLedger, FakeOps

ENVIRONMENT = {
    "OWNER": "EndpointAutopilot",
    "ACCOUNT_ID": "111111111111",
    "AWS_REGION": "us-east-1",
    "LEDGER_TABLE": "ledger",
    "OPS_TOPIC_ARN": "arn:aws:sns:us-east-1:111111111111:ops",
    "ANSWER_HOLD_FUNCTION": "answer-hold",
}


def forget() -> None:
    """What was read from the environment."""
    record._settings.cache_clear()
    step.identity.cache_clear()


@contextmanager
def recording() -> Iterator[None]:
    """The record step's environment, and its metrics under a namespace."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(tell.metrics.provider, "namespace", "EndpointAutopilot")
        patch.setattr(tell.metrics.provider, "service", "record")
        forget()
        yield
    forget()


@dataclass
class Account:
    """An account whose executions are recorded; it hears what ops hear."""

    ledger: FakeLedger = field(default_factory=FakeLedger)
    ops: FakeOps = field(default_factory=FakeOps)
    bus: FakeBus = field(default_factory=FakeBus)
    policy: Policy = field(default_factory=Policy)

    def record(self, of: Any, at: datetime = NOW) -> list[tuple[str, str, list[str]]]:
        """Record one execution; kind, change and subjects of each part of what it led to."""
        before = len(self.ops.messages)
        self._handle(payload(of), "request", at)
        told = [part for message in self.heard[before:] for part in parts_of(message)]
        return [(part["kind"], part["change"], part["subjects"]) for part in told]

    def look_who_listens(self, at: datetime = NOW, request: str = "tick") -> list[dict[str, Any]]:
        """What the schedule has done every few minutes; what that led to."""
        return self.hear({"trigger": "welcome"}, at, request)

    def hear(
        self, event: dict[str, Any], at: datetime = NOW, request: str = "call"
    ) -> list[dict[str, Any]]:
        """What an event that a rule hands over led to."""
        before = len(self.ops.messages)
        self._handle(event, request, at)
        return self.heard[before:]

    def _handle(self, event: dict[str, Any], request: str, at: datetime) -> None:
        outlets = Outlets(self.ledger, self.ops, self.bus)
        record.handler(
            event,
            SimpleNamespace(aws_request_id=request),
            outlets=lambda: outlets,
            policy=lambda: self.policy,
            now=lambda: at,
        )

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(json.loads(m.body)["sqs"]) for m in self.ops.messages]

    @property
    def remembered(self) -> set[str]:
        return {key.sk for key in self.ledger.table if key.pk == "finding"}

    @property
    def announced(self) -> list[tuple[str, str]]:
        """Detail type and endpoint of each event that was put on the bus."""
        return [(e.detail_type, e.detail["endpoint_id"]) for e in self.bus.events]


def parts_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """What a message is made of, as docs/schemas/message.json tells programs to read it."""
    parts: list[dict[str, Any]] = message.get("parts", [message])
    return parts


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)
