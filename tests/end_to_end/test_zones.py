"""Zones by ID: what a provider learns of its consumers' zones, and what it says it can't know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo import scenes
from demo.privatelink import Service, connect, network, publish, subnets_of, zone_names
from lab.client import Lab
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER = "111111111111", "222222222222"
BARE = "444444444444"  # a peer by the policy, that has no stack and so no role for us
UNKNOWN = "555555555555"  # no peer
AFAR = "us-west-2"
ONE, TWO, FOUR = "use1-az1", "use1-az2", "use1-az4"
POLICY = f"""
connections:
  allow: [{{allowed_principals: true}}, {{account: "{PROVIDER}"}}]
zones:
  peers: [{{account: "{PROVIDER}"}}, {{account: "{CONSUMER}"}}, {{account: "{BARE}"}}]
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab with the stack in both accounts, under the one policy."""
    policy = tmp_path_factory.mktemp("zones") / "policy.yaml"
    policy.write_text(POLICY)
    with Lab.start(accounts=(PROVIDER, CONSUMER), policy=policy) as lab:
        stage = Stage(lab, PROVIDER)
        stage.sweep(stage.connections)
        yield stage


@pytest.fixture(scope="module")
def service(provider: Stage) -> Service:
    """Serves two zones, lets all of them ask, from the Region afar too."""
    made = publish(provider.lab, PROVIDER, "zonal", (ONE, FOUR))
    made.allow(CONSUMER, BARE, UNKNOWN)
    provider.ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=made.id, AddSupportedRegions=[AFAR]
    )
    scenes.wait_until(made.notified, bool, "our notification is registered")
    return made


def accepted(stage: Stage, service: Service, endpoint: str) -> dict[str, Any]:
    """How the workflow compared the zones of an endpoint that it let in."""
    scenes.wait_until(
        service.states, lambda states: states.get(endpoint) == "available", f"{endpoint} available"
    )
    stage.settle()
    return compared(stage)[endpoint]


def compared(stage: Stage) -> dict[str, dict[str, Any]]:
    """What came of comparing zones since the story began, by endpoint."""
    histories = stage.states.get_paginator("get_execution_history")
    outputs = [
        json.loads(event["taskSucceededEventDetails"]["output"])
        for execution in stage.executions(stage.connections)
        for page in histories.paginate(executionArn=execution["executionArn"])
        for event in page["events"]
        if event["type"] == "TaskSucceeded"
    ]
    reports = [output.get("Payload") or {} for output in outputs if isinstance(output, dict)]
    return {
        alignment["endpoint_id"]: alignment
        for report in reports
        if isinstance(report, dict)
        for alignment in report.get("alignments", [])
    }


def why_told(stage: Stage, service: Service, endpoint: str) -> str:
    """Why the zones aren't compared, as ops hear when the endpoint is let in."""
    told = stage.told("ConnectionAccepted", endpoint)
    return str(told["data"]["subjects"][f"{service.id}/{endpoint}"]["zones"]["why"])


def test_two_of_a_consumers_three_zones_are_partial_and_the_third_is_named(
    provider: Stage, service: Service
) -> None:
    provider.begin()
    endpoint = connect(service, CONSUMER, (ONE,), unused=(TWO, FOUR))
    subnets = subnets_of(provider.lab, CONSUMER, endpoint)

    made = accepted(provider, service, endpoint)
    assert (made["status"], made["shared"]) == ("partial", [ONE])
    told = provider.told("ZonesMisaligned", endpoint)
    assert told["severity"] == "action"
    facts = told["data"]["subjects"][f"{service.id}/{endpoint}"]
    assert facts["would_serve"] == {FOUR: [subnets[FOUR]]}, "served: the consumer can join it"
    assert facts["never"] == {TWO: [subnets[TWO]]}, "not served, whatever the consumer does"
    assert f"--vpc-endpoint-id {endpoint} --add-subnet-ids {subnets[FOUR]}" in str(told["next"])
    readers = {
        call["principal"]
        for call in provider.lab.calls(account=CONSUMER, operation="DescribeSubnets")
        if ":role/EndpointAutopilot" in call["principal"]
    }
    assert f"arn:aws:iam::{CONSUMER}:role/EndpointAutopilotZoneReader-us-east-1" in readers


