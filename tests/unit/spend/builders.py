"""Facts for costs: endpoints in VPCs of three zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from autopilot.connections.facts import Connection, ConnectionFacts, Service
from autopilot.gateway.facts import Endpoint as GatewayEndpoint
from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.gateway.facts import RouteTable
from autopilot.gateway.facts import Vpc as NetworkVpc
from autopilot.interfaces.facts import Endpoint, Subnet, Vpc
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.policy.model import IdlePolicy, Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.spend.facts import Facts, Measured, Unused
from autopilot.spend.prices import GB

US = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OLD = (NOW - timedelta(days=90)).isoformat()
OURS = {"endpoint-autopilot:owner": "EndpointAutopilot"}
DAYS = 14
START = NOW - timedelta(days=DAYS)
POLICY = Policy(idle=IdlePolicy(after_days=DAYS))
MONTH = 730
"""Hours."""
HOUR = 10_000
"""Micro-USD of an endpoint in a zone, in us-east-1."""


def endpoint(id_: str, service: str = "logs", zones: str = "abc", **more: Any) -> Endpoint:
    """One in the zones of "vpc-1", or of the VPC that is said."""
    vpc = str(more.pop("vpc_id", "vpc-1"))
    made = Endpoint(
        id=id_,
        vpc_id=vpc,
        service_name=f"com.amazonaws.us-east-1.{service}",
        created=OLD,
        subnet_ids=tuple(f"subnet-{vpc}-{zone}" for zone in zones),
        private_dns=True,
    )
    return replace(made, **more)


def subnets(*vpcs: str) -> tuple[Subnet, ...]:
    zones = {"a": "use1-az1", "b": "use1-az2", "c": "use1-az3"}
    return tuple(
        Subnet(f"subnet-{vpc}-{zone}", vpc, zone_id)
        for vpc in vpcs
        for zone, zone_id in zones.items()
    )


def facts(*endpoints: Endpoint, **more: Any) -> Facts:
    """Two VPCs with these endpoints."""
    tags = {"Name": "shop"}
    made = Facts(
        stack=US,
        policy=POLICY,
        now=NOW,
        interfaces=InterfaceFacts(
            vpcs=(Vpc("vpc-1", US.account, tags=tags), Vpc("vpc-2", US.account)),
            subnets=subnets("vpc-1", "vpc-2"),
            endpoints=endpoints,
        ),
        network=NetworkFacts(
            vpcs=(NetworkVpc("vpc-1", US.account, tags=tags), NetworkVpc("vpc-2", US.account))
        ),
        measured=Measured(START, {each.id: 0 for each in endpoints}),
    )
    return replace(made, **more)


def by_nat(*tables: RouteTable, gateways: tuple[GatewayEndpoint, ...] = (), **nats: int) -> Facts:
    """Facts with route tables and NAT gateways, `nat_1=3` for 3 GB in the window."""
    plain = facts()
    network = replace(plain.network, route_tables=tables, endpoints=gateways)
    measured = {name.replace("_", "-"): count * GB for name, count in nats.items()}
    return replace(plain, network=network, measured=Measured(START, {}, measured))


def table(id_: str, way_out: str = "nat-1", vpc_id: str = "vpc-1") -> RouteTable:
    return RouteTable(id_, vpc_id, way_out=way_out)


def gateway(service: str, *tables: str, vpc_id: str = "vpc-1", **more: Any) -> GatewayEndpoint:
    name = f"com.amazonaws.us-east-1.{service}"
    return replace(GatewayEndpoint(f"vpce-{service}", vpc_id, name, route_table_ids=tables), **more)


def services(*services: Service, connections: tuple[Connection, ...] = ()) -> Facts:
    return facts(connections=ConnectionFacts(services=services, connections=connections))


def idle(endpoint_id: str, subnet_id: str = "") -> Unused:
    return Unused(endpoint_id, "no bytes in 14 days", subnet_id)
