"""Networks as a team builds them with a plain SDK, and how they look afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Ec2Client = Any  # botocore makes its clients at run time; there is no type to import
OWNER_TAG = "endpoint-autopilot:owner"
SERVICES = ("s3", "dynamodb")
T = TypeVar("T")


class NotInTime(Exception):
    """What was waited for did not come; the message says what, and how things stood."""


@dataclass(frozen=True)
class Network:
    """Ids of one VPC and what it was built with."""

    vpc_id: str
    subnet_ids: tuple[str, ...]
    main_table_id: str
    table_ids: tuple[str, ...]

    @property
    def all_tables(self) -> frozenset[str]:
        """Every route table, the main one included."""
        return frozenset((self.main_table_id, *self.table_ids))


@dataclass(frozen=True)
class Endpoint:
    """One gateway endpoint as DescribeVpcEndpoints shows it."""

    id: str
    service: str
    state: str
    table_ids: frozenset[str]
    owner: str | None


@dataclass(frozen=True)
class Look:
    """How one VPC stands: its gateway endpoints, and per table where each prefix list leads."""

    endpoints: tuple[Endpoint, ...]
    routes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, service: str) -> tuple[Endpoint, ...]:
        """The endpoints for `service` (short name)."""
        return tuple(e for e in self.endpoints if e.service == service)

    def serves(self, tables: frozenset[str], services: tuple[str, ...] = SERVICES) -> bool:
        """Whether each of `tables` has one route to an endpoint of each service."""
        by_id = {e.id: e.service for e in self.endpoints}
        return all(
            sorted(by_id[v] for v in self.routes.get(table, {}).values() if v in by_id)
            == sorted(services)
            for table in tables
        )


def named(kind: str, name: str) -> list[dict[str, Any]]:
    """TagSpecifications that name a new resource."""
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def build_network(ec2: Ec2Client, name: str, *, cidr: str = "10.20", tables: int = 5) -> Network:
    """One VPC with three subnets and `tables` route tables, the first ones associated."""
    vpc_id = ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16", TagSpecifications=named("vpc", name))[
        "Vpc"
    ]["VpcId"]
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    names = [z["ZoneName"] for z in zones if z.get("ZoneType") == "availability-zone"]
    subnets = tuple(
        ec2.create_subnet(
            VpcId=vpc_id,
            CidrBlock=f"{cidr}.{i}.0/24",
            AvailabilityZone=names[i],
            TagSpecifications=named("subnet", f"private-{i}"),
        )["Subnet"]["SubnetId"]
        for i in range(3)
    )
    made = tuple(add_table(ec2, vpc_id, f"{name}-{i}") for i in range(tables))
    for table_id, subnet_id in zip(made, subnets, strict=False):
        ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet_id)
    return Network(vpc_id, subnets, main_table(ec2, vpc_id), made)


def add_table(ec2: Ec2Client, vpc_id: str, name: str) -> str:
    """One more route table in the VPC; its id."""
    answer = ec2.create_route_table(VpcId=vpc_id, TagSpecifications=named("route-table", name))
    return str(answer["RouteTable"]["RouteTableId"])


def main_table(ec2: Ec2Client, vpc_id: str) -> str:
    """The id of the VPC's main route table."""
    main = [
        {"Name": "vpc-id", "Values": [vpc_id]},
        {"Name": "association.main", "Values": ["true"]},
    ]
    # Describes may trail the creation.
    tables: list[dict[str, Any]] = wait_until(
        lambda: ec2.describe_route_tables(Filters=main)["RouteTables"], bool, "the main table"
    )
    return str(tables[0]["RouteTableId"])


def endpoints_in(ec2: Ec2Client, vpc_id: str) -> list[dict[str, Any]]:
    """The VPC's endpoints of all types, without those that are deleted and still listed."""
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=of_vpc)
    found = [endpoint for page in pages for endpoint in page["VpcEndpoints"]]
    return [endpoint for endpoint in found if endpoint["State"].lower() != "deleted"]


def look(ec2: Ec2Client, vpc_id: str) -> Look:
    """Read how the VPC stands."""
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    endpoints = [
        _endpoint(e) for e in endpoints_in(ec2, vpc_id) if e["VpcEndpointType"] == "Gateway"
    ]
    tables = [
        t
        for page in ec2.get_paginator("describe_route_tables").paginate(Filters=of_vpc)
        for t in page["RouteTables"]
    ]
    routes = {
        t["RouteTableId"]: {
            r["DestinationPrefixListId"]: r["GatewayId"]
            for r in t["Routes"]
            if "DestinationPrefixListId" in r
        }
        for t in tables
    }
    return Look(tuple(endpoints), routes)


def _endpoint(raw: Mapping[str, Any]) -> Endpoint:
    tags = {tag["Key"]: tag["Value"] for tag in raw.get("Tags", [])}
    return Endpoint(
        raw["VpcEndpointId"],
        raw["ServiceName"].rsplit(".", 1)[-1],
        raw["State"].lower(),
        frozenset(raw.get("RouteTableIds", [])),
        tags.get(OWNER_TAG),
    )


def transitions(states: Any, execution_arn: str) -> int:
    """How many states an execution entered; `states` is a client of Step Functions."""
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
    return sum(e["type"].endswith("StateEntered") for page in pages for e in page["events"])


def parts_of(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a message tells, kind by kind, each as if it were all (docs/schemas/message.json)."""
    return [{**message, **part} for part in message.get("parts", [message])]


def wait_until(
    read: Callable[[], T],
    good: Callable[[T], bool],
    what: str,
    *,
    seconds: float = 60.0,
    every: float = 0.5,
    progress: Callable[[float], None] = lambda _: None,
) -> T:
    """Read until `good`; the reading. Raises NotInTime after `seconds`, naming `what`."""
    start = time.monotonic()
    while True:
        begun = time.monotonic()
        reading = read()
        if good(reading):
            return reading
        elapsed = time.monotonic() - start
        if elapsed > seconds:
            raise NotInTime(f"{what}: not within {seconds:g} s. How it stood: {reading}")
        progress(elapsed)
        # Whoever looks makes a busy machine busier: it looks for a third of the time at most.
        time.sleep(max(every, min(2 * (time.monotonic() - begun), 1.0)))
