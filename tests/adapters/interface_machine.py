"""The interfaces workflow without Step Functions: a running lab's EC2, parameters in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import apply_interface
import plan_interfaces
import pytest
from autopilot.aws import (
    interface_endpoints,
    interface_facts,
    interface_survey,
    pages,
    parameters,
    quotas,
    security_groups,
    step,
)
from autopilot.aws.errors import AwsError, NotVisibleYet
from autopilot.policy.model import InterfaceProfile, Policy
from botocore.exceptions import ClientError, ConnectionClosedError

from infra.definitions import definition
from tests.lab.ec2.conftest import Side
from tests.lab.ec2.sdk import OTHER, Sdk
from tests.unit.connections.builders import MemoryLedger

ACCOUNT = OTHER
EXECUTION = "arn:aws:states:us-east-1:222222222222:execution:interfaces:one"
STACK = "EndpointAutopilot"
CHANGES = ("create", "modify", "delete", "authorize", "revoke", "put")


class Crash(Exception):
    """The process dies right after (or before) a call."""


@dataclass
class Faulty:
    """A client that dies, or loses the answer, at the nth changing call."""

    real: Any
    machine: Machine

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.real, name)
        if not name.startswith(CHANGES):
            return method
        return lambda **request: self.machine.change(name, method, request)


@dataclass
class Store:
    """Parameter Store as far as we use it (its API reference)."""

    values: dict[str, str] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def get_parameters_by_path(self, **asked: Any) -> dict[str, Any]:
        found = [n for n in sorted(self.values) if n.startswith(f"{asked['Path']}/")]
        return {"Parameters": [{"Name": n, "Value": self.values[n]} for n in found]}

    def list_tags_for_resource(self, **asked: Any) -> dict[str, Any]:
        name = asked["ResourceId"]
        if name not in self.values:
            raise _refused("InvalidResourceId")
        return {"TagList": [{"Key": k, "Value": v} for k, v in self.tags.get(name, {}).items()]}

    def put_parameter(self, **asked: Any) -> dict[str, Any]:
        name, overwrite, tags = asked["Name"], asked.get("Overwrite"), asked.get("Tags", ())
        if overwrite and tags:
            raise _refused("ValidationException")
        if name in self.values and not overwrite:
            raise _refused("ParameterAlreadyExists")
        version = 2 if name in self.values else 1
        self.values[name] = asked["Value"]
        self.tags.setdefault(name, {tag["Key"]: tag["Value"] for tag in tags})
        return {"Version": version}

    def delete_parameter(self, **asked: Any) -> dict[str, Any]:
        if asked["Name"] not in self.values:
            raise _refused("ParameterNotFound")
        del self.values[asked["Name"]]
        self.tags.pop(asked["Name"], None)
        return {}


def _refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "operation")


class Machine:
    """Does what the workflow does. `fault` is asked at each changing call, by its number.

    It says "before" or "after" for a crash there, "lost" for an answer that is lost once, "none".
    """

    def __init__(self, context: Any, sdk: Sdk, policy: Policy) -> None:
        self.context, self.sdk, self.policy = context, sdk, policy
        self.region = "us-east-1"
        self.ledger, self.store = MemoryLedger(), Store()
        self.fault: Callable[[int, str], str] = lambda _n, _name: "none"
        self.made: list[str] = []
        self.plans: list[dict[str, Any]] = []
        self.passed = 0.0

    def client(self, service: str) -> Any:
        if service == "ssm":
            return Faulty(self.store, self)
        return Faulty(self.sdk.client(ACCOUNT, self.region, service), self)

    def wait(self, seconds: float) -> None:
        """Let time pass in the lab; `passed` is all that has."""
        if seconds > 0:
            self.sdk.lab.pass_time(seconds)
            self.passed += seconds

    def change(self, name: str, method: Any, request: dict[str, Any]) -> Any:
        what = self.fault(len(self.made), name)
        self.made.append(name)
        if what == "before":
            raise Crash(name)
        answer = method(**request)
        if what == "after":
            raise Crash(name)
        if what == "lost":
            raise ConnectionClosedError(endpoint_url="aws")
        return answer

    def run(self, trigger: str = "sweep", scope: Any = "all", **event: Any) -> list[Any]:
        """One execution; its outcomes."""
        outcomes: list[Any] = []
        for _ in self.steps(outcomes, trigger, scope, **event):
            pass
        return outcomes

    def steps(
        self, outcomes: list[Any], trigger: str = "event", scope: Any = "all", **event: Any
    ) -> Iterator[str]:
        """One execution that stops after each look and each change, says which, adds outcomes."""
        number, waits, expect = 1, 0, event.get("expect", [])
        while True:
            rounds = {"round": number, "waits": waits}
            made = self._look({"trigger": trigger, "scope": scope, **rounds}, expect, outcomes)
            yield "look"
            expect = made["expect"]
            for item in made["items"]:
                outcomes.append(self._apply(item))
                yield f"{item['action']} {item['kind']}"
            if made["items"]:
                number += 1
            elif made["look_again"]:
                self.wait(made["look_again"])
                waits += 1
            else:
                return

    @property
    def last(self) -> dict[str, Any]:
        return self.plans[-1]

    def kinds(self) -> list[str]:
        return [finding["kind"] for finding in self.last["findings"]]

    def _look(self, asked: dict[str, Any], expect: Any, outcomes: Any) -> dict[str, Any]:
        event = {**asked, "outcomes": outcomes, "execution": EXECUTION}
        for waited in (0, 2, 4, 8):
            self.wait(waited)
            try:
                self.plans.append(self._plan({**event, "expect": expect}))
            except NotVisibleYet:
                continue
            return self.last
        self.plans.append(self._plan({**event, "expect": []}))
        return self.last

    def _plan(self, event: Any) -> dict[str, Any]:
        made: dict[str, Any] = plan_interfaces.handler(
            event, self.context, ledger=lambda: self.ledger, policy=lambda: self.policy
        )
        return made

    def _apply(self, item: Any) -> Any:
        tries = dict[str, int]()
        while True:
            try:
                return apply_interface.handler(
                    {"item": item, "execution": EXECUTION},
                    self.context,
                    policy=lambda: self.policy,
                )
            except AwsError as error:
                name, delays = type(error).__name__, _delays(type(error).__name__)
                tries[name] = tries.get(name, 0) + 1
                if tries[name] <= len(delays):
                    self.wait(delays[tries[name] - 1])
                    continue
                # As the machine's Catch puts it.
                result = "stale" if name == "InUse" else "failed"
                return {**item, "result": result, "error": name, "message": str(error)}


@cache
def _delays(error: str) -> list[float]:
    """How long the state machine waits before each retry of a change, in the mean."""
    carry_out = definition("interfaces")["States"]["Carry out"]
    for each in carry_out["ItemProcessor"]["States"]["Make one change"]["Retry"]:
        if error in each["ErrorEquals"]:
            first, rate, most = (
                each[name] for name in ("IntervalSeconds", "BackoffRate", "MaxDelaySeconds")
            )
            # Full jitter: anything up to it.
            return [min(most, first * rate**n) / 2 for n in range(each["MaxAttempts"])]
    return []


def machine(context: Any, sdk: Sdk, monkeypatch: pytest.MonkeyPatch, policy: Policy) -> Machine:
    """A machine in the consumer's account."""
    made = Machine(context, sdk, policy)
    modules = (
        interface_endpoints,
        interface_facts,
        interface_survey,
        pages,
        parameters,
        quotas,
        security_groups,
    )
    for module in modules:
        if hasattr(module, "client"):
            monkeypatch.setattr(module, "client", made.client)
    monkeypatch.setenv("OWNER", STACK)
    monkeypatch.setenv("ACCOUNT_ID", ACCOUNT)
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    step.identity.cache_clear()
    return made


def calls(sdk: Sdk) -> list[str]:
    """The account's EC2 calls since the last time."""
    made = [call["operation"] for call in sdk.lab.calls(account=ACCOUNT)]
    sdk.lab.clear_calls()
    return made


def profile(*services: str, **changes: Any) -> InterfaceProfile:
    made = InterfaceProfile("workloads", services or ("logs",), {"network": "private"})
    return replace(made, **changes)


TAGS = [{"Key": "network", "Value": "private"}]


@dataclass
class Stage:
    """A tagged VPC with a subnet in each of three zones, and the machine that looks after it."""

    side: Side
    machine: Machine

    @property
    def sdk(self) -> Any:
        return self.side.sdk

    def endpoints(self) -> list[dict[str, Any]]:
        found = self.sdk.describe_vpc_endpoints()["VpcEndpoints"]
        return [each for each in found if each["State"] != "deleted"]

    def endpoint(self) -> dict[str, Any]:
        (found,) = self.endpoints()
        return found

    def groups(self) -> list[dict[str, Any]]:
        """All but the default one."""
        shown = self.sdk.describe_security_groups()["SecurityGroups"]
        return [group for group in shown if group["GroupName"] != "default"]
