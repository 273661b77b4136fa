"""Clients of the SDK that answer what a test says and reach no network; a lab for the stories."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from autopilot.aws import clients, step
from botocore.stub import Stubber
from moto import mock_aws

from tests.adapters.tables import made_of, table
from tests.lab.ec2 import conftest as lab

# Powertools reads it when a handler is imported, as it is in Lambda.
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "EndpointAutopilot"

# One for all files: session fixtures that files import are each file's own.
running = lab.running

ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(autouse=True)
def _fresh_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No client outlives its test, none is made with anybody's own credentials."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)
    for made in (clients.client, step.identity, step.ledger):
        made.cache_clear()
    yield
    clients.client.cache_clear()


@pytest.fixture
def stub() -> Iterator[Callable[[str], Stubber]]:
    """Stubs a service's client; at the end every answer must have been fetched, no more asked."""
    stubbers: dict[str, Stubber] = {}

    def stubbed(service: str) -> Stubber:
        if service not in stubbers:
            stubbers[service] = Stubber(clients.client(service))
            stubbers[service].activate()
        return stubbers[service]

    yield stubbed
    for stubber in stubbers.values():
        stubber.assert_no_pending_responses()


@pytest.fixture
def client() -> Iterator[Callable[[str], Any]]:
    """Makes clients of an AWS in memory."""
    with mock_aws():
        yield lambda service: made_of().create_client(service, region_name="us-east-1")


@pytest.fixture
def context() -> SimpleNamespace:
    """What Lambda tells a handler about its invocation."""
    return SimpleNamespace(
        function_name="function",
        memory_limit_in_mb=256,
        invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:function",
        aws_request_id="request-1",
    )


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The client of a DynamoDB in process that holds the ledger, empty."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with table() as client:
        yield client
