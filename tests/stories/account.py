"""An account with the automation in it: everything real but Lambda, Step Functions and time.

The workflows' definitions run in MiniStack's interpreter, their functions in this process, against
a lab's EC2, DynamoDB, SNS and Parameter Store; mails arrive at an address that has confirmed.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from autopilot.aws import clients, interface_endpoints, roles, step
from autopilot.policy.model import Policy

from lab.ops import Ops
from tests.lab.ec2.sdk import OWNER, REGION, Sdk, allowing, fresh
from tests.stories.machines import Machines

# A Tuesday morning. Dates in mails are as fixed as ids are.
BEGIN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
STACK = "EndpointAutopilot"
CONTEXT = SimpleNamespace(
    function_name="function",
    memory_limit_in_mb=256,
    invoked_function_arn=f"arn:aws:lambda:{REGION}:{OWNER}:function:function",
    aws_request_id="request-1",
)
_ENDED = "Step Functions Execution Status Change"


@dataclass(frozen=True)
class Mail:
    """What an address of the ops topic got; `kinds`: what it tells of."""

    subject: str
    text: str
    kinds: tuple[str, ...]


@dataclass
class Account:
    """The account, its policy, and what ops have been told."""

    sdk: Sdk
    policy: Policy
    topic: str
    now: datetime = BEGIN
    started: int = 0
    _unread: list[Mail] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ec2, self.lab = self.sdk.client(), self.sdk.lab
        self._sns, self._sqs = self.sdk.client(service="sns"), self.sdk.client(service="sqs")
        self.subscribe()
        self.machines = Machines(
            OWNER, REGION, self.invoke, self.pass_time, self._ended, lambda: self.now
        )

    # What people and the world do.

    def wants(self, **policy: Any) -> None:
        """Deploy a changed policy."""
        self.policy = replace(self.policy, **policy)

    def subscribe(self) -> None:
        """Somebody has mails sent to a new address, and confirms it."""
        self._address, self._got = f"{fresh('ops')}@example.com", 1  # it was asked to confirm
        self._sns.subscribe(TopicArn=self.topic, Protocol="email", Endpoint=self._address)
        self.lab.confirm(self._address)
        self._ops = Ops(self._sns, self._sqs, self.topic)

    def unsubscribe(self) -> None:
        """Nobody listens any more."""
        listed = self._sns.list_subscriptions_by_topic(TopicArn=self.topic)["Subscriptions"]
        for each in listed:
            self._sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])

    def pass_time(self, seconds: float) -> None:
        """Let time pass, for AWS and for the functions."""
        if seconds > 0:
            self.lab.pass_time(seconds)
            self.now += timedelta(seconds=seconds)

    def run(self, workflow: str, *, fails: bool = False, **given: Any) -> dict[str, Any]:
        """One execution, with whatever it starts; its output. `fails`: whether it is to."""
        self.started += 1
        machine, name = self.machines.machine(workflow), f"{workflow}-{self.started}"
        arn = self.machines.start(machine, name, json.dumps(given))
        self.machines.start_what_was_started()
        ended = self.machines.execution(arn)
        assert ended["status"] == ("FAILED" if fails else "SUCCEEDED"), ended
        return dict(json.loads(ended["output"]))

    def sweep(self, workflow: str, **given: Any) -> dict[str, Any]:
        """What its schedule starts."""
        return self.run(workflow, trigger="sweep", scope="all", **given)

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function as Lambda does; by its name, or as definitions call it."""
        handler = import_module(_module(function)).handler
        may_be = {"policy": lambda: self.policy}
        given = {name: value for name, value in may_be.items() if name in _takes(handler)}
        return json.loads(json.dumps(handler(json.loads(json.dumps(event)), CONTEXT, **given)))

    def expire_holds(self) -> None:
        """Nobody has answered in time."""
        for token in self.machines.waits():
            self.machines.end_waiting(token, error="States.Timeout")

    def forget_mails(self) -> None:
        """What was told so far is another story."""
        self._fetch()
        self._unread.clear()

    def told(self, kind: str) -> Mail:
        """The only mail since the last one that tells of `kind`."""
        self._fetch()
        found = [mail for mail in self._unread if kind in mail.kinds]
        assert len(found) == 1, f"{kind} among {[mail.kinds for mail in self._unread]}"
        self._unread.clear()
        return found[0]

    def _fetch(self) -> None:
        self.lab.wait_for_deliveries()
        sent = self.lab.mails(to=self._address)[self._got :]
        said = self._ops.read()
        self._got += len(sent)
        assert len(sent) == len(said), "an address is sent what a queue is"
        for mail, message in zip(sent, said, strict=True):
            self._unread.append(Mail(mail["subject"], mail["text"], tuple(message.body["kinds"])))

    def _ended(self, execution: Any) -> None:
        # As the rule TellingEnded does.
        if execution["status"] == "FAILED":
            kept = ("executionArn", "stateMachineArn", "name", "status", "input", "error", "cause")
            detail = {name: execution[name] for name in kept}
            self.invoke("record", {"detail-type": _ENDED, "detail": detail})


