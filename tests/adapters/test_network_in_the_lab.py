"""The network workflow on a running lab's EC2: what changes between the plan and the call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.rivals import RESTORED
from autopilot.policy.model import DAYS, ChangeWindow, GatewayPolicy, GracePolicy, Policy
from autopilot.reconcile.withdrawn import in_vain, note

from tests.adapters import network_world
from tests.adapters.network_world import Machine
from tests.adapters.removal_world import deployed
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
    return {table for each in living(net) for table in each["RouteTableIds"]}


def living(net: Net) -> list[Any]:
    """The endpoints that aren't on their way out: AWS lists those for a while."""
    found = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    return [each for each in found if not each["State"].lower().startswith("delet")]


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


def test_what_a_stack_made_waits_and_is_served_when_its_time_is_over(
    s3_only: Machine, net: Net
) -> None:
    """Its tags come after it, so the event says who called."""
    made = s3_only.look(net.vpc, expect=(net.vpc,), made_by_stacks=(net.vpc,))
    assert (made, s3_only.plan["left"]) == ([], {"in grace": 2})
    assert 600 < s3_only.plan["again"]["seconds"] <= 606
    assert s3_only.plan["again"]["scope"]["vpc_ids"] == [net.vpc]

    assert s3_only.look(net.vpc) == [], "whoever looks, and without the hint"
    assert s3_only.plan["again"]["seconds"] == 0, "the first wakes for all"

    s3_only.now += timedelta(minutes=10, seconds=1)
    s3_only.look(net.vpc)
    assert served(net) == {net.main, net.table}


def test_their_own_endpoint_ends_the_wait_and_ours_serves_the_rest(
    s3_only: Machine, net: Net
) -> None:
    s3_only.look(net.vpc, made_by_stacks=(net.vpc,))
    theirs = net.endpoint(net.table)

    (outcome,) = s3_only.look(net.vpc)

    assert outcome["route_table_ids"] == [net.main]
    found = {e["VpcEndpointId"]: e for e in net.owner.describe_vpc_endpoints()["VpcEndpoints"]}
    assert found[theirs]["RouteTableIds"] == [net.table]


def test_a_new_table_of_a_stack_waits_in_a_vpc_that_we_serve_already(
    s3_only: Machine, net: Net
) -> None:
    s3_only.look(net.vpc)
    further = further_table(net)
    assert s3_only.look(net.vpc, made_by_stacks=(further,)) == []
    assert further not in served(net)


def test_an_endpoint_deleted_by_mistake_comes_back_at_once_where_the_grace_was(
    s3_only: Machine, net: Net
) -> None:
    s3_only.look(net.vpc, made_by_stacks=(net.vpc,))
    s3_only.now += timedelta(minutes=11)
    (made,) = s3_only.look(net.vpc)
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[made["endpoint_id"]])
    s3_only.look(net.vpc, made_by_stacks=(net.vpc,))
    assert served(net) == {net.main, net.table}


def lost_and_back(machine: Machine, net: Net) -> None:
    (endpoint,) = living(net)
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    machine.look(net.vpc)
    assert served(net) == {net.main, net.table}


def forget(machine: Machine) -> None:
    """What DynamoDB does with rows whose time is over."""
    over, rows = machine.now.timestamp(), machine.ledger.table
    machine.ledger.table = {k: r for k, r in rows.items() if (r.expires_at or over) >= over}


def test_an_old_endpoint_comes_back_at_once_too(s3_only: Machine, net: Net) -> None:
    """However long ago it was made, and by a release that remembered nothing."""
    s3_only.look(net.vpc)
    waiting = replace(S3_ONLY.gateway_endpoints, grace=GracePolicy(whom="everybody"))
    s3_only.policy = replace(S3_ONLY, gateway_endpoints=waiting)
    assert s3_only.ledger.rows(FIRST_SEEN) == ()
    s3_only.look()
    lost_and_back(s3_only, net)

    for _ in range(4):
        s3_only.now += timedelta(days=40)
        forget(s3_only)
        s3_only.look()
    lost_and_back(s3_only, net)


def test_a_table_that_another_endpoint_of_ours_serves_is_not_new(
    network: Machine, net: Net
) -> None:
    network.policy = S3_ONLY
    network.look(net.vpc)
    both = GatewayPolicy(services=("s3", "dynamodb"), grace=GracePolicy(whom="everybody"))
    network.policy = replace(S3_ONLY, gateway_endpoints=both)
    assert [o["service"] for o in network.look()] == ["dynamodb"]


def rob(net: Net, *tables: str) -> None:
    """Another tool takes our routes away."""
    (endpoint,) = living(net)
    net.owner.modify_vpc_endpoint(
        VpcEndpointId=endpoint["VpcEndpointId"], RemoveRouteTableIds=list(tables)
    )


