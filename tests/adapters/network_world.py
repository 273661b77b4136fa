"""What the network workflow does, on a running lab's EC2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import apply_network
import plan_network
import pytest
from autopilot.aws import gateway_endpoints, pages
from autopilot.aws.errors import AwsError, NotVisibleYet
from autopilot.gateway import rivals
from autopilot.gateway.plan import NetworkOutcome
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION

from tests.lab.ec2.sdk import OWNER, Sdk
from tests.unit.connections.builders import MemoryLedger

STACK = "Stack"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:Network:"


@dataclass
class Machine:
    """Does what the workflow does, without its retries; `between` runs once, before a change."""

    context: Any
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    policy: Policy = field(default_factory=Policy)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    between: Callable[[], Any] | None = None
    plan: Any = None
    runs: int = 0

    def look(
        self, *vpc_ids: str, expect: tuple[str, ...] = (), made_by_stacks: tuple[str, ...] = ()
    ) -> list[dict[str, Any]]:
        """The outcomes of one execution; all VPCs without an id. `plan` is its last one."""
        self.runs += 1
        scope: Any = {"vpc_ids": list(vpc_ids)} if vpc_ids else "all"
        asked = {"trigger": "event", "scope": scope, "execution": f"{EXECUTION}{self.runs}"}
        asked["made_by_stacks"] = made_by_stacks
        outcomes: list[dict[str, Any]] = []
        self.plan = self._plan({**asked, "expect": expect, "round": 1})
        number = 1
        while self.plan["items"]:
            outcomes += [self._apply(item) for item in self.plan["items"]]
            number += 1
            more = {"expect": self.plan["expect"], "round": number, "outcomes": outcomes}
            try:
                self.plan = self._plan({**asked, **more})
            except NotVisibleYet:
                self.plan = self._plan({**asked, **more, "expect": []})
        self.ledger.write(
            rivals.counted(
                [decode(NetworkOutcome, each) for each in outcomes],
                self.ledger.rows(rivals.RESTORED),
                execution=asked["execution"],
                now=self.now,
            )
        )
        return outcomes

    def _plan(self, asked: Any) -> Any:
        return _through_json(
            plan_network.handler(
                _through_json(asked),
                self.context,
                ledger=lambda: self.ledger,
                planned=partial(plan_network.planned, limit=lambda: GATEWAYS_IN_A_REGION),
                policy=lambda: self.policy,
                now=lambda: self.now,
            )
        )

    def _apply(self, item: Any) -> Any:
        if self.between:
            between, self.between = self.between, None
            between()
        try:
            return self._change(item)
        except AwsError as error:
            return {**item, "result": "failed", "error": type(error).__name__, "message": "no"}

    def _change(self, item: Any) -> Any:
        return _through_json(
            apply_network.handler(
                {"item": item, "execution": f"{EXECUTION}{self.runs}"},
                self.context,
                ledger=lambda: self.ledger,
                policy=lambda: self.policy,
                now=lambda: self.now,
            )
        )


def _through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


@pytest.fixture
def network(context: Any, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    for module in (pages, gateway_endpoints):
        if hasattr(module, "client"):
            monkeypatch.setattr(module, "client", lambda _: sdk.client(OWNER))
    monkeypatch.setenv("OWNER", STACK)
    monkeypatch.setenv("ACCOUNT_ID", OWNER)
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    yield Machine(context)
