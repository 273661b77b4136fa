"""Endpoints of every type in a VPC that the automation looks after: none of them stops anything."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.aws import network, owned_resources, zones
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import WHOLE_NETWORK

from tests.adapters import removal_world
from tests.adapters.interface_machine import Machine as Interfaces
from tests.adapters.interface_machine import machine as interfaces_machine
from tests.adapters.interface_machine import profile
from tests.adapters.removal_world import STACK, Machine, tagged
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import HERE, Net, Side
from tests.lab.ec2.pieces import LATTICE
from tests.lab.ec2.sdk import OWNER, Sdk

# pytest finds fixtures by their names.
machine, inspection = removal_world.machine, lab.inspection
sdk, balancing, owner, net = lab.sdk, lab.balancing, lab.owner, lab.net
provider, consumer = lab.provider, lab.consumer


def every_type(client: Any, vpc: str, subnet: str, service: str, **more: Any) -> list[str]:
    """The ids of an endpoint of each further type."""
    asked = {"VpcId": vpc, "SubnetIds": [subnet], **more}
    kinds = {**LATTICE, "GatewayLoadBalancer": {"ServiceName": service}}
    return [
        client.create_vpc_endpoint(VpcEndpointType=kind, **asked, **named)["VpcEndpoint"][
            "VpcEndpointId"
        ]
        for kind, named in kinds.items()
    ]


@pytest.fixture
def place(net: Net) -> str:
    """A subnet where the gateway load balancer stands."""
    made = net.owner.create_subnet(VpcId=net.vpc, CidrBlock="10.20.7.0/24", AvailabilityZoneId=HERE)
    return str(made["Subnet"]["SubnetId"])


@pytest.fixture
def interfaces(
    context: Any, sdk: Sdk, consumer: Side, monkeypatch: pytest.MonkeyPatch
) -> Interfaces:
    consumer.sdk.create_tags(
        Resources=[consumer.vpc], Tags=[{"Key": "network", "Value": "private"}]
    )
    policy = Policy(interface_endpoints=(profile("logs", "kms"),))
    return interfaces_machine(context, sdk, monkeypatch, policy)


def test_a_vpc_with_endpoints_of_every_type_gets_its_interface_endpoint(
    interfaces: Interfaces, consumer: Side, inspection: str
) -> None:
    others = every_type(consumer.sdk, consumer.vpc, consumer.subnets[HERE], inspection)
    assert {outcome["result"] for outcome in interfaces.run()} == {"done"}
    for endpoint in others:
        event = {"endpoint_ids": [endpoint]}
        assert not interfaces.run("event", event), "a change of one asks for nothing"
    shown = consumer.sdk.describe_vpc_endpoints()["VpcEndpoints"]
    assert {e["VpcEndpointId"] for e in shown if e["VpcEndpointType"] != "Interface"} == {*others}
    assert sum(e["VpcEndpointType"] == "Interface" for e in shown) == 2


def test_gateway_load_balancers_endpoints_use_up_the_quota_of_interfaces(
    interfaces: Interfaces, consumer: Side, inspection: str
) -> None:
    """Of fifty, forty-nine are taken, one of them by a gateway load balancer's."""
    every_type(consumer.sdk, consumer.vpc, consumer.subnets[HERE], inspection)
    for _ in range(48):
        consumer.endpoint("com.amazonaws.us-east-1.sqs", PrivateDnsEnabled=False)
    outcomes = interfaces.run()
    assert {outcome["result"] for outcome in outcomes} == {"done"}
    (reached,) = [f for f in interfaces.last["findings"] if f["kind"] == "InterfaceQuotaReached"]
    assert (reached["data"]["used"], reached["data"]["limit"]) == (50, 50)
    assert reached["data"]["left_undone"] == [f"{consumer.vpc}/kms"]


def test_the_networks_survey_sees_gateway_endpoints_only(
    machine: Machine, net: Net, place: str, inspection: str
) -> None:
    every_type(net.owner, net.vpc, place, inspection)
    gateway = net.endpoint(net.main)
    assert [e.id for e in network.survey(WHOLE_NETWORK).endpoints] == [gateway]
    # Only the one that answers and never asks leaves a table quiet.
    (busy,) = network.busy_subnets([net.vpc]).values()
    assert busy == {place}, "a gateway load balancer's endpoint sends on what others ask"


def test_a_vpc_is_withdrawn_from_though_it_held_endpoints_of_every_type(
    machine: Machine, net: Net, place: str, inspection: str
) -> None:
    others = every_type(net.owner, net.vpc, place, inspection)
    net.endpoint(net.main, **tagged("vpc-endpoint"))
    demand = {"kind": "vpc", "id": net.vpc}
    assert machine.withdraw(demand) == [], "they are in the way"
    net.owner.delete_vpc_endpoints(VpcEndpointIds=others)
    for subnet in (place, net.subnet):
        net.owner.delete_subnet(SubnetId=subnet)
    net.owner.delete_route_table(RouteTableId=net.table)
    assert [o["result"] for o in machine.withdraw(demand)] == ["done"]
    net.owner.delete_vpc(VpcId=net.vpc)


def test_what_bears_our_tag_goes_whatever_its_type(
    machine: Machine, net: Net, place: str, inspection: str
) -> None:
    machine.mode = "audit"
    mine = every_type(net.owner, net.vpc, place, inspection, **tagged("vpc-endpoint"))
    assert {e.id for e in owned_resources.survey(STACK).endpoints} == {*mine}
    assert {o["result"] for o in machine.uninstall()} == {"done"}
    left = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    assert {each["State"].lower() for each in left} == {"deleted"}


def test_zones_of_a_gateway_load_balancers_endpoint_are_one_by_nature(
    machine: Machine, net: Net, place: str, inspection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zones, "client", lambda _service: machine.ec2)
    *_, balanced = every_type(net.owner, net.vpc, place, inspection)
    us = StackIdentity(STACK, OWNER, "us-east-1")
    side = zones.consumer_sides({OWNER: [balanced]}, us)[balanced]
    assert not isinstance(side, str) and side.single
