"""The command line in this process, and an AWS that answers what a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from autopilot.aws import clients, step
from botocore import xform_name
from botocore.exceptions import ClientError
from click.testing import CliRunner

from cli.main import commands

ACCOUNT = "111111111111"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/NetworkTeam/alice"
ARN = f"arn:aws:states:us-east-1:{ACCOUNT}"
OUTPUTS = {
    "LedgerTableName": "ledger",
    "ConnectionTopicArn": "arn:topic",
    "AnswerHoldFunctionName": "AnswerHold",
    **{
        f"{name}WorkflowArn": f"{ARN}:stateMachine:{name}"
        for name in ("Network", "Interfaces", "Services", "Connections", "Uninstall")
    },
}


def refusal(code: str, words: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": words}}, "Operation")


def stack(**outputs: str) -> dict[str, Any]:
    listed = [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()]
    return {"Stacks": [{"StackName": "EndpointAutopilot", "Outputs": listed}]}


NO_STACK = refusal("ValidationError", "Stack with id EndpointAutopilot does not exist")


def _nothing(*_: object, **__: object) -> None:
    """Handlers of events, which this AWS doesn't raise."""


class Aws:
    """Answers by operation: a document, an error to raise, or a function of the request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers: dict[str, Any] = {}
        deaf = SimpleNamespace(register=_nothing, unregister=_nothing)
        self.meta = SimpleNamespace(events=deaf)
        self.will(
            GetCallerIdentity={"Account": ACCOUNT, "Arn": CALLER},
            DescribeStacks=stack(**OUTPUTS),
            GetServiceQuota={"Quota": {"Value": 20.0}},
        )

    def will(self, **answers: Any) -> None:
        """Answer so from now on."""
        self._answers |= {xform_name(name): answer for name, answer in answers.items()}

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)

        def call(**request: Any) -> Any:
            self.asked.append((method, request))
            answer = self._answers.get(method, {})
            if isinstance(answer, Exception):
                raise answer
            return answer(**request) if callable(answer) else answer

        return call

    def get_paginator(self, method: str) -> Any:
        """A paginator of one page."""
        empty: dict[str, Any] = {"Items": []}
        return SimpleNamespace(
            paginate=lambda **request: [{**empty, **getattr(self, method)(**request)}]
        )

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.asked if name == xform_name(operation)]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        # Written by the command; named here so that they are put back.
        "OWNER": "",
        "ACCOUNT_ID": "",
        "LEDGER_TABLE": "",
        "CONNECTION_TOPIC_ARN": "",
    }.items():
        monkeypatch.setenv(name, value)
    made = Aws()
    monkeypatch.setattr(clients, "make", lambda *_, **__: made)
    for cached in (clients.client, step.identity, step.ledger):
        cached.cache_clear()
    yield made
    for cached in (clients.client, step.identity, step.ledger):
        cached.cache_clear()


def began(**request: Any) -> dict[str, str]:
    name = request["stateMachineArn"].rpartition(":")[2]
    return {"executionArn": f"{ARN}:execution:{name}:1"}


def ended(**outputs: Mapping[str, Any]) -> Any:
    """What DescribeExecution answers, by the machine's name."""

    def answer(executionArn: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        name = executionArn.split(":")[6]
        return {"status": "SUCCEEDED", "output": json.dumps(outputs.get(name, {}))}

    return answer


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(aws: Aws) -> Run:
    """Run the command line; `says` is typed in."""

    def ran(*arguments: str, says: str = "", env: Mapping[str, str | None] | None = None) -> Ran:
        result = CliRunner().invoke(commands, arguments, input=says, env=env)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return ran
