"""What the withdraw and the uninstall workflow do, on a running lab's EC2."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import apply_uninstall
import apply_withdrawal
import plan_uninstall
import plan_withdrawal
import pytest
from autopilot.aws import owned_resources, pages, parameters, removals, security_groups
from autopilot.aws.errors import NotSettledYet, ServiceUnavailable
from autopilot.aws.step import identity
from autopilot.policy.model import Policy
from botocore.exceptions import ClientError

from tests.lab.ec2.sdk import OWNER, Sdk
from tests.unit.connections.builders import MemoryLedger

STACK = "Stack"
TAGS = [{"Key": "endpoint-autopilot:owner", "Value": STACK}]
BY = "arn:aws:iam::111111111111:role/Terraform"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:Withdraw:one"
CHANGES = ("Create", "Modify", "Delete")


def tagged(kind: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": TAGS}]}


@dataclass
class Ssm:
    """Parameters by name, with the owner in their tags, or None."""

    owners: dict[str, str | None] = field(default_factory=dict)

    def describe_parameters(self, ParameterFilters: Any, **_: Any) -> Any:  # noqa: N803 AWS's names
        wanted, path = ParameterFilters
        assert wanted["Key"] == "tag:endpoint-autopilot:owner"
        assert (path["Key"], path["Option"]) == ("Path", "Recursive")
        below = tuple(f"{each}/" for each in path["Values"])
        ours = [n for n, o in self.owners.items() if o in wanted["Values"] and n.startswith(below)]
        return {"Parameters": [{"Name": name} for name in ours]}

    def list_tags_for_resource(self, ResourceId: str, **_: Any) -> Any:  # noqa: N803 the same
        if ResourceId not in self.owners:
            raise ClientError({"Error": {"Code": "InvalidResourceId"}}, "ListTagsForResource")
        owner = self.owners[ResourceId]
        tags = [{"Key": "endpoint-autopilot:owner", "Value": owner}] if owner else []
        return {"TagList": tags}

    def delete_parameter(self, Name: str) -> Any:  # noqa: N803 the same
        del self.owners[Name]


@dataclass
class Lossy:
    """A client of EC2 whose answer to its n-th change is lost; 0: none is."""

    sdk: Any
    lose: int = 0
    made: int = 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.sdk, name)
        if not name.startswith(("create", "modify", "delete")):
            return call

        def change(**request: Any) -> Any:
            answer = call(**request)
            self.made += 1
            if self.made == self.lose:
                raise ServiceUnavailable("the answer was lost")
            return answer

        return change


@dataclass
class Machine:
    """Does what both workflows do, without their retries but for a lost answer."""

    context: Any
    ec2: Lossy
    ssm: Ssm = field(default_factory=Ssm)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    mode: Any = "enforce"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def withdraw(self, *demands: dict[str, str]) -> list[dict[str, Any]]:
        """The outcomes of one execution for what was refused just now."""
        at = self.now.isoformat()
        asked = [{"by": BY, "at": at, **demand} for demand in demands]

        def plan(**more: Any) -> Any:
            return plan_withdrawal.handler(
                {"demands": asked, "execution": EXECUTION, **more},
                self.context,
                ledger=lambda: self.ledger,
                policy=lambda: Policy(mode=self.mode),
                now=lambda: self.now,
            )

        def apply(item: Any) -> Any:
            return apply_withdrawal.handler(
                {"item": item, "execution": EXECUTION},
                self.context,
                ledger=lambda: self.ledger,
                now=lambda: self.now,
            )

        return self._run(plan, apply)

    def uninstall(self, confirm: bool = True) -> list[dict[str, Any]]:
        """The outcomes of one execution."""

        def plan(**more: Any) -> Any:
            return plan_uninstall.handler(
                {"confirm": confirm, "execution": EXECUTION, **more},
                self.context,
                policy=lambda: Policy(mode=self.mode),
            )

        return self._run(plan, self.remove)

    def remove(self, item: Any) -> dict[str, Any]:
        """The outcome of removing one thing for good."""
        return apply_uninstall.handler(
            {"item": item, "execution": EXECUTION},
            self.context,
            policy=lambda: Policy(mode=self.mode),
        )

    def _run(self, plan: Any, apply: Any) -> list[dict[str, Any]]:
        outcomes: list[dict[str, Any]] = []
        number, made = 1, plan()
        while made["items"]:
            outcomes += [self._twice(apply, item) for item in made["items"]]
            number += 1
            try:
                made = plan(round=number, outcomes=outcomes)
            except NotSettledYet:
                made = plan(round=number, outcomes=outcomes, patient=False)
        return outcomes

    @staticmethod
    def _twice(apply: Any, item: Any) -> Any:
        try:
            return apply(item)
        except ServiceUnavailable:
            return apply(item)


@pytest.fixture
def machine(context: Any, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    made = Machine(context, Lossy(sdk.client(OWNER)))

    def chosen(service: str) -> Any:
        return made.ssm if service == "ssm" else made.ec2

    for module in (pages, removals, owned_resources, parameters, security_groups):
        if hasattr(module, "client"):
            monkeypatch.setattr(module, "client", chosen)
    monkeypatch.setenv("OWNER", STACK)
    monkeypatch.setenv("ACCOUNT_ID", OWNER)
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    identity.cache_clear()
    yield made
    identity.cache_clear()


def calls(sdk: Sdk) -> list[str]:
    """The account's calls since the last time."""
    made = [call["operation"] for call in sdk.lab.calls(account=OWNER)]
    sdk.lab.clear_calls()
    return made


def deployed(sdk: Sdk, kind: str, **properties: Any) -> tuple[str, list[dict[str, Any]]]:
    """The name of a new stack of one resource, and the filter for what it made."""
    name, cloudformation = f"shop-{uuid.uuid4().hex[:8]}", sdk.client(service="cloudformation")
    body = json.dumps({"Resources": {"Only": {"Type": kind, "Properties": properties}}})
    cloudformation.create_stack(StackName=name, TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    return name, [{"Name": "tag:aws:cloudformation:stack-name", "Values": [name]}]