def named(kind: str, name: str) -> dict[str, Any]:
    """What a call that makes something gives it a Name with."""
    tags = [{"Key": "Name", "Value": name}]
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]}


def _module(function: str) -> str:
    """The file of what a definition calls ${PlanNetworkFunctionArn}."""
    name = function.removeprefix("${").removesuffix("FunctionArn}")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _takes(handler: Any) -> Any:
    """What a handler takes as keywords, below what it is wrapped in."""
    inner = inspect.unwrap(handler)
    work = inspect.getclosurevars(inner).nonlocals.get("work", inner)
    return inspect.signature(work).parameters


@contextmanager
def opened(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account at the beginning of time, with an empty ledger and somebody who listens."""
    sdk.lab.seed(1)
    sdk.lab.world({"stands_at": BEGIN.isoformat()})
    account = Account(sdk, Policy(), _topic(sdk))
    environment = {
        "AWS_ENDPOINT_URL": sdk.lab.url,
        "AWS_LAMBDA_FUNCTION_NAME": "function",  # where the workflow retries, nobody else does
        "AWS_ACCESS_KEY_ID": OWNER,
        "OWNER": STACK,
        "ACCOUNT_ID": OWNER,
        "LEDGER_TABLE": _table(sdk),
        "OPS_TOPIC_ARN": account.topic,
        "CONNECTION_TOPIC_ARN": _heard(sdk),
        "HOLD_MACHINE_ARN": account.machines.machine("hold"),
        "ANSWER_HOLD_FUNCTION": f"{STACK}-AnswerHold",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _forget(sdk)
    make = clients.make
    monkeypatch.setattr(
        clients,
        "make",
        lambda service, *given: (
            account.machines if service == "stepfunctions" else make(service, *given)
        ),
    )
    clock = SimpleNamespace(now=lambda _: account.now, fromisoformat=datetime.fromisoformat)
    for module in (step, interface_endpoints, roles):
        monkeypatch.setattr(module, "datetime", clock)
    with account.machines.installed():
        yield account
    _forget(sdk)


def _forget(sdk: Sdk) -> None:
    """Nothing of one story reaches the next: clients, settings, and what isn't EC2's."""
    record = import_module("record")
    kept = (clients.client, clients._session, step.identity, step.ledger)
    for made in (*kept, record._settings, record._outlets):
        made.cache_clear()
    roles._sessions.clear()
    ssm = sdk.client(service="ssm")
    for page in ssm.get_paginator("describe_parameters").paginate():
        for each in page["Parameters"]:
            ssm.delete_parameter(Name=each["Name"])


def _topic(sdk: Sdk) -> str:
    return str(sdk.client(service="sns").create_topic(Name=fresh("ops"))["TopicArn"])


def _heard(sdk: Sdk) -> str:
    """The topic that PrivateLink tells of connections."""
    policy = allowing("sns:Publish", "vpce.amazonaws.com")
    made = sdk.client(service="sns").create_topic(Name="heard", Attributes={"Policy": policy})
    return str(made["TopicArn"])


def _table(sdk: Sdk) -> str:
    keys = {"pk": "HASH", "sk": "RANGE"}
    made = sdk.client(service="dynamodb").create_table(
        TableName=fresh("ledger"),
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
    )
    return str(made["TableDescription"]["TableName"])
