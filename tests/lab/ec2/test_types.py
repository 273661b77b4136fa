"""Endpoints that are neither gateway nor interface: how they are made, shown, counted."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lab.client import Lab
from tests.lab.ec2.pieces import CONFIGURATION, LATTICE, NETWORK

from .conftest import HERE, THERE, Provider, Side, Trail
from .sdk import OTHER, OWNER, REGION, S3, Sdk, code, refusal

QUOTA = {"ServiceCode": "vpc", "QuotaCode": "L-29B6F2EB"}


def _lattice(side: Side, kind: str) -> dict[str, Any]:
    asked = {"VpcId": side.vpc, "SubnetIds": [side.subnets[HERE]], **LATTICE[kind]}
    return dict(side.sdk.create_vpc_endpoint(VpcEndpointType=kind, **asked)["VpcEndpoint"])


def _balanced(side: Side, name: str, **more: Any) -> dict[str, Any]:
    asked = {"VpcId": side.vpc, "ServiceName": name, "SubnetIds": [side.subnets[HERE]], **more}
    made = side.sdk.create_vpc_endpoint(VpcEndpointType="GatewayLoadBalancer", **asked)
    return dict(made["VpcEndpoint"])


@pytest.mark.parametrize("kind", LATTICE)
def test_endpoints_of_lattice_have_no_service_and_capitalised_states(
    consumer: Side, lab: Lab, kind: str
) -> None:
    lab.world({"settle_seconds": 5})
    made = _lattice(consumer, kind)
    assert made["State"] == "Pending" and made["IpAddressType"] == "IPV4"
    assert "ServiceName" not in made and "PolicyDocument" not in made
    assert LATTICE[kind].items() <= made.items()
    assert [group["GroupName"] for group in made["Groups"]] == ["default"]
    lab.pass_time(5)
    assert consumer.states() == ["Available"]
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert consumer.states() == ["Deleting"]
    taken = code(consumer.sdk.delete_subnet, SubnetId=consumer.subnets[HERE])
    assert taken == "DependencyViolation"


def test_what_an_endpoint_of_lattice_leads_to_is_named_by_its_arn(consumer: Side) -> None:
    create = consumer.sdk.create_vpc_endpoint
    asked = {"VpcId": consumer.vpc, "VpcEndpointType": "Resource"}
    assert code(create, **asked) == "MissingParameter"
    wrong = {**asked, "ResourceConfigurationArn": NETWORK}
    assert code(create, **wrong) == "InvalidParameterValue"
    named = {**asked, "ServiceName": S3, "ResourceConfigurationArn": CONFIGURATION}
    assert code(create, **named) == "InvalidParameter"
    made = _lattice(consumer, "Resource")
    change = {"VpcEndpointId": made["VpcEndpointId"], "PrivateDnsEnabled": True}
    assert code(consumer.sdk.modify_vpc_endpoint, **change) == "UnsupportedOperation"


def test_a_gateway_load_balancers_endpoint_is_in_one_subnet(
    consumer: Side, inspection: str
) -> None:
    made = _balanced(consumer, inspection)
    assert made["State"] == "pending" and "Groups" not in made and "DnsEntries" not in made
    assert consumer.states() == ["available"]
    (shown,) = consumer.sdk.describe_network_interfaces(
        NetworkInterfaceIds=made["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    assert shown["InterfaceType"] == "gateway_load_balancer_endpoint"
    both = [consumer.subnets[HERE], consumer.subnets[THERE]]
    for wrong in ({"SubnetIds": both}, {"SecurityGroupIds": ["sg-0123456789abcdef0"]}):
        with pytest.raises(consumer.sdk.exceptions.ClientError, match="InvalidParameter"):
            _balanced(consumer, inspection, **wrong)


def test_a_gateway_load_balancers_service_has_its_own_type(
    consumer: Side, provider: Provider, inspection: str
) -> None:
    (offered,) = consumer.sdk.describe_vpc_endpoint_services(ServiceNames=[inspection])[
        "ServiceDetails"
    ]
    assert offered["ServiceType"] == [{"ServiceType": "GatewayLoadBalancer"}]
    asked = {"VpcId": consumer.vpc, "ServiceName": inspection, "VpcEndpointType": "Interface"}
    assert refusal(consumer.sdk.create_vpc_endpoint, **asked)[1] == (
        "Endpoint type (Interface) does not match available service types ([GatewayLoadBalancer])."
    )
    _balanced(consumer, inspection)
    (connection,) = provider.connections()
    assert connection["GatewayLoadBalancerArns"] and not connection["DnsEntries"]
    assert code(
        provider.sdk.create_vpc_endpoint_connection_notification,
        ServiceId=offered["ServiceId"],
        ConnectionNotificationArn=f"arn:aws:sns:{REGION}:{OWNER}:topic",
        ConnectionEvents=["Connect"],
    ) == ("InvalidParameter")
    neither = provider.sdk.create_vpc_endpoint_service_configuration
    assert code(neither, AcceptanceRequired=False) == "InvalidParameter"


def test_gateway_load_balancers_endpoints_count_with_interfaces_and_lattices_do_not(
    sdk: Sdk, consumer: Side, inspection: str
) -> None:
    logs = f"com.amazonaws.{REGION}.logs"
    quotas = sdk.client(OTHER, service="service-quotas")
    assert quotas.get_service_quota(**QUOTA)["Quota"]["Value"] == 50
    _lattice(consumer, "ServiceNetwork")
    for _ in range(49):
        consumer.endpoint(logs, PrivateDnsEnabled=False)
    _balanced(consumer, inspection)
    full = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", "ServiceName": logs}
    assert code(consumer.sdk.create_vpc_endpoint, **full) == "VpcEndpointLimitExceeded"
    with pytest.raises(consumer.sdk.exceptions.ClientError, match="VpcEndpointLimitExceeded"):
        _balanced(consumer, inspection)
    assert _lattice(consumer, "Resource")["VpcEndpointType"] == "Resource"


def test_every_type_is_told_as_it_was_asked_for(consumer: Side, trail: Trail) -> None:
    made = _lattice(consumer, "Resource")
    told = trail.detail(OTHER)
    request = told["requestParameters"]["CreateVpcEndpointRequest"]
    answer = told["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
    assert request["VpcEndpointType"] == answer["vpcEndpointType"] == "Resource"
    assert answer["vpcEndpointId"] == made["VpcEndpointId"] and answer["state"] == "Pending"
    assert "serviceName" not in answer and re.search("rcfg-", answer["resourceConfigurationArn"])
