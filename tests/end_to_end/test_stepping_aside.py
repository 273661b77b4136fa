"""Never in anybody's way: what others delete or serve themselves goes through, no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo import scenes
from demo.scenes import build_network
from tests.end_to_end.owned import add_interface_endpoint, ours_in
from tests.end_to_end.stage import Stage

S3 = "com.amazonaws.us-east-1.s3"


def retried(call: Callable[[], Any], after_refusal: Callable[[], Any]) -> int:
    """How often a call had to be tried again, as a tool does that retries on a refusal."""
    for retries in range(6):
        try:
            call()
        except ClientError as refused:
            assert refused.response["Error"]["Code"] in (
                "DependencyViolation",
                "RouteAlreadyExists",
            )
            after_refusal()
        else:
            return retries
    raise AssertionError("refused again and again")


def time_is_over(stage: Stage, key: str) -> None:
    """Let what stepped aside come back: nobody waits a quarter of an hour in a test."""
    stage.lab.client("dynamodb", stage.account).update_item(
        TableName=stage.lab.outputs(stage.account)["LedgerTableName"],
        Key={"pk": {"S": "withdrawn"}, "sk": {"S": key}},
        UpdateExpression="SET #until = :past",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={"#until": "until"},
        ExpressionAttributeValues={
            ":past": {"S": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}
        },
    )


@pytest.fixture
def slow_to_go(stage: Stage) -> Iterator[Callable[[], object]]:
    """Called, it lets an endpoint take longer to go than ops take to hear of it, as on AWS."""
    usual = stage.lab.world({})["settle_seconds"]
    yield lambda: stage.lab.world({"settle_seconds": 3})
    stage.lab.world({"settle_seconds": usual})


def test_what_a_tool_destroys_goes_within_two_retries_and_nothing_else(
    stage: Stage, slow_to_go: Callable[[], object]
) -> None:
    doomed = build_network(stage.ec2, "doomed", tables=2)
    beside = build_network(stage.ec2, "beside", cidr="10.21", tables=1)
    for network in (doomed, beside):
        stage.served(network)
    interface = add_interface_endpoint(stage, doomed)
    theirs = stage.ec2.create_vpc_endpoint(
        VpcId=doomed.vpc_id,
        ServiceName="com.amazonaws.us-east-1.s3express",
        RouteTableIds=[doomed.main_table_id],
    )["VpcEndpoint"]["VpcEndpointId"]
    stage.settle()
    before = scenes.look(stage.ec2, beside.vpc_id)
    ours = ours_in(stage, doomed.vpc_id)
    stage.begin()
    slow_to_go()

    for subnet in doomed.subnet_ids:
        again = retried(
            lambda id_=subnet: stage.ec2.delete_subnet(SubnetId=id_),  # type: ignore[misc]  # bound
            lambda id_=subnet: stage.told("SteppedAside", id_),  # type: ignore[misc]  # bound
        )
        assert again <= 2
    for table in doomed.table_ids:
        assert retried(lambda id_=table: stage.ec2.delete_route_table(RouteTableId=id_), list) == 0  # type: ignore[misc]  # bound
    # Somebody else's endpoint keeps the VPC as well: that one is not ours to remove.
    stage.ec2.delete_vpc_endpoints(VpcEndpointIds=[theirs])
    again = retried(
        lambda: stage.ec2.delete_vpc(VpcId=doomed.vpc_id),
        lambda: stage.told("SteppedAside", f"{doomed.vpc_id}/sg-"),
    )
    assert again <= 2

    stage.settle()
    assert ours_in(stage, doomed.vpc_id) == []
    assert scenes.look(stage.ec2, beside.vpc_id) == before
    touched = {c["operation"] for c in stage.changes_of(*ours)}
    assert touched == {"ModifyVpcEndpoint", "DeleteVpcEndpoints", "DeleteSecurityGroup"}
    assert len(stage.of_kind("SteppedAside", interface)) == 2, "once for each of its subnets"
    assert len(stage.of_kind("SteppedAside", f"{doomed.vpc_id}/sg-")) == 1
    assert not stage.of_kind("WithdrawalFailed", doomed.vpc_id)
    assert stage.sweep()["status"] == "SUCCEEDED"


def test_somebodys_own_endpoint_takes_over_a_table_that_ours_served(stage: Stage) -> None:
    network = build_network(stage.ec2, "two-owners", tables=2)
    ours = stage.served(network).of("s3")[0].id
    stage.settle()
    wanted = network.table_ids[0]
    made: list[str] = []

    def theirs() -> None:
        answer = stage.ec2.create_vpc_endpoint(
            VpcId=network.vpc_id, ServiceName=S3, RouteTableIds=[wanted]
        )
        made.append(answer["VpcEndpoint"]["VpcEndpointId"])

    assert retried(theirs, lambda: stage.told("SteppedAside", wanted)) == 1

    stage.sweep()
    time_is_over(stage, f"{wanted}/s3")
    stage.sweep()
    stands = scenes.look(stage.ec2, network.vpc_id)
    assert stands.serves(network.all_tables), "no table is without a route"
    by_id = {e.id: e for e in stands.of("s3")}
    assert by_id[made[0]].table_ids == {wanted}
    assert by_id[made[0]].owner is None
    assert by_id[ours].table_ids == network.all_tables - {wanted}
    assert len(stage.of_kind("SteppedAside", wanted)) == 1


def test_whoever_never_comes_back_has_lost_the_table_when_the_time_is_over(stage: Stage) -> None:
    network = build_network(stage.ec2, "no-show", tables=1)
    stage.served(network)
    stage.settle()
    wanted = network.table_ids[0]
    try:
        stage.ec2.create_vpc_endpoint(VpcId=network.vpc_id, ServiceName=S3, RouteTableIds=[wanted])
    except ClientError as refused:
        assert refused.response["Error"]["Code"] == "RouteAlreadyExists"
    told = stage.told("SteppedAside", wanted)
    assert told["data"]["subjects"]

    stage.sweep()
    assert not scenes.look(stage.ec2, network.vpc_id).serves(frozenset([wanted]))
    time_is_over(stage, f"{wanted}/s3")
    stage.sweep()
    assert scenes.look(stage.ec2, network.vpc_id).serves(network.all_tables)


def test_a_careless_deletion_of_a_vpc_in_use_costs_it_nothing(stage: Stage) -> None:
    network = build_network(stage.ec2, "in-use", tables=1)
    stage.served(network)
    stage.ec2.create_network_interface(SubnetId=network.subnet_ids[0])
    stage.settle()
    before = scenes.look(stage.ec2, network.vpc_id)
    stage.begin()
    try:
        stage.ec2.delete_vpc(VpcId=network.vpc_id)
    except ClientError as refused:
        assert refused.response["Error"]["Code"] == "DependencyViolation"
    looked = lambda: [c for c in stage.our_calls() if c["operation"] == "DescribeSubnets"]  # noqa: E731 short
    scenes.wait_until(looked, bool, "the automation looks whether it is in the way")
    stage.settle()
    assert scenes.look(stage.ec2, network.vpc_id) == before
    assert not stage.changes_of(network.vpc_id, *(e.id for e in before.endpoints))
    assert not stage.of_kind("SteppedAside", network.vpc_id)
