"""S3's interface endpoint beside its gateway endpoint: whom private DNS serves, what goes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.aws import removals
from autopilot.aws.errors import StillReliedOn
from autopilot.policy.model import InterfaceProfile, Policy

from tests.adapters import removal_world
from tests.adapters.interface_machine import Machine as Interfaces
from tests.adapters.interface_machine import machine as interfaces_machine
from tests.adapters.interface_machine import profile
from tests.adapters.removal_world import STACK, Machine, tagged
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import Net, Side
from tests.lab.ec2.pieces import ONLY
from tests.lab.ec2.sdk import S3, Sdk
from tests.unit.withdraw.builders import removal as asked_for

# pytest finds fixtures by their names.
machine = removal_world.machine
sdk, owner, net, consumer = lab.sdk, lab.owner, lab.net, lab.consumer
FOR_ALL = "private DNS is for everybody, so the VPC's own traffic takes it"
FOR_INBOUND = (
    "private DNS is for inbound resolvers only, so the VPC's own traffic takes the gateway"
)


@pytest.fixture
def interfaces(
    context: Any, sdk: Sdk, consumer: Side, monkeypatch: pytest.MonkeyPatch
) -> Interfaces:
    consumer.sdk.create_tags(
        Resources=[consumer.vpc], Tags=[{"Key": "network", "Value": "private"}]
    )
    policy = Policy(interface_endpoints=(profile("s3"),))
    return interfaces_machine(context, sdk, monkeypatch, policy)


def gateway(side: Side) -> str:
    made = side.sdk.create_vpc_endpoint(VpcId=side.vpc, ServiceName=S3)
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def shown(side: Side) -> tuple[bool, bool]:
    """Whether private DNS of the one interface endpoint is on, and for inbound resolvers only."""
    only = [{"Name": "vpc-endpoint-type", "Values": ["Interface"]}]
    (found,) = side.sdk.describe_vpc_endpoints(Filters=only)["VpcEndpoints"]
    return found["PrivateDnsEnabled"], found["DnsOptions"][ONLY]


def wants(interfaces: Interfaces, **changes: Any) -> InterfaceProfile:
    (before,) = interfaces.policy.interface_endpoints
    wanted = replace(before, **changes)
    interfaces.policy = replace(interfaces.policy, interface_endpoints=(wanted,))
    return wanted


def test_beside_a_gateway_it_is_for_inbound_resolvers_and_says_so(
    interfaces: Interfaces, consumer: Side
) -> None:
    gateway(consumer)
    outcomes = interfaces.run()
    assert {o["result"] for o in outcomes} == {"done"} and FOR_INBOUND in outcomes[-1]["reason"]
    assert shown(consumer) == (True, True)
    assert not interfaces.run()

    wants(interfaces, inbound_only=False)
    (changed,) = interfaces.run()
    assert changed["result"] == "done" and FOR_ALL in changed["reason"]
    assert shown(consumer) == (True, False)

    wants(interfaces, inbound_only=None)
    assert not interfaces.run(), "nobody said that traffic which flows shall go another way"

    wants(interfaces, private_dns=False)
    assert [o["result"] for o in interfaces.run()] == ["done"]
    assert shown(consumer) == (False, False)
    assert not interfaces.run()

    wants(interfaces, private_dns=True, inbound_only=True)
    assert [o["result"] for o in interfaces.run()] == ["done"]
    assert shown(consumer) == (True, True)


def test_without_a_gateway_private_dns_is_off_and_ops_hear_why_until_there_is_one(
    interfaces: Interfaces, consumer: Side, sdk: Sdk
) -> None:
    interfaces.policy = replace(
        interfaces.policy,
        gateway_endpoints=replace(interfaces.policy.gateway_endpoints, services=("dynamodb",)),
    )
    assert {o["result"] for o in interfaces.run()} == {"done"}, "AWS was not asked in vain"
    (finding,) = interfaces.last["findings"]
    assert (finding["kind"], finding["data"]["why"]) == ("PrivateDnsOff", "no gateway endpoint")
    assert shown(consumer) == (False, False)
    gateway(consumer)
    assert [o["result"] for o in interfaces.run()] == ["done"]
    assert shown(consumer) == (True, True) and not interfaces.kinds()


def test_it_waits_for_the_gateway_that_the_network_is_making(
    interfaces: Interfaces, consumer: Side, sdk: Sdk
) -> None:
    """Both workflows wake to one new VPC; here the network's comes ten seconds later."""
    later = {"gateway": ""}
    wait = interfaces.wait

    def meanwhile(seconds: float) -> None:
        wait(seconds)
        if interfaces.passed >= 10 and not later["gateway"]:
            later["gateway"] = gateway(consumer)

    interfaces.wait = meanwhile  # type: ignore[method-assign]  # the story's clock
    interfaces.run()
    assert shown(consumer) == (True, True) and not interfaces.kinds()


