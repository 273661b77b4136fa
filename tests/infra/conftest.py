"""The stack, synthesised once for all tests: by default, and with a change window."""

from __future__ import annotations

from datetime import time

import pytest
from autopilot.core.policy import ChangeWindow, GatewayPolicy, Policy

from infra.policy_file import Configuration
from tests.infra.synthesis import Synthesis, synthesise

WINDOW = ChangeWindow(("sat", "sun"), time(2, 30), time(5), "Europe/Berlin")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesise(tmp_path_factory.mktemp("stack"), Configuration())


@pytest.fixture(scope="session")
def with_window(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    gateway = GatewayPolicy(busy_route_tables="window", change_window=WINDOW)
    configuration = Configuration(
        Policy(gateway_endpoints=gateway), emails=("netops@example.com",), sweep_minutes=60
    )
    return synthesise(tmp_path_factory.mktemp("window"), configuration)
