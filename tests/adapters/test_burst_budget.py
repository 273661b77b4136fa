"""A whole burst against moto: plan, apply, look again; every EC2 call counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import apply_network
import plan_network
import pytest
from autopilot.aws import clients
from autopilot.policy.model import GatewayPolicy, Policy
from moto import mock_aws

from tests.unit.connections.builders import MemoryLedger

POLICY = Policy(gateway_endpoints=GatewayPolicy(services=("s3", "dynamodb")))
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:network:one"
MUTATING = ("Create", "Modify", "Delete")


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OWNER", "Stack")
    monkeypatch.setenv("ACCOUNT_ID", "123456789012")  # moto's
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    with mock_aws():
        clients._session.cache_clear()
        yield
    clients._session.cache_clear()


class Machine:
    """Does what the workflow does, and counts."""

    def __init__(self, context: Any, policy: Policy = POLICY) -> None:
        self.context = context
        self.policy = policy
        self.calls: list[str] = []
        clients.client("ec2").meta.events.register("before-call.ec2", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self.calls.append(model.name)

    def run(self, scope: Any, expect: list[str]) -> list[dict[str, Any]]:
        outcomes: list[dict[str, Any]] = []
        number = 1
        while items := (made := self._plan(scope, expect, number, outcomes))["items"]:
            expect = made["expect"]
            outcomes += [self._apply(item) for item in items]
            number += 1
        return outcomes

    def _plan(self, scope: Any, expect: Any, number: int, outcomes: Any) -> Any:
        event = {
            "trigger": "event",
            "scope": scope,
            "expect": expect,
            "round": number,
            "outcomes": outcomes,
            "execution": EXECUTION,
        }
        return _through_json(
            plan_network.handler(
                _through_json(event),
                self.context,
                ledger=MemoryLedger,
                policy=lambda: self.policy,
            )
        )

    def _apply(self, item: Any) -> Any:
        event = {"item": item, "execution": EXECUTION}
        return _through_json(
            apply_network.handler(
                event, self.context, ledger=MemoryLedger, policy=lambda: self.policy
            )
        )


def _through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def build(tables: int) -> tuple[str, list[str]]:
    """A VPC with a main table and `tables` more; its id, and the ids of the tables."""
    ec2 = clients.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for _ in range(tables):
        ec2.create_route_table(VpcId=vpc_id)
    found = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    return vpc_id, sorted(table["RouteTableId"] for table in found["RouteTables"])


def test_a_burst_costs_fifteen_calls_two_of_them_changes(context: Any) -> None:
    vpc_id, tables = build(5)
    machine = Machine(context)

    outcomes = machine.run({"vpc_ids": [vpc_id]}, [vpc_id, *tables])

    assert [(o["result"], o["service"]) for o in outcomes] == [("done", "s3"), ("done", "dynamodb")]
    assert all(o["route_table_ids"] == tables and o["cause"] == "new-vpc" for o in outcomes)
    # Two looks of three describes, who is busy once, and before each change three reads anew.
    assert len(machine.calls) == 15
    assert [call for call in machine.calls if call.startswith(MUTATING)] == [
        "CreateVpcEndpoint"
    ] * 2


def test_what_stands_is_tagged_and_serves_every_table(context: Any) -> None:
    vpc_id, tables = build(2)

    Machine(context).run({"vpc_ids": [vpc_id]}, [vpc_id])

    endpoints = clients.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert len(endpoints) == 2
    for endpoint in endpoints:
        assert sorted(endpoint["RouteTableIds"]) == tables
        assert {"Key": "endpoint-autopilot:owner", "Value": "Stack"} in endpoint["Tags"]


def test_looking_once_more_changes_nothing(context: Any) -> None:
    build(1)
    Machine(context).run("all", [])
    machine = Machine(context)

    assert machine.run("all", []) == []
    assert sorted(machine.calls) == ["DescribeRouteTables", "DescribeVpcEndpoints", "DescribeVpcs"]


def test_a_table_with_an_interface_is_left_alone(context: Any) -> None:
    vpc_id, _ = build(0)
    ec2 = clients.client("ec2")
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_network_interface(SubnetId=subnet)
    machine = Machine(context)

    assert machine.run({"vpc_ids": [vpc_id]}, [vpc_id]) == []
    assert machine.calls[-1] == "DescribeNetworkInterfaces"
