"""What the workflows do with an account: their own steps, in the order of their state machines.

One execution after the other, as sweeps start them, until one finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import answer_connections
import apply_interface
import apply_network
import apply_services
import plan_connections
import plan_interfaces
import plan_network
import plan_services
import register_notifications
import sync_holds
from autopilot.aws.errors import InUse, NotVisibleYet
from autopilot.foreseen.model import Workflow
from autopilot.policy.model import Policy

from tests.cli.strict import Aws, through_json
from tests.unit.connections.builders import MemoryLedger

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="r"
)
_MOST_SWEEPS, _MOST_LOOKS = 8, 40
Step = Callable[[Any], Any]


class _Waiting:
    """Executions of the hold machine that nobody has to end."""

    def start(self, _machine: str, _hold: Any) -> bool:
        return True

    def end(self, _token: str, _answer: Any) -> bool:
        return True


@dataclass
class Sweeps:
    """An account with the policy that is deployed."""

    aws: Aws
    policy: Policy
    ledger: MemoryLedger
    now: datetime

    def look(self, workflow: Workflow, **event: Any) -> Any:
        """What the workflow's planning step answers."""
        asked = {"trigger": "sweep", "scope": "all", "round": 1, "execution": "arn:one", **event}
        return through_json(self._looks(workflow)(through_json(asked)))

    def _looks(self, workflow: Workflow) -> Step:
        remembering: dict[str, Any] = {"ledger": lambda: self.ledger, "now": lambda: self.now}
        told: dict[str, Any] = {"policy": lambda: self.policy}
        handlers: dict[Workflow, Any] = {
            "network": partial(plan_network.handler, **remembering, **told),
            "interfaces": partial(plan_interfaces.handler, **remembering, **told),
            "services": partial(plan_services.handler, **told),
            "connections": partial(plan_connections.handler, **remembering, **told),
        }
        return lambda event: handlers[workflow](event, CONTEXT)

    def taken(self, workflow: Workflow) -> list[dict[str, Any]]:
        """Every change that it makes; of connections also whom it holds, and what it registers."""
        every: list[dict[str, Any]] = []
        for number in range(_MOST_SWEEPS):
            execution = f"arn:aws:states:us-east-1:111111111111:execution:{workflow}:{number}"
            run = self._connections if workflow == "connections" else self._reconcile
            did = list(run(workflow, execution))
            if not did:
                return every
            every += did
        raise AssertionError(f"{workflow} finds something to do at each sweep: {every[-3:]}")

    def _reconcile(self, workflow: Workflow, execution: str) -> Iterator[dict[str, Any]]:
        outcomes: list[Any] = []
        number, waits, expect = 1, 0, list[str]()
        for _ in range(_MOST_LOOKS):
            event = {"round": number, "waits": waits, "outcomes": outcomes, "expect": expect}
            try:
                made = self.look(workflow, execution=execution, **event)
            except NotVisibleYet:
                expect = []
                continue
            expect = made["expect"]
            if made["items"]:
                outcomes += [self._apply(workflow, item, execution) for item in made["items"]]
                yield from made["items"]
                number += 1
            elif made.get("look_again"):
                self.aws.pass_time(made["look_again"])
                waits += 1
            else:
                return
        raise AssertionError(f"an execution of {workflow} has no end")

    def _apply(self, workflow: Workflow, item: Any, execution: str) -> Any:
        told: dict[str, Any] = {"policy": lambda: self.policy}
        remembering: dict[str, Any] = {"ledger": lambda: self.ledger, "now": lambda: self.now}
        handlers: dict[Workflow, Any] = {
            "network": partial(apply_network.handler, **remembering, **told),
            "interfaces": partial(apply_interface.handler, **told),
            "services": apply_services.handler,
        }
        try:
            outcome = handlers[workflow]({"item": item, "execution": execution}, CONTEXT)
        except InUse as error:
            # As the machine's Catch puts it.
            return {**item, "result": "stale", "error": "InUse", "message": str(error)}
        assert outcome["result"] == "done", outcome
        return through_json(outcome)

    def _connections(self, workflow: Workflow, execution: str) -> Iterator[dict[str, Any]]:
        told: Any = {"ledger": lambda: self.ledger, "now": lambda: self.now}
        made = self.look(workflow, execution=execution)
        yield from self._beside(made, execution)
        outcomes: list[Any] = []
        number = 1
        while made["items"]:
            for item in made["items"]:
                asked = {"item": item, "execution": execution}
                answered = answer_connections.handler(
                    asked, CONTEXT, policy=lambda: self.policy, **told
                )
                assert answered["result"] == "done", answered
                outcomes.append(answered)
                yield from ({"verb": item["verdict"], "id": id_} for id_ in item["endpoint_ids"])
            number += 1
            more = {"outcomes": outcomes, "plan": made, "expect": made["expect"]}
            made = self.look(workflow, execution=execution, round=number, **more)

    def _beside(self, made: Any, execution: str) -> Iterator[dict[str, Any]]:
        """Notifications, holds."""
        if made["register"]:
            asked = {"register": made["register"], "execution": execution}
            told = register_notifications.handler(asked, CONTEXT)
            assert {each["result"] for each in told["registered"]} == {"done"}
        holds = {"holds": made["holds"], "close_holds": made["close_holds"]}
        sync_holds.handler(
            {**holds, "execution": execution},
            CONTEXT,
            ledger=lambda: self.ledger,
            waiting=_Waiting(),
            now=lambda: self.now,
        )
        yield from ({"verb": "register", "id": each["service_id"]} for each in made["register"])
        yield from ({"verb": "hold", "id": each["endpoint_id"]} for each in made["holds"])
