"""Stepping aside and leaving on a running lab's EC2: whole stories in AWS's own words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from apply_uninstall import StillEnforcing
from autopilot.reconcile.codec import encode
from autopilot.reconcile.removal import RemovalAction
from autopilot.reconcile.withdrawn import withdrawn

from tests.adapters import removal_world
from tests.adapters.removal_world import CHANGES, Machine, calls, deployed, tagged
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import HERE, Net, Provider, Side
from tests.lab.ec2.sdk import DYNAMODB, OTHER, S3, Sdk, code
from tests.unit.withdraw.builders import removal

# pytest finds fixtures by their names.
machine = removal_world.machine
sdk, balancing, owner, net = lab.sdk, lab.balancing, lab.owner, lab.net
provider, consumer = lab.provider, lab.consumer
LOGS = "com.amazonaws.us-east-1.logs"
DNS = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"


def gateway(net: Net, *tables: str, service: str = S3) -> str:
    return net.endpoint(*tables, service=service, **tagged("vpc-endpoint"))


def group(net: Net) -> str:
    made = net.owner.create_security_group(
        GroupName="ours", Description="ours", VpcId=net.vpc, **tagged("security-group")
    )
    return str(made["GroupId"])


def interface(net: Net, *subnets: str, group_ids: tuple[str, ...]) -> str:
    made = net.owner.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=net.vpc,
        ServiceName=LOGS,
        SubnetIds=list(subnets),
        SecurityGroupIds=list(group_ids),
        PrivateDnsEnabled=False,
        **tagged("vpc-endpoint"),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def further_subnet(net: Net, zone: str = "use1-az2") -> str:
    made = net.owner.create_subnet(VpcId=net.vpc, CidrBlock="10.20.2.0/24", AvailabilityZoneId=zone)
    return str(made["Subnet"]["SubnetId"])


def endpoints(net: Net) -> list[str]:
    found = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    return [each["VpcEndpointId"] for each in found if each["State"] != "deleted"]


def results(outcomes: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each["action"], each["result"]) for each in outcomes}


def away(machine: Machine) -> frozenset[str]:
    return withdrawn(machine.ledger, machine.now)


def test_a_vpc_is_deleted_once_only_ours_was_in_its_way(machine: Machine, net: Net) -> None:
    gateway(net, net.main)
    gateway(net, net.main, service=DYNAMODB)
    group(net)
    for gone, of in ((net.subnet, "subnet"), (net.table, "route_table")):
        getattr(net.owner, f"delete_{of}")(
            **{"SubnetId" if of == "subnet" else "RouteTableId": gone}
        )
    assert code(net.owner.delete_vpc, VpcId=net.vpc) == "DependencyViolation"

    outcomes = machine.withdraw({"kind": "vpc", "id": net.vpc})

    assert results(outcomes) == {("delete endpoint", "done"), ("delete group", "done")}
    assert away(machine) == {net.vpc}
    net.owner.delete_vpc(VpcId=net.vpc)
    assert not endpoints(net)


def test_a_vpc_with_subnets_keeps_its_routes_for_the_price_of_six_describes(
    machine: Machine, sdk: Sdk, net: Net
) -> None:
    endpoint = gateway(net, net.main)
    assert code(net.owner.delete_vpc, VpcId=net.vpc) == "DependencyViolation"
    sdk.lab.clear_calls()
    assert machine.withdraw({"kind": "vpc", "id": net.vpc}) == []
    assert len(calls(sdk)) == 6
    assert endpoints(net) == [endpoint]
    assert away(machine) == frozenset()


def test_a_vpc_without_anything_of_ours_costs_three_describes(
    machine: Machine, sdk: Sdk, net: Net
) -> None:
    theirs = net.endpoint(net.main)
    sdk.lab.clear_calls()
    assert machine.withdraw({"kind": "vpc", "id": net.vpc}) == []
    assert len(calls(sdk)) == 3
    assert endpoints(net) == [theirs]


def test_what_is_gone_already_costs_a_describe(machine: Machine, sdk: Sdk, net: Net) -> None:
    sdk.lab.clear_calls()
    for kind, thing in (
        ("vpc", "vpc-00000000000000000"),
        ("subnet", "subnet-00000000000000000"),
        ("group", "sg-00000000000000000"),
        ("route", "rtb-00000000000000000"),
    ):
        assert machine.withdraw({"kind": kind, "id": thing, "service": S3}) == []
        assert len(calls(sdk)) == 1 + 2 * (kind == "vpc")


def test_somebodys_own_endpoint_gets_the_table_that_ours_serves(machine: Machine, net: Net) -> None:
    ours = gateway(net, net.main, net.table)
    beside = gateway(net, net.table, service=DYNAMODB)
    ask = {"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [net.table]}
    assert code(net.owner.create_vpc_endpoint, **ask) == "RouteAlreadyExists"

    outcomes = machine.withdraw({"kind": "route", "id": net.table, "service": S3})

    assert results(outcomes) == {("leave tables", "done")}
    assert away(machine) == {f"{net.table}/s3"}
    theirs = net.owner.create_vpc_endpoint(**ask)["VpcEndpoint"]["VpcEndpointId"]
    assert set(net.routes(net.table).values()) == {theirs, beside}
    assert set(net.routes(net.main).values()) == {ours}
    assert machine.withdraw({"kind": "route", "id": net.table, "service": S3}) == []


def test_a_stack_that_was_refused_is_known_by_its_name_for_months(
    machine: Machine, sdk: Sdk, owner: Any
) -> None:
    """Rolled back and deployed anew, it has another VPC and other tables."""
    network, of_network = deployed(sdk, "AWS::EC2::VPC", CidrBlock="10.7.0.0/16")
    (vpc,) = owner.describe_vpcs(Filters=of_network)["Vpcs"]
    routing, of_routing = deployed(sdk, "AWS::EC2::RouteTable", VpcId=vpc["VpcId"])
    (made,) = owner.describe_route_tables(Filters=of_routing)["RouteTables"]
    table = made["RouteTableId"]
    gateway(Net(owner, vpc["VpcId"], "", table), table)

    machine.withdraw({"kind": "route", "id": table, "service": S3})

    machine.now += timedelta(days=80)
    assert away(machine) == {f"stack/{network}", f"stack/{routing}"}


def test_an_endpoint_goes_with_its_last_table(machine: Machine, net: Net) -> None:
    gateway(net, net.table)
    theirs = net.endpoint(net.main)
    ask = {"VpcEndpointId": theirs, "AddRouteTableIds": [net.table]}
    assert code(net.owner.modify_vpc_endpoint, **ask) == "RouteAlreadyExists"
    (outcome,) = machine.withdraw({"kind": "route", "id": net.table, "endpoint_id": theirs})
    assert outcome["deleted"] is True
    net.owner.modify_vpc_endpoint(**ask)
    assert endpoints(net) == [theirs]


def test_subnets_go_one_by_one_and_the_endpoint_with_the_last(machine: Machine, net: Net) -> None:
    other = further_subnet(net)
    sg = group(net)
    endpoint = interface(net, net.subnet, other, group_ids=(sg,))
    for subnet in (net.subnet, other):
        assert code(net.owner.delete_subnet, SubnetId=subnet) == "DependencyViolation"
        machine.withdraw({"kind": "subnet", "id": subnet})
        net.owner.delete_subnet(SubnetId=subnet)
    assert endpoint not in endpoints(net)
    assert away(machine) == {net.subnet, other}
    net.owner.delete_route_table(RouteTableId=net.table)
    machine.withdraw({"kind": "vpc", "id": net.vpc})
    net.owner.delete_vpc(VpcId=net.vpc)


def test_a_workload_elsewhere_keeps_the_endpoints_last_subnet(machine: Machine, net: Net) -> None:
    other = further_subnet(net)
    endpoint = interface(net, net.subnet, group_ids=(group(net),))
    workload = net.owner.create_network_interface(SubnetId=other)["NetworkInterface"]
    assert machine.withdraw({"kind": "subnet", "id": net.subnet}) == []
    assert endpoints(net) == [endpoint]
    net.owner.delete_network_interface(NetworkInterfaceId=workload["NetworkInterfaceId"])
    machine.withdraw({"kind": "subnet", "id": net.subnet})
    assert endpoints(net) == []


def test_a_second_writer_cannot_take_an_endpoints_last_subnet_from_others(
    machine: Machine, net: Net
) -> None:
    """Two executions, one subnet each: what the second one planned no longer fits."""
    other = further_subnet(net)
    third = net.owner.create_subnet(
        VpcId=net.vpc, CidrBlock="10.20.3.0/24", AvailabilityZoneId="use1-az4"
    )["Subnet"]["SubnetId"]
    endpoint = interface(net, net.subnet, other, group_ids=(group(net),))
    net.owner.create_network_interface(SubnetId=third)
    take_one = machine.ec2.modify_vpc_endpoint

    def meanwhile() -> None:
        take_one(VpcEndpointId=endpoint, RemoveSubnetIds=[other])

    machine.ledger.meanwhile = meanwhile
    outcomes = machine.withdraw({"kind": "subnet", "id": net.subnet})
    assert [each["result"] for each in outcomes] == ["stale"]
    assert endpoints(net) == [endpoint]


def test_somebodys_group_leaves_our_endpoint(machine: Machine, net: Net) -> None:
    theirs = net.owner.create_security_group(GroupName="t", Description="t", VpcId=net.vpc)
    endpoint = interface(net, net.subnet, group_ids=(group(net), theirs["GroupId"]))
    assert code(net.owner.delete_security_group, GroupId=theirs["GroupId"]) == (
        "DependencyViolation"
    )
    machine.withdraw({"kind": "group", "id": theirs["GroupId"]})
    net.owner.delete_security_group(GroupId=theirs["GroupId"])
    assert endpoints(net) == [endpoint]


def test_our_group_stays_whoever_deletes_it(machine: Machine, net: Net) -> None:
    ours = group(net)
    endpoint = interface(net, net.subnet, group_ids=(ours,))
    assert machine.withdraw({"kind": "group", "id": ours}) == []
    assert endpoints(net) == [endpoint]


def test_audit_mode_changes_nothing(machine: Machine, net: Net) -> None:
    endpoint = gateway(net, net.table)
    machine.mode = "audit"
    assert machine.withdraw({"kind": "route", "id": net.table, "service": S3}) == []
    assert endpoints(net) == [endpoint]


def test_what_lost_its_tag_meanwhile_is_left(machine: Machine, net: Net) -> None:
    endpoint = gateway(net, net.table)
    machine.ledger.meanwhile = lambda: net.owner.delete_tags(
        Resources=[endpoint], Tags=[{"Key": "endpoint-autopilot:owner"}]
    )
    (outcome,) = machine.withdraw({"kind": "route", "id": net.table, "service": S3})
    assert (outcome["result"], outcome["error"]) == ("stale", "NotOurs")
    assert endpoints(net) == [endpoint]


def test_a_second_refusal_stays_away_longer_and_the_time_ends(machine: Machine, net: Net) -> None:
    gateway(net, net.table)
    machine.withdraw({"kind": "route", "id": net.table, "service": S3})
    machine.now += timedelta(minutes=10)
    gateway(net, net.table)
    machine.withdraw({"kind": "route", "id": net.table, "service": S3})
    machine.now += timedelta(minutes=14)
    assert away(machine) == {f"{net.table}/s3"}
    machine.now += timedelta(minutes=1)
    assert away(machine) == frozenset()


def test_a_route_that_was_left_in_vain_is_not_left_again_for_ninety_days(
    machine: Machine, net: Net
) -> None:
    gateway(net, net.table)
    ask = {"kind": "route", "id": net.table, "service": S3}
    machine.withdraw(ask)
    gateway(net, net.table)
    machine.now += timedelta(minutes=16)
    for days in (0, 2, 87):
        machine.now += timedelta(days=days)
        assert machine.withdraw(ask) == []
    machine.now += timedelta(days=1)
    assert results(machine.withdraw(ask)) == {("leave tables", "done")}


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_answer_ends_like_none(machine: Machine, net: Net, lost: int) -> None:
    gateway(net, net.main)
    gateway(net, net.main, service=DYNAMODB)
    group(net)
    net.owner.delete_subnet(SubnetId=net.subnet)
    net.owner.delete_route_table(RouteTableId=net.table)
    machine.ec2.lose = lost
    outcomes = machine.withdraw({"kind": "vpc", "id": net.vpc})
    assert {each["result"] for each in outcomes} == {"done"}
    net.owner.delete_vpc(VpcId=net.vpc)


@pytest.mark.parametrize("lost", [0, 1, 2, 3, 4])
def test_leaving_takes_everything_of_ours_and_nothing_else(
    machine: Machine, sdk: Sdk, net: Net, lost: int
) -> None:
    gateway(net, net.table)
    ours = group(net)
    interface(net, net.subnet, group_ids=(ours,))
    theirs = net.endpoint(net.main)
    machine.ssm.owners = {
        DNS: removal_world.STACK,
        "/theirs": None,
        "/endpoint-autopilot/other": "AnotherStack",
    }
    machine.mode = "audit"
    sdk.lab.clear_calls()
    assert machine.uninstall(confirm=False) == []
    assert not [name for name in calls(sdk) if name.startswith(CHANGES)]
    machine.ec2.lose = lost

    outcomes = machine.uninstall()

    assert {each["result"] for each in outcomes} == {"done"}
    assert endpoints(net) == [theirs]
    assert set(machine.ssm.owners) == {"/theirs", "/endpoint-autopilot/other"}
    named = {g["GroupName"] for g in net.owner.describe_security_groups()["SecurityGroups"]}
    assert named == {"default"}
    assert machine.uninstall() == []


def test_leaving_reads_the_tag_again_before_each_call(machine: Machine, provider: Provider) -> None:
    """What lost its tag since the plan: endpoint, group, service, parameter."""
    sdk, vpc = provider.sdk, provider.vpc
    theirs: dict[RemovalAction, str] = {
        "delete endpoint": sdk.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)["VpcEndpoint"][
            "VpcEndpointId"
        ],
        "delete group": sdk.create_security_group(GroupName="t", Description="t", VpcId=vpc)[
            "GroupId"
        ],
        "delete service": provider.publish()["ServiceId"],
        "delete parameter": "/theirs",
    }
    machine.ssm.owners = {"/theirs": "AnotherStack"}
    machine.mode = "audit"
    for action, thing in theirs.items():
        outcome = machine.remove(encode(removal(action, thing)))
        assert (outcome["result"], outcome["error"]) == ("stale", "NotOurs")
    assert len(sdk.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]) == 1
    machine.mode = "enforce"
    with pytest.raises(StillEnforcing):
        machine.remove(encode(removal("delete parameter", "/theirs")))


def test_leaving_leaves_a_service_until_nobody_is_connected(
    machine: Machine, provider: Provider, consumer: Side, sdk: Sdk
) -> None:
    service = provider.publish()
    provider.sdk.create_tags(Resources=[service["ServiceId"]], Tags=removal_world.TAGS)
    provider.allow(service, f"arn:aws:iam::{OTHER}:root")
    endpoint = consumer.endpoint(service["ServiceName"], HERE)
    machine.mode = "audit"
    assert machine.uninstall() == []
    sdk.lab.world({"partial": endpoint["VpcEndpointId"]})
    assert machine.uninstall() == [], "one that is there in part serves"
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    (outcome,) = machine.uninstall()
    assert (outcome["action"], outcome["deleted"]) == ("delete service", True)
    assert machine.uninstall() == []


def test_leaving_changes_nothing_while_the_policy_enforces(machine: Machine, net: Net) -> None:
    endpoint = gateway(net, net.table)
    assert machine.uninstall() == []
    assert endpoints(net) == [endpoint]
