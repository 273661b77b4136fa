"""Blocks that VPCs gain and lose, and endpoints for IPv6, on a running lab's EC2."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from autopilot.aws import interface_survey, network
from autopilot.interfaces.events import read
from autopilot.policy.model import Policy
from autopilot.reconcile.cloudtrail import event_in
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import ALL_INTERFACES, WHOLE_NETWORK

from tests.adapters import removal_world
from tests.adapters.interface_machine import Machine, profile
from tests.adapters.interface_machine import machine as interfaces_machine
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import HERE, THERE, Net, Side, Trail
from tests.lab.ec2.pieces import RDS, give_six
from tests.lab.ec2.sdk import OTHER, Sdk

# pytest finds fixtures by their names.
machine = removal_world.machine
sdk, owner, net, consumer, trail = lab.sdk, lab.owner, lab.net, lab.consumer, lab.trail


@pytest.fixture
def interfaces(context: Any, sdk: Sdk, consumer: Side, monkeypatch: pytest.MonkeyPatch) -> Machine:
    consumer.sdk.create_tags(
        Resources=[consumer.vpc], Tags=[{"Key": "network", "Value": "private"}]
    )
    policy = Policy(interface_endpoints=(profile("rds"),))
    return interfaces_machine(context, sdk, monkeypatch, policy)


def let_in(side: Side) -> list[str]:
    """The blocks that our group lets in, both families."""
    shown = side.sdk.describe_security_groups()["SecurityGroups"]
    (group,) = [g for g in shown if g["GroupName"] != "default"]
    assert not group["IpPermissionsEgress"]
    (rule,) = group["IpPermissions"]
    four = [each["CidrIp"] for each in rule["IpRanges"]]
    return sorted([*four, *(each["CidrIpv6"] for each in rule.get("Ipv6Ranges", ()))])


def woken(interfaces: Machine, event: Any) -> None:
    """The execution that the event starts."""
    wakeup = read(event_in(json.dumps(event)))
    assert wakeup is not None
    document = wakeup.document()
    interfaces.run("event", document["scope"], expect=document["expect"])


def test_a_secondary_block_is_let_in_once_associated_and_shut_out_again(
    interfaces: Machine, consumer: Side, sdk: Sdk, trail: Trail
) -> None:
    interfaces.run()
    sdk.lab.world({"settle_seconds": 5})
    made = consumer.sdk.associate_vpc_cidr_block(VpcId=consumer.vpc, CidrBlock="10.31.0.0/16")
    associated = trail.event(OTHER)
    interfaces.run("sweep")
    assert let_in(consumer) == ["10.30.0.0/16"], "a block on its way in lets nobody in"
    woken(interfaces, associated)
    assert let_in(consumer) == ["10.30.0.0/16", "10.31.0.0/16"]
    identifier = made["CidrBlockAssociation"]["AssociationId"]
    consumer.sdk.disassociate_vpc_cidr_block(AssociationId=identifier)
    woken(interfaces, trail.event(OTHER))
    assert let_in(consumer) == ["10.30.0.0/16"]


def test_a_lost_event_of_a_block_is_healed_by_the_sweep(
    interfaces: Machine, consumer: Side
) -> None:
    interfaces.run()
    give_six(consumer.sdk, consumer.vpc)
    consumer.sdk.associate_vpc_cidr_block(VpcId=consumer.vpc, CidrBlock="10.31.0.0/16")
    interfaces.run("sweep")
    assert len(let_in(consumer)) == 3 and any(":" in block for block in let_in(consumer))


def test_an_ipv6_only_subnet_is_not_chosen_for_an_ipv4_endpoint(
    interfaces: Machine, consumer: Side
) -> None:
    blocks = give_six(consumer.sdk, consumer.vpc)
    consumer.sdk.delete_subnet(SubnetId=consumer.subnets[HERE])
    consumer.sdk.create_subnet(
        VpcId=consumer.vpc, Ipv6CidrBlock=blocks[0], Ipv6Native=True, AvailabilityZoneId=HERE
    )
    assert {o["result"] for o in interfaces.run()} == {"done"}
    (made,) = consumer.sdk.describe_vpc_endpoints()["VpcEndpoints"]
    assert consumer.subnets[THERE] in made["SubnetIds"] and made["IpAddressType"] == "ipv4"
    assert interfaces.last["left"]["IPv6 not served"] == 1
    us = StackIdentity("EndpointAutopilot", OTHER, "us-east-1")
    seen = interface_survey.survey(ALL_INTERFACES, interfaces.policy, us).subnets
    assert [(each.ipv4, each.ipv6) for each in seen if each.zone_id == HERE] == [(False, True)]


def test_an_endpoint_becomes_dualstack_with_its_subnets(
    interfaces: Machine, consumer: Side
) -> None:
    wanted = replace(interfaces.policy.interface_endpoints[0], ip_address_type="dualstack")
    interfaces.policy = replace(interfaces.policy, interface_endpoints=(wanted,))
    blocks = give_six(consumer.sdk, consumer.vpc)
    assert {o["result"] for o in interfaces.run()} == {"done"}
    for block, subnet in zip(blocks, consumer.subnets.values(), strict=False):
        (made,) = consumer.sdk.describe_vpc_endpoints()["VpcEndpoints"]
        assert made["IpAddressType"] == "ipv4", "while a zone would be lost"
        consumer.sdk.associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=block)
        assert {o["result"] for o in interfaces.run()} <= {"done"}
    (made,) = consumer.sdk.describe_vpc_endpoints()["VpcEndpoints"]
    assert (made["ServiceName"], made["IpAddressType"]) == (RDS, "dualstack")
    assert len(made["SubnetIds"]) == 3 and not interfaces.run()


def test_the_network_reads_families(machine: removal_world.Machine, net: Net) -> None:
    give_six(net.owner, net.vpc)
    net.endpoint(net.main, IpAddressType="ipv6")
    seen = network.survey(WHOLE_NETWORK)
    assert [vpc.ipv6 for vpc in seen.vpcs] == [True]
    assert [endpoint.families for endpoint in seen.endpoints] == [frozenset({"ipv6"})]
