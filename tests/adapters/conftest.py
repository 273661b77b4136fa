"""Clients of the SDK that answer what a test says and reach no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from autopilot.aws import clients
from botocore.stub import Stubber

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
    clients.client.cache_clear()
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
