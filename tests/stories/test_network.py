"""What ops read of gateway endpoints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import GatewayPolicy

from tests.lab.ec2.sdk import S3
from tests.stories.account import Account, named
from tests.stories.said import Says

S3_ONLY = GatewayPolicy(services=("s3",))
READ_ONLY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:Get*"}]}'


@pytest.fixture
def vpc(account: Account) -> str:
    """A VPC with a subnet and a route table of its own, which wants a route to S3."""
    account.wants(gateway_endpoints=S3_ONLY)
    made = account.ec2.create_vpc(CidrBlock="10.20.0.0/16", **named("vpc", "payments"))
    return str(made["Vpc"]["VpcId"])


@pytest.fixture
def table(account: Account, vpc: str) -> str:
    tagged = named("route-table", "payments-private-a")
    table = account.ec2.create_route_table(VpcId=vpc, **tagged)["RouteTable"]["RouteTableId"]
    subnet = account.ec2.create_subnet(VpcId=vpc, CidrBlock="10.20.1.0/24")["Subnet"]["SubnetId"]
    account.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return str(table)


def occupy(account: Account, vpc: str) -> None:
    """Something runs in each subnet of the VPC."""
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    for subnet in account.ec2.describe_subnets(Filters=here)["Subnets"]:
        account.ec2.create_network_interface(SubnetId=subnet["SubnetId"])


def endpoint(account: Account, vpc: str) -> dict[str, Any]:
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    (found,) = account.ec2.describe_vpc_endpoints(Filters=here)["VpcEndpoints"]
    return dict(found)


def test_new_vpcs_get_their_endpoints(account: Account, vpc: str, table: str, says: Says) -> None:
    account.wants(gateway_endpoints=GatewayPolicy())
    other = account.ec2.create_vpc(CidrBlock="10.21.0.0/16")["Vpc"]["VpcId"]
    new = [vpc, table, other]

    account.run("network", trigger="event", scope={"vpc_ids": [vpc, other]}, expect=new)

    says("GatewayEndpointsChanged")


def test_a_busy_table_is_left_to_a_person(
    account: Account, vpc: str, table: str, says: Says
) -> None:
    occupy(account, vpc)

    account.sweep("network")

    says("RouteTableBusy")


def test_what_is_over_is_told_as_well(account: Account, vpc: str, table: str, says: Says) -> None:
    occupy(account, vpc)
    account.sweep("network")
    says("RouteTableBusy")
    ours = endpoint(account, vpc)["VpcEndpointId"]
    account.ec2.modify_vpc_endpoint(VpcEndpointId=ours, AddRouteTableIds=[table])

    account.pass_time(3600)
    account.sweep("network")

    says("RouteTableBusy-resolved")


def test_who_takes_a_route_away_again_and_again_gets_it(
    account: Account, vpc: str, table: str, says: Says
) -> None:
    account.sweep("network")
    for _ in range(2):
        ours = endpoint(account, vpc)["VpcEndpointId"]
        account.ec2.modify_vpc_endpoint(VpcEndpointId=ours, RemoveRouteTableIds=[table])
        account.pass_time(600)
        account.run("network", trigger="event", scope={"vpc_ids": [vpc]})
    account.forget_mails()
    account.ec2.modify_vpc_endpoint(VpcEndpointId=ours, RemoveRouteTableIds=[table])

    account.run("network", trigger="event", scope={"vpc_ids": [vpc]})

    says("RouteTakenAway")


def fill(account: Account, endpoints: int) -> None:
    """Others have so many gateway endpoints."""
    for number in range(endpoints):
        vpc = account.ec2.create_vpc(CidrBlock=f"10.{100 + number}.0.0/16")["Vpc"]["VpcId"]
        here = [{"Name": "vpc-id", "Values": [vpc]}]
        tables = account.ec2.describe_route_tables(Filters=here)["RouteTables"]
        ids = [table["RouteTableId"] for table in tables]
        account.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=ids)


def test_a_quota_that_is_nearly_used_up_is_told_in_time(
    account: Account, vpc: str, says: Says
) -> None:
    fill(account, 15)

    account.sweep("network")

    says("QuotaNear")


def test_what_a_quota_leaves_undone_is_named(account: Account, vpc: str, says: Says) -> None:
    fill(account, 20)

    account.sweep("network")

    says("QuotaReached")


def test_in_audit_mode_changes_are_announced(
    account: Account, vpc: str, table: str, says: Says
) -> None:
    account.wants(mode="audit")

    account.sweep("network")

    says("PlannedChange")


def test_an_endpoint_that_failed_is_for_a_person(account: Account, vpc: str, says: Says) -> None:
    account.sweep("network")
    account.forget_mails()
    broken = endpoint(account, vpc)["VpcEndpointId"]
    account.lab.world({"fail": {"endpoint_id": broken, "code": "Broken", "message": "It broke."}})

    account.sweep("network")

    says("EndpointFailed")


def test_the_policy_of_others_endpoints_is_theirs(
    account: Account, vpc: str, table: str, says: Says
) -> None:
    account.wants(
        gateway_endpoints=replace(S3_ONLY, endpoint_policy="read-only"),
        endpoint_policies={"read-only": READ_ONLY},
    )
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    tables = account.ec2.describe_route_tables(Filters=here)["RouteTables"]
    ids = [each["RouteTableId"] for each in tables]
    account.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, RouteTableIds=ids)

    account.sweep("network")

    says("ForeignEndpointPolicy")


def test_what_could_not_be_done_is_told_with_aws_words(
    account: Account, vpc: str, table: str, says: Says
) -> None:
    words = (
        "You are not authorized to perform this operation. User: arn:aws:sts::111111111111:"
        "assumed-role/EndpointAutopilot-ApplyNetwork/apply is not authorized to perform:"
        " ec2:CreateVpcEndpoint with an explicit deny in a service control policy"
    )
    account.lab.fault("CreateVpcEndpoint", error="UnauthorizedOperation", message=words, times=99)

    account.sweep("network")

    says("ChangeFailed")


def test_events_that_do_not_arrive_are_seen_by_the_sweeps(
    account: Account, vpc: str, says: Says
) -> None:
    for _ in range(3):
        account.forget_mails()
        account.sweep("network")
        account.pass_time(86400)
        account.ec2.create_route_table(VpcId=vpc)
    says("EventsNotArriving")


def test_a_workflow_that_broke_off_says_where(account: Account, vpc: str, says: Says) -> None:
    account.lab.fault("DescribeVpcs", error="Unavailable", message="try later", times=99)

    account.run("network", fails=True, trigger="sweep", scope="all")

    says("WorkflowFailed")


def test_who_begins_to_listen_is_welcomed(
    account: Account, vpc: str, table: str, says: Says
) -> None:
    account.unsubscribe()
    occupy(account, vpc)
    account.sweep("network")
    account.pass_time(3600)
    account.subscribe()

    account.invoke("record", {"trigger": "welcome"})

    says("Welcome")