def test_a_rival_gets_the_table_after_three_rounds_and_ops_are_told_once(
    s3_only: Machine, net: Net
) -> None:
    s3_only.look(net.vpc, expect=(net.vpc,))
    for _ in range(3):
        rob(net, net.table)
        s3_only.look(net.vpc)
        assert net.table in served(net)
        s3_only.now += timedelta(hours=1)
    rob(net, net.table)

    for days in (0, 2, 30, 50):
        s3_only.now += timedelta(days=days)
        assert s3_only.look(net.vpc) == []
        assert served(net) == {net.main}
        (finding,) = s3_only.plan["findings"]
        assert (finding["kind"], finding["severity"], finding["data"]["route_table_ids"]) == (
            "RouteTakenAway",
            "action",
            [net.table],
        )


def test_a_table_that_a_person_gives_its_route_back_is_kept_again(
    s3_only: Machine, net: Net
) -> None:
    test_a_rival_gets_the_table_after_three_rounds_and_ops_are_told_once(s3_only, net)
    (endpoint,) = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    net.owner.modify_vpc_endpoint(
        VpcEndpointId=endpoint["VpcEndpointId"], AddRouteTableIds=[net.table]
    )
    s3_only.look(net.vpc)
    assert s3_only.plan["findings"] == []

    rob(net, net.table)
    s3_only.look(net.vpc)
    assert net.table in served(net)


def test_what_waited_is_new_when_it_is_served_and_was_not_taken_away(
    s3_only: Machine, net: Net
) -> None:
    s3_only.look(net.vpc, made_by_stacks=(net.vpc,))
    again = s3_only.plan["again"]
    assert again["expect"] == sorted([net.main, net.table])
    s3_only.now += timedelta(seconds=again["seconds"])
    (made,) = s3_only.look(*again["scope"]["vpc_ids"], expect=tuple(again["expect"]))
    assert made["cause"] == "new-table" and s3_only.ledger.rows(RESTORED) == ()


def test_a_rival_that_deletes_the_endpoint_gets_all_its_tables(s3_only: Machine, net: Net) -> None:
    s3_only.look(net.vpc, expect=(net.vpc,))
    for round_number in range(4):
        (endpoint,) = living(net)
        net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
        made = s3_only.look(net.vpc)
        assert bool(made) == (round_number < 3)
    assert served(net) == set()
    assert [f["kind"] for f in s3_only.plan["findings"]] == ["RouteTakenAway"]


def test_a_mistake_now_and_then_is_no_rival(s3_only: Machine, net: Net) -> None:
    s3_only.look(net.vpc, expect=(net.vpc,))
    for _ in range(6):
        rob(net, net.table)
        s3_only.look(net.vpc)
        assert net.table in served(net)
        s3_only.now += timedelta(days=8)


def step_aside(machine: Machine, table: str) -> None:
    until = (machine.now + timedelta(minutes=15)).isoformat()
    note(machine.ledger, [f"{table}/s3"], until, execution="withdraw", now=machine.now)


def test_a_stack_that_failed_for_our_route_gets_an_hour_when_it_comes_back(
    s3_only: Machine, sdk: Sdk, owner: Any
) -> None:
    """Weeks later, with another VPC, and where no grace is given else."""
    name, of_stack = deployed(sdk, "AWS::EC2::VPC", CidrBlock="10.7.0.0/16")
    (vpc,) = owner.describe_vpcs(Filters=of_stack)["Vpcs"]
    nobody = replace(S3_ONLY.gateway_endpoints, grace=GracePolicy(whom="nobody"))
    s3_only.policy = replace(S3_ONLY, gateway_endpoints=nobody)
    until = s3_only.now.isoformat()
    note(s3_only.ledger, [f"stack/{name}"], until, execution="withdraw", now=s3_only.now)
    s3_only.now += timedelta(days=30)
    assert s3_only.look(vpc["VpcId"]) == []
    assert s3_only.plan["left"] == {"in grace": 1}
    s3_only.now += timedelta(hours=1, seconds=1)
    assert len(s3_only.look(vpc["VpcId"])) == 1


def test_a_table_that_was_handed_over_is_theirs_when_their_endpoint_goes(
    s3_only: Machine, net: Net
) -> None:
    """A stack that replaces its endpoint finds none of our routes in its place."""
    step_aside(s3_only, net.table)
    theirs = net.endpoint(net.table)
    s3_only.look(net.vpc)
    s3_only.now += timedelta(days=30)
    assert in_vain(s3_only.ledger, s3_only.now) == frozenset(), "they came"

    net.owner.delete_vpc_endpoints(VpcEndpointIds=[theirs])
    assert s3_only.look(net.vpc) == []
    assert 3600 < s3_only.plan["again"]["seconds"] <= 3606

    s3_only.now += timedelta(hours=1, seconds=1)
    s3_only.look(net.vpc)
    assert served(net) == {net.main, net.table}, "they don't come any more"


def test_a_table_that_was_left_in_vain_is_remembered_for_three_months(
    s3_only: Machine, net: Net
) -> None:
    step_aside(s3_only, net.table)
    for days, remembered in ((1, True), (88, True), (2, False)):
        s3_only.now += timedelta(days=days)
        s3_only.look(net.vpc)
        assert (f"{net.table}/s3" in in_vain(s3_only.ledger, s3_only.now)) == remembered
