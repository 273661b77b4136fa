"""Changing endpoints: only ours, in one call, repeatable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from autopilot.aws.errors import NotFound, NotOurs, RouteAlreadyExists
from autopilot.aws.gateway_endpoints import create, modify
from autopilot.gateway.plan import Item
from autopilot.reconcile.identity import client_token
from botocore.stub import Stubber

Stub = Callable[[str], Stubber]
CREATE = Item(
    id="vpc-1/s3",
    action="create",
    vpc_id="vpc-1",
    service="s3",
    service_name="com.amazonaws.us-east-1.s3",
    endpoint_id=None,
    route_table_ids=("rtb-1", "rtb-2"),
    endpoint_policy=None,
    set_policy=True,
    reason="",
    cause="new-vpc",
)
MODIFY = replace(CREATE, action="modify", endpoint_id="vpce-1", set_policy=False)
READ = {"VpcEndpointIds": ["vpce-1"]}


def endpoint(**changes: Any) -> dict[str, Any]:
    made = {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "State": "available",
        "RouteTableIds": ["rtb-0"],
        "Tags": [{"Key": "endpoint-autopilot:owner", "Value": "Stack"}],
    }
    return {"VpcEndpoints": [{**made, **changes}]}


def creation(**changes: Any) -> dict[str, Any]:
    return {
        "VpcEndpointType": "Gateway",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "RouteTableIds": ["rtb-1", "rtb-2"],
        "ClientToken": client_token("arn:execution", "vpc-1", "s3", "rtb-1", "rtb-2"),
        "TagSpecifications": [
            {
                "ResourceType": "vpc-endpoint",
                "Tags": [
                    {"Key": "endpoint-autopilot:owner", "Value": "Stack"},
                    {"Key": "Name", "Value": "endpoint-autopilot-s3"},
                ],
            }
        ],
        **changes,
    }


@pytest.mark.parametrize(
    ("policy", "extra"),
    [(None, {}), ('{"Statement": []}', {"PolicyDocument": '{"Statement": []}'})],
)
def test_creates_with_all_tables_tags_and_policy_in_one_call(
    stub: Stub, policy: str | None, extra: dict[str, str]
) -> None:
    stub("ec2").add_response(
        "create_vpc_endpoint", {"VpcEndpoint": {"VpcEndpointId": "vpce-1"}}, creation(**extra)
    )

    assert create(CREATE, "Stack", policy, "arn:execution") == "vpce-1"


@pytest.mark.parametrize("item", [replace(CREATE, vpc_id=""), replace(CREATE, route_table_ids=())])
def test_refuses_to_create_without_vpc_or_tables(stub: Stub, item: Item) -> None:
    stub("ec2")

    with pytest.raises(ValueError, match="vpc-1/s3"):
        create(item, "Stack", None, "arn:execution")


def test_tells_that_somebody_was_faster(stub: Stub) -> None:
    stub("ec2").add_client_error("create_vpc_endpoint", "RouteAlreadyExists", "already has")

    with pytest.raises(RouteAlreadyExists, match=r"^ec2:CreateVpcEndpoint: "):
        create(CREATE, "Stack", None, "arn:execution")


@pytest.mark.parametrize(
    ("item", "policy", "change"),
    [
        (MODIFY, None, {"AddRouteTableIds": ["rtb-1", "rtb-2"]}),
        (
            replace(MODIFY, set_policy=True),
            "{}",
            {"AddRouteTableIds": ["rtb-1", "rtb-2"], "PolicyDocument": "{}"},
        ),
        (replace(MODIFY, set_policy=True, route_table_ids=()), None, {"ResetPolicy": True}),
        (
            replace(MODIFY, route_table_ids=("rtb-0", "rtb-1")),
            None,
            {"AddRouteTableIds": ["rtb-1"]},
        ),
    ],
    ids=["tables", "tables and policy", "policy back to full access", "only what it lacks"],
)
def test_modifies_in_one_call(
    stub: Stub, item: Item, policy: str | None, change: dict[str, Any]
) -> None:
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", endpoint(), READ)
    ec2.add_response("modify_vpc_endpoint", {"Return": True}, {"VpcEndpointId": "vpce-1", **change})

    assert modify(item, "Stack", policy) == "vpce-1"


def test_what_is_there_already_is_success_without_a_call(stub: Stub) -> None:
    stub("ec2").add_response("describe_vpc_endpoints", endpoint(RouteTableIds=["rtb-1", "rtb-2"]))

    assert modify(MODIFY, "Stack", None) == "vpce-1"


@pytest.mark.parametrize(
    "tags",
    [[], [{"Key": "endpoint-autopilot:owner", "Value": "Other"}]],
)
def test_changes_nothing_that_does_not_carry_our_tag(stub: Stub, tags: list[Any]) -> None:
    stub("ec2").add_response("describe_vpc_endpoints", endpoint(Tags=tags))

    with pytest.raises(NotOurs, match="vpce-1"):
        modify(MODIFY, "Stack", None)


def test_changes_nothing_that_aws_manages(stub: Stub) -> None:
    stub("ec2").add_response("describe_vpc_endpoints", endpoint(RequesterManaged=True))

    with pytest.raises(NotOurs):
        modify(MODIFY, "Stack", None)


@pytest.mark.parametrize("answer", [{"VpcEndpoints": []}, endpoint(State="Deleting")])
def test_tells_that_the_endpoint_is_gone(stub: Stub, answer: dict[str, Any]) -> None:
    stub("ec2").add_response("describe_vpc_endpoints", answer)

    with pytest.raises(NotFound):
        modify(MODIFY, "Stack", None)


@pytest.mark.parametrize("code", ["InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"])
def test_takes_both_ways_of_saying_gone(stub: Stub, code: str) -> None:
    stub("ec2").add_client_error("describe_vpc_endpoints", code)

    with pytest.raises(NotFound, match=r"^ec2:DescribeVpcEndpoints: "):
        modify(MODIFY, "Stack", None)


def test_refuses_to_modify_without_an_id(stub: Stub) -> None:
    stub("ec2")

    with pytest.raises(ValueError, match="no endpoint id"):
        modify(replace(MODIFY, endpoint_id=None), "Stack", None)
