"""Resources that bear the stack's owner tag, as if the automation had made them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo import scenes
from demo.scenes import Network
from lab.client import Lab
from lab.deploy import Deployment
from lab.settings import Settings
from tests.end_to_end.stage import Stage

OURS = {"Key": scenes.OWNER_TAG, "Value": "EndpointAutopilot"}


def tagged(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [OURS]}]


def add_interface_endpoint(stage: Stage, network: Network) -> str:
    """An interface endpoint as the automation makes them, with a group of its own.

    It leads to another Region, which takes a permission more to change or delete it.
    """
    group = stage.ec2.create_security_group(
        GroupName="endpoint-autopilot",
        Description="ours",
        VpcId=network.vpc_id,
        TagSpecifications=tagged("security-group"),
    )["GroupId"]
    made = stage.ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=network.vpc_id,
        ServiceName="com.amazonaws.us-west-2.lambda",
        ServiceRegion="us-west-2",
        SubnetIds=list(network.subnet_ids[:2]),
        SecurityGroupIds=[group],
        PrivateDnsEnabled=False,
        TagSpecifications=tagged("vpc-endpoint"),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def ours_in(stage: Stage, vpc_id: str) -> list[str]:
    of_vpc = [
        {"Name": "vpc-id", "Values": [vpc_id]},
        {"Name": f"tag:{OURS['Key']}", "Values": [OURS["Value"]]},
    ]
    endpoints = [e for e in scenes.endpoints_in(stage.ec2, vpc_id) if OURS in e["Tags"]]
    groups = stage.ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    return [e["VpcEndpointId"] for e in endpoints] + [g["GroupId"] for g in groups]


def in_the_way(stage: Stage) -> list[dict[str, str]]:
    """One of our resources in the way of each kind of call, and what these ask for."""
    ec2, ours = stage.ec2, [{"Key": scenes.OWNER_TAG, "Value": "EndpointAutopilot"}]

    def tagged(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": ours}]}

    def group(vpc: str, name: str, **more: Any) -> str:
        made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc, **more)
        return str(made["GroupId"])

    s3 = "com.amazonaws.us-east-1.s3"
    bare, used = (ec2.create_vpc(CidrBlock="10.6.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    tables = [scenes.add_table(ec2, used, "one"), scenes.main_table(ec2, used)]
    for vpc, of in ((bare, [scenes.main_table(ec2, bare)]), (used, tables)):
        ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=s3, RouteTableIds=of, **tagged("vpc-endpoint")
        )
    group(bare, "ours", **tagged("security-group"))
    theirs = group(used, "theirs")
    subnets = [
        ec2.create_subnet(VpcId=used, CidrBlock=f"10.6.{i}.0/24", AvailabilityZoneId=zone)[
            "Subnet"
        ]["SubnetId"]
        for i, zone in enumerate(("use1-az1", "use1-az2"))
    ]
    ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=used,
        ServiceName="com.amazonaws.us-west-2.lambda",
        ServiceRegion="us-west-2",
        SubnetIds=subnets,
        SecurityGroupIds=[group(used, "ours", **tagged("security-group")), theirs],
        PrivateDnsEnabled=False,
        **tagged("vpc-endpoint"),
    )
    now = {"by": "somebody", "at": datetime.now(UTC).isoformat()}
    return [
        {"kind": "vpc", "id": bare, **now},
        {"kind": "subnet", "id": subnets[0], **now},
        {"kind": "group", "id": theirs, **now},
        {"kind": "route", "id": tables[0], "service": s3, **now},
    ]


def step_aside(stage: Stage, demands: list[dict[str, str]] | None = None) -> Mapping[str, Any]:
    """Run the withdraw workflow until it waits for others, or fails; its last state.

    `demands` None: of new VPCs.
    """
    arn = stage.states.start_execution(
        stateMachineArn=stage.machine("Withdraw"),
        input=json.dumps({"demands": demands or in_the_way(stage)}),
    )["executionArn"]

    def last() -> dict[str, Any]:
        pages = stage.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        events: list[dict[str, Any]] = [e for page in pages for e in page["events"]]
        return events[-1]

    over = ("WaitStateEntered", "ExecutionFailed", "ExecutionSucceeded")
    return scenes.wait_until(last, lambda event: event["type"] in over, "it waits or ends")


def deploy(lab: Lab, account: str, policy: Path, folder: Path) -> None:
    """Deploy, once more or elsewhere, as an operator does who has edited the policy."""
    settings = Settings(port=int(lab.url.rpartition(":")[2]), accounts=(account,))
    listening = asyncio.Event()
    listening.set()
    env = {**os.environ, "POLICY": str(policy)}
    asyncio.run(Deployment(settings, folder, env, print).run(listening))
