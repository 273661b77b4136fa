"""A fresh world for each test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from lab.ec2 import Ec2

from .sdk import OTHER, S3, WIRE, Clock, client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ec2(clock: Clock) -> Ec2:
    """A world in which everything settles at once, unless a test says otherwise."""
    WIRE.ec2, WIRE.replies = Ec2(clock), []
    WIRE.ec2.world({"settle_seconds": 0})
    return WIRE.ec2


@pytest.fixture
def owner(ec2: Ec2) -> Any:
    return client()


@pytest.fixture
def other(ec2: Ec2) -> Any:
    return client(OTHER)


@pytest.fixture
def balancing(ec2: Ec2) -> Any:
    return client(service="elbv2")


@pytest.fixture
def quotas(ec2: Ec2) -> Any:
    return client(service="service-quotas")


@dataclass
class Net:
    """A VPC with a subnet and a route table beside the main one."""

    owner: Any
    vpc: str
    subnet: str
    table: str

    @property
    def main(self) -> str:
        return str(self.tables(Name="association.main", Values=["true"])[0]["RouteTableId"])

    def tables(self, **narrower: Any) -> list[dict[str, Any]]:
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}, *([narrower] if narrower else [])]
        return list(self.owner.describe_route_tables(Filters=filters)["RouteTables"])

    def routes(self, table: str) -> dict[str, str]:
        shown = self.owner.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
        return {
            route["DestinationPrefixListId"]: route["GatewayId"]
            for route in shown["Routes"]
            if "DestinationPrefixListId" in route
        }

    def endpoint(self, *tables: str, service: str = S3, **more: Any) -> str:
        made = self.owner.create_vpc_endpoint(
            VpcId=self.vpc, ServiceName=service, RouteTableIds=list(tables), **more
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])


@pytest.fixture
def net(owner: Any) -> Net:
    vpc = owner.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnet = owner.create_subnet(VpcId=vpc, CidrBlock="10.20.1.0/24")["Subnet"]["SubnetId"]
    table = owner.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    return Net(owner, vpc, subnet, table)
