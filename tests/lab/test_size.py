"""A big network is built and described by a plain SDK over HTTP without an error."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lab.client import Lab

VPCS, TABLES, CLIENTS = 1000, 5, 4
MADE = VPCS * (2 + TABLES)  # each VPC, its subnet, its tables


def build(ec2: Any, numbers: range) -> list[tuple[str, frozenset[str]]]:
    """VPCs with a subnet and five tables each: their ids."""
    made = []
    for number in numbers:
        block = f"10.{number % 256}"
        vpc = ec2.create_vpc(CidrBlock=f"{block}.0.0/16")["Vpc"]["VpcId"]
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{block}.1.0/24")
        tables = [
            ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(TABLES)
        ]
        made.append((vpc, frozenset(tables)))
    return made


def listed(ec2: Any, operation: str, key: str) -> list[dict[str, Any]]:
    pages = ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 100})
    return [item for page in pages for item in page[key]]


def test_a_thousand_vpcs_with_five_tables_each() -> None:
    with Lab.start(deploy=False) as lab:
        ec2 = lab.client("ec2")
        before = {vpc["VpcId"] for vpc in listed(ec2, "describe_vpcs", "Vpcs")}
        clients = [lab.session().client("ec2") for _ in range(CLIENTS)]
        shares = [range(first, VPCS, CLIENTS) for first in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            made = dict(pair for pairs in pool.map(build, clients, shares) for pair in pairs)

        vpcs = [vpc["VpcId"] for vpc in listed(ec2, "describe_vpcs", "Vpcs")]
        assert len(made) == VPCS
        assert Counter(vpcs) == Counter([*made, *before])
        tables = listed(ec2, "describe_route_tables", "RouteTables")
        ids = Counter(table["RouteTableId"] for table in tables)
        assert set(ids.values()) == {1}
        own = {vpc: frozenset[str]() for vpc in made}
        mains = Counter[str]()
        for table in tables:
            if any(association["Main"] for association in table["Associations"]):
                mains[table["VpcId"]] += 1
            else:
                own[table["VpcId"]] |= {table["RouteTableId"]}
        assert own == made
        assert mains == Counter([*made, *before])
        subnets = Counter(s["VpcId"] for s in listed(ec2, "describe_subnets", "Subnets"))
        assert all(subnets[vpc] == 1 for vpc in made)
        calls = lab.calls()
        assert [call for call in calls if call["error"]] == []
        assert sum(call["operation"].startswith("Create") for call in calls) == MADE