def test_zones_whose_names_differ_are_aligned_if_their_ids_agree(
    provider: Stage, service: Service
) -> None:
    ours, theirs = zone_names(provider.lab, PROVIDER), zone_names(provider.lab, CONSUMER)
    assert {ours[zone] for zone in (ONE, FOUR)} != {theirs[zone] for zone in (ONE, FOUR)}
    provider.begin()

    endpoint = connect(service, CONSUMER, (ONE, FOUR))
    made = accepted(provider, service, endpoint)
    assert (made["status"], made["shared"]) == ("aligned", [ONE, FOUR])
    provider.told("ConnectionAccepted", endpoint)
    assert not provider.of_kind("ZonesMisaligned", endpoint)


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (BARE, f"account {BARE} can't be read: .*AssumeRole"),
        (UNKNOWN, f"account {UNKNOWN} isn't among zones.peers"),
    ],
)
def test_zones_of_an_account_that_does_not_let_us_read_are_unknown(
    provider: Stage, service: Service, account: str, why: str
) -> None:
    provider.begin()
    endpoint = connect(service, account, (ONE,), unused=(TWO,))
    made = accepted(provider, service, endpoint)
    assert made["status"] == "unknown"
    assert re.match(why, made["why"]), made["why"]
    assert why_told(provider, service, endpoint) == made["why"]
    assert not provider.of_kind("ZonesMisaligned", endpoint)
    assert not provider.of_kind("WorkflowFailed")


def test_zones_of_an_endpoint_in_another_region_do_not_apply(
    provider: Stage, service: Service
) -> None:
    provider.begin()
    far = provider.lab.session(CONSUMER).client("ec2", region_name=AFAR)
    vpc = far.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
    subnet = far.create_subnet(VpcId=vpc, CidrBlock="10.60.1.0/24", AvailabilityZoneId="usw2-az1")
    endpoint = far.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName=service.name,
        ServiceRegion="us-east-1",
        SubnetIds=[subnet["Subnet"]["SubnetId"]],
    )["VpcEndpoint"]["VpcEndpointId"]

    made = accepted(provider, service, endpoint)
    assert (made["status"], made["why"]) == ("not_applicable", f"the endpoint is in {AFAR}")
    assert why_told(provider, service, endpoint) == made["why"]
    assert not provider.of_kind("ZonesMisaligned", endpoint)


def test_a_balancer_that_loses_a_zone_is_told(provider: Stage) -> None:
    service = publish(provider.lab, PROVIDER, "shrinks", (ONE, FOUR))
    service.allow(CONSUMER)
    scenes.wait_until(service.notified, bool, "our notification is registered")
    endpoint = connect(service, CONSUMER, (ONE, FOUR))
    assert accepted(provider, service, endpoint)["status"] == "aligned"
    provider.begin()

    balancers = provider.lab.client("elbv2", PROVIDER)
    (balancer,) = balancers.describe_load_balancers(Names=["shrinks"])["LoadBalancers"]
    names = zone_names(provider.lab, PROVIDER)
    zones = balancer["AvailabilityZones"]
    kept = [zone["SubnetId"] for zone in zones if zone["ZoneName"] == names[ONE]]
    balancers.set_subnets(LoadBalancerArn=balancer["LoadBalancerArn"], Subnets=kept)

    told = provider.told("ZonesMisaligned", endpoint)
    assert told["data"]["subjects"][f"{service.id}/{endpoint}"]["lost"] == [FOUR]


def test_a_refused_creation_is_explained(provider: Stage, service: Service) -> None:
    provider.begin()
    vpc, subnets = network(provider.lab, PROVIDER, "own", (ONE, TWO))
    with pytest.raises(ClientError, match="does not support the availability zone"):
        provider.ec2.create_vpc_endpoint(
            VpcId=vpc, VpcEndpointType="Interface", ServiceName=service.name, SubnetIds=subnets
        )

    told = provider.told("ZoneAdvice", vpc)
    facts = told["data"]["subjects"][f"{vpc}/{service.name}"]
    assert (facts["would_serve"], facts["never"]) == ({ONE: [subnets[0]]}, {TWO: [subnets[1]]})
