"""A sweep that finds nothing costs the pages of the describes and a handful of transitions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import pytest

from lab.client import Lab
from tests.end_to_end.conftest import ROOMY
from tests.end_to_end.stage import Stage

VPCS = 100


@pytest.fixture
def settled(stage: Stage) -> Iterator[Stage]:
    """At least a hundred VPCs, all served, nobody waiting for anything."""
    stage.lab.delivery(loss=1.0)
    have = len(stage.ec2.describe_vpcs()["Vpcs"])
    for i in range(VPCS - have):
        stage.ec2.create_vpc(CidrBlock=f"10.{i}.0.0/16")
    stage.sweep()
    stage.sweep()
    stage.begin()
    yield stage


def test_a_quiet_sweep_of_a_hundred_vpcs_costs_pages_and_six_transitions(
    settled: Stage, lab: Lab
) -> None:
    ended = settled.sweep()

    assert ended["status"] == "SUCCEEDED"
    vpcs = settled.ec2.describe_vpcs()["Vpcs"]
    pages = settled.ec2.get_paginator("describe_route_tables").paginate(
        PaginationConfig={"PageSize": 100}
    )
    tables = sum(len(page["RouteTables"]) for page in pages)
    assert len(vpcs) >= VPCS
    calls = Counter(c["operation"] for c in settled.our_calls())
    interfaces = calls.pop("DescribeNetworkInterfaces", 0)
    assert calls == {
        "DescribeVpcs": 1,
        "DescribeVpcEndpoints": 1,
        "DescribeRouteTables": math.ceil(tables / 100),
    }
    assert interfaces <= 1, "only where a busy table of another story waits for its window"
    assert not settled.our_calls(changes=True)
    assert settled.transitions(ended["executionArn"]) <= 6
    assert settled.account == ROOMY
    assert lab.calls()
