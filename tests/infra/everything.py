"""A policy with all on that a policy may switch on."""

from __future__ import annotations

from autopilot.policy.model import (
    ConnectionPolicy,
    GatewayPolicy,
    InterfaceProfile,
    NotifyPolicy,
    OrganizationPolicy,
    Peer,
    Policy,
    PublishPolicy,
    Rule,
    ZonePolicy,
)

from infra.policy_file import Configuration
from tests.infra.conftest import ORGANIZATION, WINDOW
from tests.infra.provider import ROOT

EVERYTHING = Configuration(
    Policy(
        gateway_endpoints=GatewayPolicy(busy_route_tables="window", change_window=WINDOW),
        interface_endpoints=(InterfaceProfile("workloads", ("logs",), {"network": "private"}),),
        endpoint_services=PublishPolicy({"publish": "yes"}, (ROOT,), ("eu-west-1",)),
        connections=ConnectionPolicy(allow=(Rule("organization", ORGANIZATION),)),
        organization=OrganizationPolicy(ORGANIZATION),
        zones=ZonePolicy(
            before_accepting="hold",
            peers=(Peer("organization", ORGANIZATION), Peer("account", "222222222222")),
        ),
        notify=NotifyPolicy(
            "owner", {"team-a": ("a@example.com",), "b": ("a@example.com", "b@example.com")}, True
        ),
    ),
    emails=("netops@example.com",),
)
