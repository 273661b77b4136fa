"""A pytest plugin for moto's tests: a fresh account in the lab before each, and the outcomes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from moto.core.models import MockAWS, ServerModeMockAWS

#: Where moto's tests expect a default VPC, as accounts of AWS have one.
REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-central-1", "eu-north-1", "eu-west-1",
    "ap-south-1", "ca-central-1", "sa-east-1",
)  # fmt: skip
_CLIENTS: dict[str, Any] = {}
_OUTCOMES: dict[str, str] = {}


def _client(region: str) -> Any:
    if region not in _CLIENTS:
        _CLIENTS[region] = boto3.Session().client(
            "ec2",
            region_name=region,
            endpoint_url=os.environ["TEST_SERVER_MODE_ENDPOINT"],
        )
    return _CLIENTS[region]


def _reset(_mock: ServerModeMockAWS) -> None:
    """An empty world whose endpoints settle at once, and default VPCs in it."""
    _tell("DELETE")
    _tell("POST", {"settle_seconds": 0})
    for region in REGIONS:
        _client(region).create_default_vpc()


def _tell(method: str, world: dict[str, Any] | None = None) -> None:
    url = f"{os.environ['TEST_SERVER_MODE_ENDPOINT']}/_lab/world"
    data = json.dumps(world).encode() if world else None
    urlopen(Request(url, data, method=method)).close()


def pytest_configure() -> None:
    """Have moto's server mode begin the lab's world anew, and keep the caller's access key, which
    is the account (moto would put a key of its own)."""
    ServerModeMockAWS.reset = _reset
    MockAWS._mock_env_variables = MockAWS._unmock_env_variables = _leave


def _leave(_mock: MockAWS) -> None:
    return


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst of a test's phases, and the last line of what went wrong."""
    if report.outcome == "passed" and report.when != "call":
        return
    words = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else report.longreprtext
    lines = [line for line in words.splitlines() if line.startswith(("E ", "Skipped"))]
    text = report.outcome if report.passed else f"{report.outcome}: {(lines or [words])[0]}"
    if _OUTCOMES.get(report.nodeid, "passed") == "passed":
        _OUTCOMES[report.nodeid] = text


def pytest_sessionfinish() -> None:
    """Leave the outcomes by test id in the file that the caller named."""
    Path(os.environ["MOTO_OUTCOMES"]).write_text(json.dumps(_OUTCOMES), encoding="utf-8")
