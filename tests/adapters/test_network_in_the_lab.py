"""The network workflow on a running lab's EC2: what changes between the plan and the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from autopilot.aws.withdrawal_memory import note
from autopilot.core.policy import DAYS, ChangeWindow, GatewayPolicy, Policy

from tests.adapters import network_world
from tests.adapters.network_world import Machine
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import Net
from tests.lab.ec2.sdk import OWNER, Sdk

# pytest finds fixtures by their names.
network = network_world.network
sdk, balancing, owner, net = lab.sdk, lab.balancing, lab.owner, lab.net
OFF = {"endpoint-autopilot": "off"}
S3_ONLY = Policy(skip_tags=OFF, gateway_endpoints=GatewayPolicy(services=("s3",)))


def served(net: Net) -> set[str]:
    """The tables that an endpoint serves, whoever made it."""
    found = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    return {table for each in found for table in each["RouteTableIds"]}


def further_table(net: Net) -> str:
    return str(net.owner.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"])


def tag(net: Net, thing: str, key: str = "endpoint-autopilot", value: str = "off") -> None:
    net.owner.create_tags(Resources=[thing], Tags=[{"Key": key, "Value": value}])


def occupy(net: Net) -> None:
    """Somebody's interface comes up in the subnet that `net.table` serves."""
    net.owner.associate_route_table(SubnetId=net.subnet, RouteTableId=net.table)
    net.owner.create_network_interface(SubnetId=net.subnet)


@pytest.fixture
def s3_only(network: Machine) -> Machine:
    network.policy = S3_ONLY
    return network


def test_a_table_that_became_busy_since_the_plan_is_left_alone(s3_only: Machine, net: Net) -> None:
    s3_only.between = lambda: occupy(net)

    (outcome,) = s3_only.look(net.vpc)

    assert served(net) == {net.main}
    assert (outcome["result"], outcome["route_table_ids"]) == ("done", [net.main])
    assert outcome["reason"].endswith("left alone: 1 busy")
    assert [(f["kind"], f["data"]["route_table_ids"]) for f in s3_only.plan["findings"]] == [
        ("RouteTableBusy", [net.table])
    ], "ops are told in the same execution"


def test_where_all_became_busy_nothing_is_made(s3_only: Machine, net: Net) -> None:
    s3_only.between = lambda: net.owner.create_network_interface(SubnetId=net.subnet)
    tag(net, net.table)

    (outcome,) = s3_only.look(net.vpc)

    assert served(net) == set()
    assert (outcome["result"], outcome["error"]) == ("stale", "NoLongerWanted")


def test_tags_that_opt_out_since_the_plan_hold(s3_only: Machine, net: Net) -> None:
    s3_only.between = lambda: tag(net, net.table)
    s3_only.look(net.vpc)
    assert served(net) == {net.main}

    further = further_table(net)
    s3_only.between = lambda: tag(net, net.vpc)
    (outcome,) = s3_only.look(net.vpc)
    assert (outcome["result"], outcome["error"]) == ("stale", "NoLongerWanted")
    assert further not in served(net)


def test_a_window_that_closed_since_the_plan_is_closed(s3_only: Machine, net: Net) -> None:
    window = ChangeWindow(DAYS, time(2), time(5), "UTC")
    policy = GatewayPolicy(("s3",), busy_route_tables="window", change_window=window)
    s3_only.policy = replace(S3_ONLY, gateway_endpoints=policy)
    s3_only.now = datetime(2026, 11, 30, 4, 59, 59, tzinfo=UTC)
    occupy(net)

    def later() -> None:
        s3_only.now += timedelta(seconds=2)

    s3_only.between = later
    s3_only.look(net.vpc)
    assert served(net) == {net.main}


def test_what_stepped_aside_since_the_plan_stays_away(s3_only: Machine, net: Net) -> None:
    until = (s3_only.now + timedelta(minutes=15)).isoformat()
    keys = [f"{net.table}/s3"]
    s3_only.between = lambda: note(
        s3_only.ledger, keys, until, execution="withdraw", now=s3_only.now
    )
    s3_only.look(net.vpc)
    assert served(net) == {net.main}


@pytest.mark.parametrize("tables", [0, 28])
def test_a_table_that_vanished_since_the_plan_keeps_no_other_back(
    s3_only: Machine, net: Net, tables: int
) -> None:
    others = {net.main, *(further_table(net) for _ in range(tables))}
    s3_only.between = lambda: net.owner.delete_route_table(RouteTableId=net.table)
    s3_only.look(net.vpc)
    assert served(net) == others


def test_one_bad_id_among_thirty_tables_keeps_no_other_back(
    s3_only: Machine, sdk: Sdk, net: Net
) -> None:
    """Describes still show it, AWS knows it no more: the others attach, and ops are told of it."""
    others = {net.main, *(further_table(net) for _ in range(28))}
    _refuse(sdk, net.table, "InvalidRouteTableID.NotFound", times=9)

    s3_only.look(net.vpc)

    assert served(net) == others
    (finding,) = s3_only.plan["findings"]
    assert (finding["kind"], finding["data"]["error"]) == ("ChangeFailed", "NotFound")
    assert finding["data"]["route_table_ids"] == [net.table]


def test_a_bad_id_that_is_taken_after_all_attaches_in_the_same_execution(
    s3_only: Machine, sdk: Sdk, net: Net
) -> None:
    _refuse(sdk, net.table, "InvalidRouteTableID.NotFound", times=1)
    s3_only.look(net.vpc)
    assert served(net) == {net.main, net.table}
    assert s3_only.plan["findings"] == []


def test_a_table_that_a_policy_above_ours_denies_keeps_no_other_back(
    s3_only: Machine, sdk: Sdk, net: Net
) -> None:
    _refuse(sdk, net.table, "UnauthorizedOperation", times=9)
    outcomes = s3_only.look(net.vpc)
    assert served(net) == {net.main}
    assert [o["result"] for o in outcomes] == ["done", "failed"], "ops are told of the table"


def _refuse(sdk: Sdk, table: str, code: str, times: int) -> None:
    """The next calls that name the table fail as AWS does, in words that name it."""
    client, left = sdk.client(OWNER), [times]

    def refuse(params: Any, **_: Any) -> Any:
        if left[0] and table in str(params["body"]):
            left[0] -= 1
            raise client.exceptions.ClientError(
                {"Error": {"Code": code, "Message": f"{table}: no"}}, "CreateVpcEndpoint"
            )

    for operation in ("CreateVpcEndpoint", "ModifyVpcEndpoint"):
        client.meta.events.register(f"before-call.ec2.{operation}", refuse)


@pytest.fixture(autouse=True)
def _fresh_hooks(sdk: Sdk) -> Any:
    """Clients outlive a test: what `_refuse` registers must not."""
    yield
    sdk._clients.pop((OWNER, "us-east-1", "ec2"), None)


def test_a_burst_costs_what_the_budget_says(network: Machine, sdk: Sdk, net: Net) -> None:
    sdk.lab.clear_calls()
    network.look(net.vpc, expect=(net.vpc, net.table))
    made = [call["operation"] for call in sdk.lab.calls(account=OWNER)]
    assert sorted(made) == sorted(
        ["DescribeVpcEndpoints"] * 2
        + ["DescribeVpcs", "DescribeRouteTables"] * 4
        + ["DescribeNetworkInterfaces"] * 3
        + ["CreateVpcEndpoint"] * 2
    ), "three reads before each of the two changes"
