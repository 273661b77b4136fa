"""An account of 200 VPCs and 500 connections, as the deployed stack has made and found it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from demo import scenes
from demo.privatelink import Service, network, publish
from lab.client import Lab

VPCS, SERVICES, CONNECTIONS = 200, 10, 500
SUBNETS = 3
CONSUMERS = tuple(f"{2000 + number}00000000" for number in range(20))
"""The first half is on the services' lists, so the policy lets them in; the others wait."""
BUSY_EVERY = 10
"""Of so many VPCs one has a busy table."""


def built(lab: Lab, account: str) -> None:
    """Build it, with every event lost, and let the workflows look at it once."""
    lab.client("service-quotas", account).request_service_quota_increase(
        ServiceCode="vpc", QuotaCode="L-1B52E74A", DesiredValue=2.0 * VPCS
    )
    lab.delivery(loss=1.0, notifications={"loss": 1.0})
    lab.world({"settle_seconds": 0})
    ec2 = lab.client("ec2", account)
    for number in range(VPCS):
        _vpc(ec2, number)
    services = [publish(lab, account, f"service-{number}") for number in range(SERVICES)]
    for service in services:
        service.allow("*", *CONSUMERS[: len(CONSUMERS) // 2])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda consumer: _ask(lab, services, consumer), CONSUMERS))
    for name in ("NetworkWorkflowArn", "ConnectionsWorkflowArn"):
        _look(lab, account, name)


def _vpc(ec2: Any, number: int) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": f"team-{number:03}"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{each}.0/24")["Subnet"]["SubnetId"]
        for each in range(SUBNETS)
    ]
    for subnet in subnets[:2]:
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    if number % BUSY_EVERY == 0:
        ec2.create_network_interface(SubnetId=subnets[0])


def _ask(lab: Lab, services: list[Service], consumer: str) -> None:
    vpc, subnets = network(lab, consumer, "consumer")
    ec2 = lab.client("ec2", consumer)
    for number in range(CONNECTIONS // len(CONSUMERS)):
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName=services[number % len(services)].name,
            SubnetIds=subnets,
        )


def _look(lab: Lab, account: str, workflow: str) -> None:
    states = lab.client("stepfunctions", account)
    started = states.start_execution(stateMachineArn=lab.outputs(account)[workflow], input="{}")
    scenes.wait_until(
        lambda: states.describe_execution(executionArn=started["executionArn"])["status"],
        lambda status: status != "RUNNING",
        f"{workflow} ends",
        seconds=900,
        every=1,
    )
