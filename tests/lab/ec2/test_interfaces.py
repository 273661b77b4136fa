"""Interface endpoints: where they stand, what they are called, who may have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.client import Lab
from tests.lab.ec2.pieces import ONLY

from .conftest import ELSEWHERE, HERE, THERE, Net, Provider, Side
from .sdk import OTHER, REGION, code, refusal

LOGS, KMS = f"com.amazonaws.{REGION}.logs", f"com.amazonaws.{REGION}.kms"
MAIL, LOGIN = f"com.amazonaws.{REGION}.email-smtp", f"com.amazonaws.{REGION}.cognito-idp"
S3 = f"com.amazonaws.{REGION}.s3"
QUOTA = {"ServiceCode": "vpc", "QuotaCode": "L-29B6F2EB"}


def _names(consumer: Side, *zone_ids: str) -> dict[str, str]:
    zones = consumer.sdk.describe_availability_zones(ZoneIds=list(zone_ids))["AvailabilityZones"]
    return {zone["ZoneId"]: zone["ZoneName"] for zone in zones}


def _ask(side: Side, service: str, *zone_ids: str, **more: Any) -> dict[str, Any]:
    """The parameters of a CreateVpcEndpoint that is to be refused."""
    return {
        "VpcId": side.vpc,
        "VpcEndpointType": "Interface",
        "ServiceName": service,
        "SubnetIds": [side.subnets[each] for each in zone_ids],
        **more,
    }


def _modify(side: Side, endpoint: dict[str, Any], **how: Any) -> None:
    side.sdk.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], **how)


def test_an_endpoint_to_amazon_settles_and_bears_the_default_group(
    consumer: Side, lab: Lab
) -> None:
    lab.world({"settle_seconds": 5})
    made = consumer.endpoint(LOGS, HERE, THERE)
    assert made["State"] == "pending"
    assert [group["GroupName"] for group in made["Groups"]] == ["default"]
    assert made["SubnetIds"] == [consumer.subnets[HERE], consumer.subnets[THERE]]
    lab.pass_time(4)
    assert consumer.states() == ["pending"]
    lab.pass_time(1)
    assert consumer.states() == ["available"]


def test_an_endpoint_has_an_interface_a_subnet(consumer: Side) -> None:
    made = consumer.endpoint(LOGS, HERE, THERE)
    interfaces = consumer.sdk.describe_network_interfaces(
        NetworkInterfaceIds=made["NetworkInterfaceIds"]
    )["NetworkInterfaces"]
    assert [each["SubnetId"] for each in interfaces] == made["SubnetIds"]
    for each in interfaces:
        assert each["Description"] == f"VPC Endpoint Interface {made['VpcEndpointId']}"
        assert (each["InterfaceType"], each["RequesterManaged"]) == ("vpc_endpoint", True)
        assert each["Status"] == "in-use"
        assert [group["GroupId"] for group in each["Groups"]] == [made["Groups"][0]["GroupId"]]
        delete = consumer.sdk.delete_network_interface
        assert code(delete, NetworkInterfaceId=each["NetworkInterfaceId"]) == (
            "OperationNotPermitted"
        )


def test_names_are_regional_zonal_and_private(consumer: Side) -> None:
    made = consumer.endpoint(LOGS, HERE, THERE)
    names = [entry["DnsName"] for entry in made["DnsEntries"]]
    head = names[0].removesuffix(f".logs.{REGION}.vpce.amazonaws.com")
    assert head.startswith(made["VpcEndpointId"] + "-")
    zones = sorted(_names(consumer, HERE, THERE).values())
    assert names == [
        f"{head}.logs.{REGION}.vpce.amazonaws.com",
        *(f"{head}-{zone}.logs.{REGION}.vpce.amazonaws.com" for zone in zones),
        f"logs.{REGION}.amazonaws.com",
    ]
    assert made["DnsEntries"][0]["HostedZoneId"] == "Z7HUB22UULQXV"


def test_names_of_a_private_service_bear_its_id(consumer: Side, service: dict[str, Any]) -> None:
    made = consumer.endpoint(service["ServiceName"], HERE)
    names = [entry["DnsName"] for entry in made["DnsEntries"]]
    assert len(names) == 2
    tail = f"{service['ServiceId']}.{REGION}.vpce.amazonaws.com"
    assert all(name.endswith(tail) for name in names)
    assert f"-{_names(consumer, HERE)[HERE]}.vpce-svc-" in names[1]


def test_a_zone_that_the_service_lacks_is_refused(consumer: Side, service: dict[str, Any]) -> None:
    name = service["ServiceName"]
    assert refusal(consumer.sdk.create_vpc_endpoint, **_ask(consumer, name, HERE, ELSEWHERE)) == (
        "InvalidParameter",
        f"The VPC endpoint service {name} does not support the availability zone of the subnet:"
        f" {consumer.subnets[ELSEWHERE]}.",
    )
    assert consumer.states() == []
    assert code(consumer.sdk.create_vpc_endpoint, **_ask(consumer, LOGIN, HERE)) == (
        "InvalidParameter"
    )


def test_two_subnets_in_a_zone_are_refused(consumer: Side) -> None:
    second = consumer.sdk.create_subnet(
        VpcId=consumer.vpc, CidrBlock="10.30.9.0/24", AvailabilityZoneId=HERE
    )["Subnet"]["SubnetId"]
    create = consumer.sdk.create_vpc_endpoint
    asked = {**_ask(consumer, LOGS), "SubnetIds": [consumer.subnets[HERE], second]}
    assert refusal(create, **asked) == (
        "DuplicateSubnetsInSameZone",
        f"Found another VPC endpoint subnet in the availability zone of {second}",
    )
    made = consumer.endpoint(LOGS, HERE)
    modify = {"VpcEndpointId": made["VpcEndpointId"], "AddSubnetIds": [second]}
    both = {**modify, "RemoveSubnetIds": [consumer.subnets[HERE]]}
    for asked in (modify, both):
        assert code(consumer.sdk.modify_vpc_endpoint, **asked) == "DuplicateSubnetsInSameZone"


def test_what_does_not_exist_or_belong_is_refused(consumer: Side, net: Net) -> None:
    create = consumer.sdk.create_vpc_endpoint
    missing = {**_ask(consumer, LOGS), "SubnetIds": ["subnet-0123456789abcdef0"]}
    assert code(create, **missing) == "InvalidSubnetId.NotFound"
    group = _ask(consumer, LOGS, SecurityGroupIds=["sg-0123456789abcdef0"])
    assert code(create, **group) == "InvalidGroup.NotFound"
    other = consumer.sdk.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    for wrong in ({"VpcId": other}, {"RouteTableIds": ["rtb-0123456789abcdef0"]}):
        assert code(create, **{**_ask(consumer, LOGS, HERE), **wrong}) == "InvalidParameter"
    theirs = consumer.sdk.create_security_group(VpcId=other, GroupName="g", Description="g")
    group = _ask(consumer, LOGS, SecurityGroupIds=[theirs["GroupId"]])
    assert code(create, **group) == "InvalidParameter"
    assert code(create, **{**_ask(consumer, LOGS, HERE), "VpcId": net.vpc}) == (
        "InvalidVpcId.NotFound"
    )


def test_a_type_that_the_service_does_not_come_as_is_refused(
    consumer: Side, service: dict[str, Any]
) -> None:
    create = consumer.sdk.create_vpc_endpoint
    for name in (LOGS, service["ServiceName"]):
        assert refusal(create, VpcId=consumer.vpc, ServiceName=name) == (
            "InvalidParameter",
            "Endpoint type (Gateway) does not match available service types ([Interface]).",
        )
    gateway_only = _ask(consumer, f"com.amazonaws.{REGION}.s3express", HERE)
    assert refusal(create, **gateway_only)[1] == (
        "Endpoint type (Interface) does not match available service types ([Gateway])."
    )


def test_private_dns_is_on_by_default_for_amazons_services_only(
    consumer: Side, service: dict[str, Any]
) -> None:
    assert consumer.endpoint(LOGS, HERE)["PrivateDnsEnabled"] is True
    assert consumer.endpoint(service["ServiceName"], HERE)["PrivateDnsEnabled"] is False
    assert consumer.endpoint(KMS, HERE, PrivateDnsEnabled=False)["PrivateDnsEnabled"] is False


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_private_dns_needs_the_vpcs_attributes(consumer: Side, attribute: str) -> None:
    consumer.sdk.modify_vpc_attribute(VpcId=consumer.vpc, **{attribute: {"Value": False}})
    words = (
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes"
        f" set to true for {consumer.vpc}",
    )
    assert refusal(consumer.sdk.create_vpc_endpoint, **_ask(consumer, LOGS, HERE)) == words
    made = consumer.endpoint(LOGS, HERE, PrivateDnsEnabled=False)
    on = {"VpcEndpointId": made["VpcEndpointId"], "PrivateDnsEnabled": True}
    assert refusal(consumer.sdk.modify_vpc_endpoint, **on) == words


def test_one_private_name_a_vpc_until_its_endpoint_is_gone(consumer: Side, lab: Lab) -> None:
    first = consumer.endpoint(LOGS, HERE)
    create = consumer.sdk.create_vpc_endpoint
    words = (
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for"
        f" logs.{REGION}.amazonaws.com in the VPC {consumer.vpc}",
    )
    assert refusal(create, **_ask(consumer, LOGS, HERE)) == words
    second = consumer.endpoint(LOGS, HERE, PrivateDnsEnabled=False)
    on = {"VpcEndpointId": second["VpcEndpointId"], "PrivateDnsEnabled": True}
    assert refusal(consumer.sdk.modify_vpc_endpoint, **on) == words
    lab.world({"settle_seconds": 5})
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[first["VpcEndpointId"]])
    assert code(consumer.sdk.modify_vpc_endpoint, **on) == "InvalidParameter"
    lab.pass_time(5)
    consumer.sdk.modify_vpc_endpoint(**on)
    assert consumer.shown(second["VpcEndpointId"])["PrivateDnsEnabled"] is True


def test_s3_takes_private_dns_beside_a_gateway_and_dynamodb_none(consumer: Side) -> None:
    create = consumer.sdk.create_vpc_endpoint
    asked = _ask(consumer, S3, HERE, PrivateDnsEnabled=True)
    assert refusal(create, **asked)[1] == (
        f"To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {consumer.vpc} must have"
        " a Gateway endpoint for the service."
    )
    gateway = consumer.sdk.create_vpc_endpoint(VpcId=consumer.vpc, ServiceName=S3)["VpcEndpoint"]
    made = consumer.endpoint(S3, HERE, PrivateDnsEnabled=True)
    assert made["PrivateDnsEnabled"] is True and made["DnsOptions"][ONLY] is True
    deletion = consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[gateway["VpcEndpointId"]])
    assert [each["Error"] for each in deletion["Unsuccessful"]] == [
        {
            "Code": "InvalidParameter",
            "Message": "Gateway endpoint cannot be deleted while Interface endpoint"
            f" {made['VpcEndpointId']} for the service has {ONLY} set to true.",
        }
    ]
    _modify(consumer, made, DnsOptions={ONLY: False})
    assert consumer.shown(made["VpcEndpointId"])["DnsOptions"][ONLY] is False
    deletion = consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[gateway["VpcEndpointId"]])
    assert not deletion["Unsuccessful"]
    on = {"VpcEndpointId": made["VpcEndpointId"], "DnsOptions": {ONLY: True}}
    assert "must have a Gateway" in refusal(consumer.sdk.modify_vpc_endpoint, **on)[1]
    _modify(consumer, made, PrivateDnsEnabled=False)
    # Turned on again, it is for inbound resolvers unless told otherwise, each time.
    on = {"VpcEndpointId": made["VpcEndpointId"], "PrivateDnsEnabled": True}
    assert "must have a Gateway" in refusal(consumer.sdk.modify_vpc_endpoint, **on)[1]
    _modify(consumer, made, PrivateDnsEnabled=True, DnsOptions={ONLY: False})
    dynamodb = f"com.amazonaws.{REGION}.dynamodb"
    asked = _ask(consumer, dynamodb, HERE, PrivateDnsEnabled=True)
    assert refusal(create, **asked)[1] == (
        f"Private DNS can't be enabled because the service {dynamodb} does not provide a private"
        " DNS name."
    )


def test_dns_options_that_do_not_fit_are_refused(consumer: Side) -> None:
    create = consumer.sdk.create_vpc_endpoint
    gateway = {"VpcId": consumer.vpc, "ServiceName": S3, "DnsOptions": {ONLY: False}}
    assert refusal(create, **gateway) == (
        "InvalidParameter",
        f"DnsOptions {ONLY} is applicable only to Interface VPC Endpoints.",
    )
    for wrong in (
        _ask(consumer, LOGS, HERE, DnsOptions={ONLY: False}),
        _ask(consumer, S3, HERE, PrivateDnsEnabled=False, DnsOptions={ONLY: True}),
        _ask(consumer, LOGS, HERE, DnsOptions={"DnsRecordIpType": "ipv6"}),
    ):
        assert code(create, **wrong) == "InvalidParameter"
    assert code(create, **_ask(consumer, LOGS, DnsOptions={"DnsRecordIpType": "x"})) == (
        "InvalidParameterValue"
    )


def test_private_dns_of_a_private_service_waits_for_proof_and_acceptance(
    provider: Provider, consumer: Side
) -> None:
    service = provider.publish(PrivateDnsName="orders.example.com")
    provider.allow(service, f"arn:aws:iam::{OTHER}:root")
    name = service["ServiceName"]
    create = consumer.sdk.create_vpc_endpoint
    asked = _ask(consumer, name, HERE, PrivateDnsEnabled=True)
    assert refusal(create, **asked)[1] == (
        f"Private DNS can't be enabled because the service {name} has not verified the private DNS"
        " name."
    )
    verify = provider.sdk.start_vpc_endpoint_service_private_dns_verification
    verify(ServiceId=service["ServiceId"])
    words = (
        "Private DNS can only be enabled after the endpoint connection is accepted by the owner of"
        f" {name}."
    )
    assert refusal(create, **asked)[1] == words
    made = consumer.endpoint(name, HERE)
    on = {"VpcEndpointId": made["VpcEndpointId"], "PrivateDnsEnabled": True}
    assert refusal(consumer.sdk.modify_vpc_endpoint, **on)[1] == words
    provider.answer("accept", service, made["VpcEndpointId"])
    consumer.sdk.modify_vpc_endpoint(**on)
    names = [e["DnsName"] for e in consumer.shown(made["VpcEndpointId"])["DnsEntries"]]
    assert names[-1] == "orders.example.com"


def test_a_service_without_a_private_name_has_no_private_dns(
    consumer: Side, service: dict[str, Any]
) -> None:
    asked = _ask(consumer, service["ServiceName"], HERE, PrivateDnsEnabled=True)
    words = refusal(consumer.sdk.create_vpc_endpoint, **asked)[1]
    assert words.endswith("does not provide a private DNS name.")


POLICY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:*", "Resource": "*"}]}
)


def test_an_endpoint_takes_the_address_that_is_wished(consumer: Side) -> None:
    def wish(zone: str, address: str) -> dict[str, Any]:
        return {"SubnetConfigurations": [{"SubnetId": consumer.subnets[zone], "Ipv4": address}]}

    def addresses() -> set[str]:
        shown = consumer.sdk.describe_network_interfaces()["NetworkInterfaces"]
        return {each["PrivateIpAddress"] for each in shown}

    made = consumer.endpoint(LOGS, HERE, **wish(HERE, "10.30.0.77"))
    assert addresses() == {"10.30.0.77"}
    change = {"VpcEndpointId": made["VpcEndpointId"], "AddSubnetIds": [consumer.subnets[THERE]]}
    consumer.sdk.modify_vpc_endpoint(**change, **wish(THERE, "10.30.1.78"))
    assert addresses() == {"10.30.0.77", "10.30.1.78"}
    for zone, address, refused in (
        (HERE, "10.30.0.77", "InvalidIPAddress.InUse"),
        (HERE, "10.30.1.79", "InvalidParameterValue"),
        (HERE, "10.30.0.2", "InvalidParameterValue"),
        (THERE, "10.30.1.79", "InvalidParameter"),
    ):
        asked = _ask(consumer, "com.amazonaws.us-east-1.sqs", HERE, **wish(zone, address))
        assert code(consumer.sdk.create_vpc_endpoint, **asked) == refused


def test_an_endpoint_without_subnets_has_no_names(consumer: Side) -> None:
    assert consumer.endpoint(LOGS)["DnsEntries"] == []
    assert len(consumer.endpoint(LOGS, HERE, PrivateDnsEnabled=False)["DnsEntries"]) == 2


def test_a_policy_is_kept_changed_and_reset(consumer: Side) -> None:
    made = consumer.endpoint(LOGS, HERE)
    default = made["PolicyDocument"]
    assert json.loads(default)["Statement"][0] == {
        "Action": "*",
        "Effect": "Allow",
        "Principal": "*",
        "Resource": "*",
    }
    _modify(consumer, made, PolicyDocument=POLICY)
    shown = consumer.shown(made["VpcEndpointId"])["PolicyDocument"]
    assert json.loads(shown) == json.loads(POLICY)
    _modify(consumer, made, ResetPolicy=True)
    assert consumer.shown(made["VpcEndpointId"])["PolicyDocument"] == default


def test_some_services_take_no_policy(consumer: Side, service: dict[str, Any]) -> None:
    for name in (MAIL, service["ServiceName"]):
        asked = _ask(consumer, name, HERE, PolicyDocument=POLICY)
        assert code(consumer.sdk.create_vpc_endpoint, **asked) == "InvalidParameter"
        made = consumer.endpoint(name, HERE)
        change = {"VpcEndpointId": made["VpcEndpointId"], "PolicyDocument": POLICY}
        assert code(consumer.sdk.modify_vpc_endpoint, **change) == "InvalidParameter"


def test_subnets_and_groups_change(consumer: Side) -> None:
    made = consumer.endpoint(LOGS, HERE)
    group = consumer.sdk.create_security_group(
        VpcId=consumer.vpc, GroupName="mine", Description="mine"
    )["GroupId"]
    default = made["Groups"][0]["GroupId"]
    _modify(consumer, made, AddSubnetIds=[consumer.subnets[HERE], consumer.subnets[THERE]])
    _modify(consumer, made, AddSecurityGroupIds=[group], RemoveSecurityGroupIds=[default])
    _modify(consumer, made, RemoveSubnetIds=[consumer.subnets[HERE]])
    shown = consumer.shown(made["VpcEndpointId"])
    assert shown["SubnetIds"] == [consumer.subnets[THERE]]
    assert [each["GroupId"] for each in shown["Groups"]] == [group]
    (interface,) = consumer.sdk.describe_network_interfaces()["NetworkInterfaces"]
    assert interface["NetworkInterfaceId"] == shown["NetworkInterfaceIds"][0]
    assert [each["GroupId"] for each in interface["Groups"]] == [group]
    last = {"VpcEndpointId": made["VpcEndpointId"], "RemoveSecurityGroupIds": [group]}
    assert code(consumer.sdk.modify_vpc_endpoint, **last) == "InvalidParameter"
    tables = {"VpcEndpointId": made["VpcEndpointId"], "AddRouteTableIds": ["rtb-12345678"]}
    assert code(consumer.sdk.modify_vpc_endpoint, **tables) == "InvalidParameter"


def test_a_change_while_another_runs_is_refused(consumer: Side, lab: Lab) -> None:
    lab.world({"settle_seconds": 5})
    made = consumer.endpoint(LOGS, HERE)
    change = {"VpcEndpointId": made["VpcEndpointId"], "AddSubnetIds": [consumer.subnets[THERE]]}
    words = ("OperationInProgress", "VpcEndpoint modify operation in progress")
    assert refusal(consumer.sdk.modify_vpc_endpoint, **change) == words
    lab.pass_time(5)
    consumer.sdk.modify_vpc_endpoint(**change)
    assert refusal(consumer.sdk.modify_vpc_endpoint, **change) == words
    assert consumer.states() == ["available"]


def test_an_endpoint_keeps_its_subnets_groups_and_vpc_until_it_is_gone(
    consumer: Side, lab: Lab
) -> None:
    lab.world({"settle_seconds": 5})
    sdk = consumer.sdk
    group = sdk.create_security_group(VpcId=consumer.vpc, GroupName="g", Description="g")["GroupId"]
    made = consumer.endpoint(LOGS, HERE, SecurityGroupIds=[group])
    in_the_way = (
        (sdk.delete_subnet, {"SubnetId": consumer.subnets[HERE]}),
        (sdk.delete_security_group, {"GroupId": group}),
        (sdk.delete_vpc, {"VpcId": consumer.vpc}),
    )
    for call, named in in_the_way:
        assert code(call, **named) == "DependencyViolation"
    sdk.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert consumer.states() == ["deleting"]
    for call, named in in_the_way:
        assert code(call, **named) == "DependencyViolation"
    lab.pass_time(5)
    assert consumer.states() == ["deleted"]
    assert sdk.describe_network_interfaces()["NetworkInterfaces"] == []
    for zone in (THERE, ELSEWHERE):
        sdk.delete_subnet(SubnetId=consumer.subnets[zone])
    for call, named in in_the_way:
        call(**named)


def test_fifty_interfaces_a_vpc(consumer: Side, quotas: Any) -> None:
    name = {"ServiceName": LOGS, "PrivateDnsEnabled": False}
    for _ in range(50):
        consumer.endpoint(LOGS, PrivateDnsEnabled=False)
    create = consumer.sdk.create_vpc_endpoint
    asked = {"VpcId": consumer.vpc, "VpcEndpointType": "Interface", **name}
    assert refusal(create, **asked) == (
        "VpcEndpointLimitExceeded",
        "The maximum number of VPC endpoints has been reached.",
    )
    another = consumer.sdk.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    create(**{**asked, "VpcId": another})
    assert quotas.get_service_quota(**QUOTA)["Quota"]["Value"] == 50.0


def test_a_full_subnet_takes_no_interface(consumer: Side) -> None:
    small = consumer.sdk.create_subnet(
        VpcId=consumer.vpc, CidrBlock="10.30.8.0/28", AvailabilityZoneId=HERE
    )["Subnet"]["SubnetId"]
    for _ in range(11):
        consumer.sdk.create_network_interface(SubnetId=small)
    asked = {**_ask(consumer, LOGS), "SubnetIds": [small]}
    assert code(consumer.sdk.create_vpc_endpoint, **asked) == "InsufficientFreeAddressesInSubnet"


def test_endpoints_bear_tags_and_are_made_once_a_token(consumer: Side) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "logs"}]}]
    made = consumer.endpoint(LOGS, HERE, TagSpecifications=tags, ClientToken="once")
    again = consumer.endpoint(LOGS, HERE, TagSpecifications=tags, ClientToken="once")
    assert again["VpcEndpointId"] == made["VpcEndpointId"]
    found = consumer.sdk.describe_vpc_endpoints(Filters=[{"Name": "tag:Name", "Values": ["logs"]}])
    assert [each["VpcEndpointId"] for each in found["VpcEndpoints"]] == [made["VpcEndpointId"]]
    consumer.sdk.create_tags(Resources=[made["VpcEndpointId"]], Tags=[{"Key": "a", "Value": "b"}])
    assert len(consumer.shown(made["VpcEndpointId"])["Tags"]) == 2


def test_a_service_in_another_region_is_asked_from_any_zone_with_remote_access(
    provider: Provider, consumer: Side, far: Side
) -> None:
    service = provider.publish(SupportedRegions=["us-west-2"])
    provider.allow(service, f"arn:aws:iam::{OTHER}:root")
    name = service["ServiceName"]
    create = far.sdk.create_vpc_endpoint
    assert code(create, **_ask(far, name, "usw2-az1")) == "InvalidServiceName"
    made = far.endpoint(name, "usw2-az1", "usw2-az2", ServiceRegion=REGION)
    assert made["ServiceRegion"] == REGION
    (connection,) = provider.connections(vpc_endpoint_region=["us-west-2"])
    assert connection["VpcEndpointId"] == made["VpcEndpointId"]
    assert connection["VpcEndpointRegion"] == "us-west-2"
    provider.answer("accept", service, made["VpcEndpointId"])
    assert far.states() == ["available"]


def test_one_subnet_without_remote_access_fails_the_call_in_these_words(consumer: Side) -> None:
    blocked = consumer.sdk.create_subnet(
        VpcId=consumer.vpc, CidrBlock="10.30.7.0/24", AvailabilityZoneId="use1-az3"
    )["Subnet"]["SubnetId"]
    name = "com.amazonaws.us-west-2.s3"
    asked = _ask(consumer, name, HERE, ServiceRegion="us-west-2", PrivateDnsEnabled=False)
    asked["SubnetIds"] = [*asked["SubnetIds"], blocked]
    words = "Only the following availability zones are supported for remote access: " + ", ".join(
        f"use1-az{number}" for number in (1, 2, 4, 5, 6)
    )
    assert refusal(consumer.sdk.create_vpc_endpoint, **asked) == ("InvalidParameter", words)
    made = consumer.endpoint(name, HERE, ServiceRegion="us-west-2", PrivateDnsEnabled=False)
    change = {"VpcEndpointId": made["VpcEndpointId"], "AddSubnetIds": [blocked]}
    assert refusal(consumer.sdk.modify_vpc_endpoint, **change) == ("InvalidParameter", words)


def test_there_are_no_names_of_zones_to_another_region(consumer: Side) -> None:
    name = "com.amazonaws.us-west-2.ecr.api"
    made = consumer.endpoint(name, HERE, THERE, ServiceRegion="us-west-2")
    names = [each["DnsName"] for each in consumer.shown(made["VpcEndpointId"])["DnsEntries"]]
    assert len(names) == 2
    assert names[0].endswith(".ecr.api.us-west-2.vpce.amazonaws.com")
    assert names[1] == "api.ecr.us-west-2.amazonaws.com"


@pytest.mark.parametrize("name", ["com.amazonaws.iam", "com.amazonaws.route53"])
def test_a_global_service_stands_in_one_region_and_is_asked_from_all(
    consumer: Side, far: Side, name: str
) -> None:
    assert consumer.endpoint(name, HERE)["ServiceRegion"] == REGION
    create = far.sdk.create_vpc_endpoint
    assert code(create, **_ask(far, name, "usw2-az1")) == "InvalidServiceName"
    elsewhere = _ask(far, name, "usw2-az1", ServiceRegion="eu-west-1")
    assert code(create, **elsewhere) == "InvalidServiceName"
    made = far.endpoint(name, "usw2-az1", ServiceRegion=REGION)
    assert (made["ServiceName"], made["ServiceRegion"]) == (name, REGION)


def test_multi_region_access_points_are_asked_in_each_region(far: Side) -> None:
    made = far.endpoint("com.amazonaws.s3-global.accesspoint", "usw2-az1")
    assert made["ServiceRegion"] == "us-west-2"


def test_a_participant_makes_no_interface_endpoint_in_a_shared_vpc(
    provider: Provider, consumer: Side, lab: Lab
) -> None:
    share = {"from_account": provider.account, "with_account": OTHER}
    lab.world({"share_vpc": {"vpc_id": provider.vpc, **share}})
    asked = {**_ask(consumer, LOGS), "VpcId": provider.vpc}
    assert code(consumer.sdk.create_vpc_endpoint, **asked) == "UnauthorizedOperation"


def test_a_failed_endpoint_says_why(consumer: Side, lab: Lab) -> None:
    made = consumer.endpoint(LOGS, HERE)
    identifier = made["VpcEndpointId"]
    lab.world({"fail": {"endpoint_id": identifier, "code": "Broken", "message": "It broke."}})
    shown = consumer.shown(identifier)
    assert shown["State"] == "failed"
    assert shown["LastError"] == {"Code": "Broken", "Message": "It broke."}
    change = {"VpcEndpointId": identifier, "AddSubnetIds": [consumer.subnets[THERE]]}
    assert code(consumer.sdk.modify_vpc_endpoint, **change) == "InvalidState"
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[identifier])
    assert consumer.states() == ["deleted"]


def test_an_endpoint_that_is_there_in_part_can_be_changed(consumer: Side, lab: Lab) -> None:
    identifier = consumer.endpoint(LOGS, HERE)["VpcEndpointId"]
    lab.world({"partial": identifier})
    assert consumer.states() == ["partial"]
    change = {"VpcEndpointId": identifier, "AddSubnetIds": [consumer.subnets[THERE]]}
    consumer.sdk.modify_vpc_endpoint(**change)
    assert len(consumer.shown(identifier)["SubnetIds"]) == 2


def test_interface_endpoints_are_listed_beside_gateways(consumer: Side) -> None:
    consumer.sdk.create_vpc_endpoint(VpcId=consumer.vpc, ServiceName=S3)
    made = consumer.endpoint(LOGS, HERE)
    only = [{"Name": "vpc-endpoint-type", "Values": ["Interface"]}]
    (found,) = consumer.sdk.describe_vpc_endpoints(Filters=only)["VpcEndpoints"]
    assert found["VpcEndpointId"] == made["VpcEndpointId"]
    assert len(consumer.states()) == 2


def test_interfaces_and_endpoints_trail_the_writes(consumer: Side, lab: Lab) -> None:
    lab.world({"lag_seconds": 10, "settle_seconds": 2})
    lab.pass_time(100)
    consumer.endpoint(LOGS, HERE)
    describe = consumer.sdk.describe_network_interfaces
    assert (consumer.states(), describe()["NetworkInterfaces"]) == ([], [])
    lab.pass_time(10)
    assert consumer.states() == ["pending"]
    lab.pass_time(2)
    assert consumer.states() == ["available"]
    assert len(describe()["NetworkInterfaces"]) == 1
