"""The stack, synthesised once for all tests: by default, and with what a policy may add."""

from __future__ import annotations

from datetime import time

import pytest
from autopilot.policy.model import (
    ChangeWindow,
    ConnectionPolicy,
    GatewayPolicy,
    InterfaceProfile,
    OrganizationPolicy,
    Peer,
    Policy,
    Rule,
    ZonePolicy,
)

from infra.policy.letter import LetterTime
from infra.policy_file import Configuration
from infra.spoke import SpokeOf
from tests.infra.hubs import FLEET, Hub, hub_of
from tests.infra.sharing import shared
from tests.infra.synthesis import Synthesis, synthesise

WINDOW = ChangeWindow(("sat", "sun"), time(2, 30), time(5), "Europe/Berlin")


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    """A hub with two waves of three targets, and an account that is deployed by hand."""
    folder = tmp_path_factory.mktemp("hub")
    return shared("the hub", folder, lambda place: hub_of(place, FLEET))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesise(tmp_path_factory.mktemp("stack"), Configuration())


@pytest.fixture(scope="session")
def with_window(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    gateway = GatewayPolicy(busy_route_tables="window", change_window=WINDOW)
    configuration = Configuration(
        Policy(gateway_endpoints=gateway),
        emails=("netops@example.com",),
        sweep_minutes=60,
        letter=LetterTime("fri", time(6, 30), "Europe/Berlin"),
    )
    return synthesise(tmp_path_factory.mktemp("window"), configuration)


@pytest.fixture(scope="session")
def with_interfaces(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    profile = InterfaceProfile("workloads", ("logs",), {"network": "private"})
    policy = Policy(interface_endpoints=(profile,))
    return synthesise(tmp_path_factory.mktemp("interfaces"), Configuration(policy, letter=None))


ORGANIZATION = "o-a1b2c3d4e5"
READER = "arn:aws:iam::333333333333:role/OrganizationReader"
PEERS = (Peer("account", "222222222222"), Peer("account", "444444444444"))


@pytest.fixture(scope="session")
def with_peers(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """Peers are accounts; the organization is read by ourselves."""
    policy = Policy(
        connections=ConnectionPolicy(allow=(Rule("organization", ORGANIZATION),)),
        organization=OrganizationPolicy(ORGANIZATION),
        zones=ZonePolicy(peers=PEERS),
        retire_interfaces="idle",
    )
    return synthesise(tmp_path_factory.mktemp("peers"), Configuration(policy))


@pytest.fixture(scope="session")
def with_organization(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """The peer is the organization, which a role in another account reads; zones may hold."""
    policy = Policy(
        connections=ConnectionPolicy(hold_for_seconds=3600),
        organization=OrganizationPolicy(ORGANIZATION, READER),
        zones=ZonePolicy(before_accepting="hold", peers=(Peer("organization", ORGANIZATION),)),
    )
    return synthesise(tmp_path_factory.mktemp("organization"), Configuration(policy))


HUB, HUB_REGION = "999999999999", "eu-west-1"
CODE = f"code/{'0c' * 32}.zip"
OF_STACK_SET = SpokeOf(
    hub_account=HUB,
    hub_region=HUB_REGION,
    organization=ORGANIZATION,
    target="workloads",
    release="r-1",
    code_key=CODE,
    policy_key=f"policy/{'0d' * 32}.zip",
)
PLAIN = SpokeOf(hub_account=HUB, hub_region=HUB_REGION, organization=ORGANIZATION)


@pytest.fixture(scope="session")
def spoke(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """A StackSet's spoke."""
    folder = tmp_path_factory.mktemp("spoke")
    return synthesise(folder, Configuration(emails=("netops@example.com",)), OF_STACK_SET)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """A spoke that people deploy."""
    return synthesise(tmp_path_factory.mktemp("plain"), Configuration(), PLAIN)
