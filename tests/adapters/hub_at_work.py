"""The hub's functions on a table in process, and a topic that notes what it is told."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import hub_hear
import hub_look
import pytest
from autopilot.aws import outlets, step
from autopilot.aws.errors import AccessDenied
from autopilot.aws.hub_table import HubTable
from autopilot.aws.outlets import Publishes
from autopilot.fleet.facts import Survey
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Spoke
from autopilot.notify.render import Message

from tests.adapters.tables import TABLE
from tests.unit.fleet.said import NOW, beat, event, records
from tests.unit.fleet.worlds import REGION, ROSTER, fleet

HERE = "arn:aws:lambda:eu-central-1:999999999999:function:Hub"


class Ops:
    """A topic; `fails`: how many publishes fail yet."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.fails = 0
        self.listening = True
        self.partly: list[str] = []

    def listens(self) -> bool:
        return self.listening

    def heard_partly_by(self, addresses: Collection[str]) -> Publishes:
        self.partly = [*addresses]
        return self

    def publish(self, message: Message) -> None:
        if self.fails:
            self.fails -= 1
            raise AccessDenied("sns:Publish: no")
        self.sent.append(message)

    @property
    def subjects(self) -> list[str]:
        return [each.subject for each in self.sent]


class Hub:
    """The hub's functions on a table in process."""

    def __init__(self, client: Any) -> None:
        self.table, self.ops = HubTable(TABLE, client), Ops()
        self.survey, self.now, self.asked = fleet().survey, NOW, 0
        self.roster = ROSTER

    def hears(self, *events: Any) -> None:
        answer = hub_hear.handler(
            {"Records": records(*events)},
            context("hear"),
            ledger=lambda: self.table,
            now=lambda: self.now,
        )
        assert answer == {"batchItemFailures": []}

    def beats(self, *but: Spoke) -> None:
        """All but these speak."""
        said = beat(at=self.now.isoformat(), release="r1")
        self.hears(*(event(said, spoke) for spoke in fleet().spokes if spoke not in but))

    def looks(self, call: str = "1") -> dict[str, Any]:
        return dict(
            hub_look.handler(
                {},
                context(call),
                table=lambda: self.table,
                ops=lambda: self.ops,
                roster=lambda: self.roster,
                ask=self._ask,
                now=lambda: self.now,
            )
        )

    def _ask(self, _roster: Roster) -> Survey:
        self.asked += 1
        return self.survey


def context(call: str) -> Any:
    return SimpleNamespace(
        function_name="f", memory_limit_in_mb=1, invoked_function_arn=HERE, aws_request_id=call
    )


@pytest.fixture
def hub(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Hub:
    environment = {
        "DEAD_LETTER_QUEUE_URL": "https://dead",
        "OPS_TOPIC_ARN": "arn:topic",
        "OWNER": "EndpointAutopilotHub",
        "ACCOUNT_ID": "999999999999",
        "AWS_REGION": REGION,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for cached in (step.identity, hub_look._settings, hub_hear._settings):
        cached.cache_clear()
    monkeypatch.setattr(outlets, "client", lambda _: SimpleNamespace())
    made = Hub(dynamodb)
    made.beats()
    made.looks("0")
    made.ops.sent.clear()
    return made
