"""One VPC with three subnets and five route tables: the automation against a script by hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from demo import scenes
from demo.scenes import SERVICES, Network, build_network
from lab.client import Lab

Calls = list[dict[str, Any]]
REGION = "us-east-1"


@dataclass(frozen=True)
class Burst:
    """What it took: seconds from CreateVpc to the last route, EC2 calls, workflow's units."""

    seconds: float
    calls: int
    executions: int = 0
    transitions: int = 0


def by_hand(lab: Lab, account: str) -> Burst:
    """What a careful script does: build, create two endpoints on all tables, check the routes."""
    ec2 = lab.client("ec2", account)
    began = time.monotonic()
    network = build_network(ec2, "by-hand")
    lab.clear_calls()
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc_id]}]
    tables = [t["RouteTableId"] for t in ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]]
    for service in SERVICES:
        ec2.create_vpc_endpoint(
            VpcId=network.vpc_id,
            RouteTableIds=tables,
            ServiceName=f"com.amazonaws.{REGION}.{service}",
        )
    _await_routes(ec2, network)
    return Burst(time.monotonic() - began, len(lab.calls()))


def automated(lab: Lab, account: str) -> Burst:
    """The same network, left to the automation."""
    ec2, states = lab.client("ec2", account), lab.client("stepfunctions", account)
    workflow = lab.outputs(account)["NetworkWorkflowArn"]
    before = {e["executionArn"] for e in _executions(states, workflow)}
    lab.clear_calls()
    began = time.monotonic()
    network = build_network(ec2, "automated")
    _await_routes(ec2, network)
    took = time.monotonic() - began
    started = _await_rest(states, workflow, before)
    ours = [c for c in lab.calls() if ":role/" in c["principal"] and c["service"] == "ec2"]
    return Burst(
        took, len(ours), len(started), sum(scenes.transitions(states, arn) for arn in started)
    )


def _await_routes(ec2: Any, network: Network) -> None:
    scenes.wait_until(
        lambda: scenes.look(ec2, network.vpc_id),
        lambda s: s.serves(network.all_tables),
        "all routes",
        every=0.05,
    )


def _executions(states: Any, workflow: str) -> Calls:
    listing: Calls = states.list_executions(stateMachineArn=workflow)["executions"]
    return listing


def _await_rest(states: Any, workflow: str, before: set[str]) -> list[str]:
    def fresh() -> Calls:
        return [e for e in _executions(states, workflow) if e["executionArn"] not in before]

    scenes.wait_until(
        fresh, lambda f: bool(f) and all(e["status"] != "RUNNING" for e in f), "the workflow ends"
    )
    return [e["executionArn"] for e in fresh()]