def test_for_everybody_it_needs_no_gateway(interfaces: Interfaces, consumer: Side) -> None:
    wants(interfaces, inbound_only=False)
    assert {o["result"] for o in interfaces.run()} == {"done"}
    assert shown(consumer) == (True, False)


def both(net: Net) -> tuple[str, str]:
    """One of our gateway endpoints in use, and one of our interface endpoints that relies on it."""
    net.owner.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    below = net.endpoint(net.main, **tagged("vpc-endpoint"))
    made = net.owner.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=net.vpc,
        ServiceName=S3,
        PrivateDnsEnabled=True,
        **tagged("vpc-endpoint"),
    )
    return below, str(made["VpcEndpoint"]["VpcEndpointId"])


def ids(net: Net) -> list[str]:
    """Those that are there; AWS lists what is gone for a while."""
    every = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    return [each["VpcEndpointId"] for each in every if each["State"] != "deleted"]


def test_leaving_takes_the_interface_before_the_gateway(machine: Machine, net: Net) -> None:
    below, above = both(net)
    machine.mode = "audit"
    outcomes = machine.uninstall()
    assert [o["thing"] for o in outcomes] == [above, below]
    assert {o["result"] for o in outcomes} == {"done"} and not ids(net)


def test_leaving_waits_for_the_interface_that_is_going(
    machine: Machine, net: Net, sdk: Sdk
) -> None:
    below, above = both(net)
    sdk.lab.world({"settle_seconds": 60})
    machine.mode = "audit"
    assert [o["thing"] for o in machine.uninstall()] == [above]
    assert ids(net) == [below, above]
    sdk.lab.pass_time(60)
    assert [o["thing"] for o in machine.uninstall()] == [below]
    sdk.lab.pass_time(60)
    assert not ids(net)


def test_a_vpcs_deletion_gets_the_interface_out_of_the_way_before_the_gateway(
    machine: Machine, net: Net
) -> None:
    below, above = both(net)
    net.owner.delete_subnet(SubnetId=net.subnet)
    net.owner.delete_route_table(RouteTableId=net.table)
    outcomes = machine.withdraw({"kind": "vpc", "id": net.vpc})
    assert [o["thing"] for o in outcomes] == [above, below]
    net.owner.delete_vpc(VpcId=net.vpc)


def test_a_gateway_that_is_relied_on_leaves_its_last_table_and_stays(
    machine: Machine, net: Net
) -> None:
    below, above = both(net)
    asked = {"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [net.main]}
    demand = {"kind": "route", "id": net.main, "service": S3}
    for _ in range(2):
        outcomes = machine.withdraw(demand)
        assert {o["result"] for o in outcomes} <= {"done"}
    assert ids(net) == [below, above] and not net.routes(net.main)
    net.owner.create_vpc_endpoint(**asked)


def test_a_gateway_on_which_somebodys_interface_relies_says_why_it_stays(
    machine: Machine, net: Net
) -> None:
    below, _ = both(net)
    with pytest.raises(StillReliedOn, match="Gateway endpoint cannot be deleted"):
        removals.endpoint(asked_for("delete endpoint", below), STACK)
