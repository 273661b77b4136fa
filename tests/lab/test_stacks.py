"""Networks of a CloudFormation stack are made by the lab's own EC2, and CloudTrail tells of it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from lab.client import Lab, wait_until

S3: dict[str, Any] = {
    "Type": "AWS::EC2::VPCEndpoint",
    "Properties": {
        "VpcId": {"Ref": "Vpc"},
        "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
        "RouteTableIds": [{"Ref": "Table"}],
    },
}
NETWORK: dict[str, Any] = {
    "Vpc": {
        "Type": "AWS::EC2::VPC",
        "Properties": {"CidrBlock": "10.7.0.0/16", "EnableDnsHostnames": True},
    },
    "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.7.1.0/24"},
    },
    "Used": {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"RouteTableId": {"Ref": "Table"}, "SubnetId": {"Ref": "Subnet"}},
    },
    "S3": S3,
}


def deployed(lab: Lab, resources: dict[str, Any]) -> tuple[str, str]:
    """The name of a new stack, and the status that it ends in."""
    name, cloudformation = f"network-{uuid.uuid4().hex[:8]}", lab.client("cloudformation")
    body = json.dumps({"Resources": resources})
    cloudformation.create_stack(StackName=name, TemplateBody=body)

    def ended() -> str | None:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        status = str(stack["StackStatus"])
        return None if status.endswith("IN_PROGRESS") else status

    return name, wait_until(ended, 30, "the stack is done")


def vpcs_of(lab: Lab, stack: str) -> list[dict[str, Any]]:
    chosen = [{"Name": "tag:aws:cloudformation:stack-name", "Values": [stack]}]
    found: list[dict[str, Any]] = lab.client("ec2").describe_vpcs(Filters=chosen)["Vpcs"]
    return found


def test_a_stacks_network_stands_in_ec2_with_the_tags_of_its_stack(lab: Lab) -> None:
    name, status = deployed(lab, NETWORK)

    assert status == "CREATE_COMPLETE"
    (vpc,) = vpcs_of(lab, name)
    ec2 = lab.client("ec2")
    chosen = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    (endpoint,) = ec2.describe_vpc_endpoints(Filters=chosen)["VpcEndpoints"]
    tables = ec2.describe_route_tables(Filters=chosen)["RouteTables"]
    (table,) = (t for t in tables if t["RouteTableId"] in endpoint["RouteTableIds"])
    assert [a["SubnetId"] for a in table["Associations"]]
    assert "aws:cloudformation:stack-name" in {tag["Key"] for tag in table["Tags"]}

    lab.client("cloudformation").delete_stack(StackName=name)
    wait_until(lambda: not vpcs_of(lab, name), 30, "the network is gone")


def test_its_calls_are_told_as_cloudformations_and_tags_come_after(lab: Lab) -> None:
    name, _ = deployed(lab, {"Vpc": NETWORK["Vpc"]})
    (vpc,) = vpcs_of(lab, name)
    made = [c for c in lab.calls() if c["operation"] in ("CreateVpc", "CreateTags")]
    assert [c["operation"] for c in made][-2:] == ["CreateVpc", "CreateTags"]

    heard = _heard(lab, vpc["VpcId"])
    assert heard["detail"]["userIdentity"]["invokedBy"] == "cloudformation.amazonaws.com"


def test_an_endpoint_that_ec2_refuses_fails_its_stack(lab: Lab) -> None:
    second = json.loads(json.dumps(S3)) | {"DependsOn": "S3"}
    name, status = deployed(lab, {**NETWORK, "Second": second})

    assert status == "ROLLBACK_COMPLETE"
    told = lab.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    assert any("RouteAlreadyExists" in e.get("ResourceStatusReason", "") for e in told)
    assert not vpcs_of(lab, name)


def _heard(lab: Lab, vpc_id: str) -> dict[str, Any]:
    queue = lab.client("sqs")

    def found() -> dict[str, Any] | None:
        got = queue.receive_message(
            QueueUrl=lab.outputs()["TrailUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        bodies = [json.loads(m["Body"]) for m in got.get("Messages", ())]
        mine = [b for b in bodies if b["detail"]["eventName"] == "CreateVpc"]
        return next((b for b in mine if vpc_id in json.dumps(b)), None)

    return wait_until(found, 20, "the event arrives")
