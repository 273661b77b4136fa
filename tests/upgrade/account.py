"""An account's AWS for one step of a workflow: a ledger in memory, the rest answers from a script.

It stands between the SDK and the network, so that it knows no module of the product but handlers.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from autopilot.policy.model import (
    ConnectionPolicy,
    InterfaceProfile,
    OrganizationPolicy,
    Policy,
    PublishPolicy,
    Rule,
)
from botocore.client import BaseClient
from botocore.session import Session
from moto import mock_aws

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TABLE = "ledger"
# Partitions that came later: history, how zones meet, and idle endpoints that retire.
SINCE = ("about/", "day/", "zones", "retired")
ENVIRONMENT = {
    "OWNER": "EndpointAutopilot",
    "ACCOUNT_ID": "111111111111",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "LEDGER_TABLE": TABLE,
    "LEDGER_PREFIX": TABLE,
    "OPS_TOPIC_ARN": "arn:aws:sns:us-east-1:111111111111:ops",
    "CONNECTION_TOPIC_ARN": "arn:aws:sns:us-east-1:111111111111:heard",
    "HOLD_MACHINE_ARN": "arn:aws:states:us-east-1:111111111111:stateMachine:hold",
    "ANSWER_HOLD_FUNCTION": "answer-hold",
}
_ONE_CALL = "_make_api_call"  # botocore's door that all calls go through; its stubs leave it out
# What the world sees of us besides what the step returns.
LASTING = (
    *("StartExecution", "SendTaskSuccess", "PutEvents", "CreateTags", "DeleteTags"),
    *("CreateVpcEndpoint", "CreateSecurityGroup", "AuthorizeSecurityGroupIngress"),
    *("PutParameter", "CreateVpcEndpointServiceConfiguration"),
)
_HANDLERS = {file.stem for file in (Path(__file__).parents[2] / "functions").glob("*.py")}
Item = Mapping[str, Any]


class Account:
    """One account for many steps, one after the other, each with a ledger of its own."""

    def __init__(self) -> None:
        self._answers: Mapping[str, Any] = {}
        self._calls: list[dict[str, Any]] = []
        self._real: Any = getattr(BaseClient, _ONE_CALL)
        with ExitStack() as stack:
            stack.enter_context(mock_aws())
            stack.enter_context(patch.dict("os.environ", ENVIRONMENT))
            stack.enter_context(patch.object(BaseClient, _ONE_CALL, self._call()))
            _forget()
            stack.callback(_forget)
            self._dynamodb = _table()
            self.close = stack.pop_all().close

    def run(self, step: Mapping[str, Any], ledger: Iterable[Item]) -> dict[str, Any]:
        """Have a handler do its step on these rows; what it returns, calls and leaves there."""
        self._answers, self._calls = step.get("aws", {}), []
        self._fill(ledger)
        handler = importlib.import_module(step["function"]).handler
        returns = handler(step["event"], _CONTEXT, **_given(step))
        if "messages" in returns:  # as that version counted them, see `_call`
            returns = {**returns, "messages": sum("Publish" in call for call in self._calls)}
        return {
            "returns": json.loads(json.dumps(returns)),
            "calls": self._calls,
            "ledger": [*map(_plain, self._known_then())],
        }

    def _fill(self, ledger: Iterable[Item]) -> None:
        for row in self._rows():
            key = {name: row[name] for name in ("pk", "sk")}
            self._dynamodb.delete_item(TableName=TABLE, Key=key)
        for row in ledger:
            self._dynamodb.put_item(TableName=TABLE, Item=_typed(row))

    def _rows(self) -> list[Any]:
        return list(self._dynamodb.scan(TableName=TABLE)["Items"])

    def _known_then(self) -> list[Any]:
        """Without the partitions that version 59d1272 doesn't know: nobody reads them for it."""
        return [row for row in self._rows() if not row["pk"]["S"].startswith(SINCE)]

    def _call(self) -> Any:
        def call(client: Any, operation: str, request: dict[str, Any]) -> Any:
            if client.meta.service_model.service_name == "dynamodb":
                return self._real(client, operation, request)
            if operation in LASTING:
                asked = {name: each for name, each in request.items() if name != "ClientToken"}
                self._calls.append({operation: _readable(asked)})
            if operation == "Publish":  # its words are tests/unit/messages' to hold
                attributes = request["MessageAttributes"].items()
                said = {name: each["StringValue"] for name, each in attributes}
                # Version 59d1272 told each kind by itself; one message has them all now, as parts.
                told = json.loads(json.loads(request["Message"])["sqs"])
                for part in told.get("parts", [told]):
                    own = {name: part[name] for name in ("kind", "severity")}
                    self._calls.append({operation: {**said, **own}})
            return _timed(self._answers.get(operation, _NOTHING.get(operation, {})))

        return call


_CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="request-1"
)
_NOTHING = {
    "GetTopicAttributes": {"Attributes": {"SubscriptionsConfirmed": "1"}},
    "PutEvents": {"FailedEntryCount": 0, "Entries": []},
}
_ORGANIZATION = "o-a1b2c3d4e5"
_POLICIES = {
    "default": Policy(),
    "organization": Policy(
        organization=OrganizationPolicy(_ORGANIZATION),
        connections=ConnectionPolicy(allow=(Rule("organization", _ORGANIZATION),)),
    ),
    "interfaces": Policy(
        interface_endpoints=(InterfaceProfile("workloads", ("logs",), {"network": "private"}),)
    ),
    "publish": Policy(
        endpoint_services=PublishPolicy(load_balancer_tags={"endpoint-autopilot": "publish"})
    ),
}


# Handlers that decide nothing, so that they ask for no policy; and those that don't ask the time.
_NO_POLICY = ("sync_holds", "open_hold", "answer_hold", "apply_withdrawal", "apply_services")
_NO_TIME = ("apply_interface", "plan_services", "apply_services")


def _given(step: Mapping[str, Any]) -> dict[str, Any]:
    policy = _POLICIES[step.get("policy", "default")]
    return {
        **({} if step["function"] in _NO_POLICY else {"policy": lambda: policy}),
        **({} if step["function"] in _NO_TIME else {"now": lambda: NOW}),
    }


def _forget() -> None:
    """Have no function know what another account told it: neither clients nor settings."""
    for name, module in list(sys.modules.items()):
        if name.startswith("autopilot.") or name in _HANDLERS:
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()


def _table() -> Any:
    made: Any = Session().create_client("dynamodb", region_name="us-east-1")
    made.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    return made


def _readable(value: Any) -> Any:
    """A request with its JSON texts as what they say."""
    if isinstance(value, dict):
        return {name: _readable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return json.loads(value) if isinstance(value, str) and value[:1] in "{[" and value else value


def _timed(value: Any, name: str = "") -> Any:
    """An answer as the SDK gives it: with times as such."""
    if isinstance(value, dict):
        return {key: _timed(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_timed(each) for each in value]
    return datetime.fromisoformat(value) if name.endswith("Timestamp") else value


def _typed(item: Item) -> dict[str, Any]:
    def typed(value: Any) -> dict[str, Any]:
        if isinstance(value, bool):
            return {"BOOL": value}
        return {"N": str(value)} if isinstance(value, int) else {"S": value}

    return {name: typed(value) for name, value in item.items()}


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Mapping[str, Any]) -> Any:
        ((kind, content),) = value.items()
        return int(content) if kind == "N" else content

    return {name: plain(value) for name, value in item.items()}
