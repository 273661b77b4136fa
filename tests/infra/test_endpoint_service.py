"""The construct for those who declare an endpoint service in a CDK app of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Fn, Stack, Tags, aws_ec2
from aws_cdk.assertions import Match, Template

from infra.endpoint_service import PublishedService
from tests.infra.provider import ROOT, TIER, Provider
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.pieces import TOPIC
from tests.lab.ec2.sdk import Sdk

# pytest finds fixtures by their names.
running, sdk, consumer = lab.running, lab.sdk, lab.consumer


def balancer(template: Template) -> dict[str, Any]:
    (found,) = template.find_resources("AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def test_an_internal_balancer_stands_in_the_tagged_subnets() -> None:
    found = balancer(Template.from_stack(Provider(subnets=TIER)))
    assert (found["Type"], found["Scheme"]) == ("network", "internal")
    assert [each["Ref"][:17] for each in found["Subnets"]] == [
        "VpcservicesSubnet",
        "VpcservicesSubnet",
    ]
    assert len({each["Ref"] for each in found["Subnets"]}) == 2
    assert "SecurityGroups" not in found


def test_of_two_tagged_subnets_in_a_zone_it_takes_one() -> None:
    stack = Provider(subnets=TIER)
    for subnet in stack.vpc.isolated_subnets:
        Tags.of(subnet).add("tier", "services")
    assert len(balancer(Template.from_stack(stack))["Subnets"]) == 2


def test_subnets_can_be_chosen_as_cdk_does() -> None:
    chosen = aws_ec2.SubnetSelection(subnet_group_name="apps")
    found = balancer(Template.from_stack(Provider(subnets=chosen)))
    assert {each["Ref"][:13] for each in found["Subnets"]} == {"VpcappsSubnet"}


def test_an_imported_vpc_names_its_subnets_and_looks_nothing_up() -> None:
    stack = Stack(App(), "Elsewhere")
    vpc = aws_ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0a",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0a"],
    )
    PublishedService(stack, "Orders", vpc=vpc)
    assert balancer(Template.from_stack(stack))["Subnets"] == ["subnet-0a"]


def test_tags_that_no_subnet_bears_fail_the_synth() -> None:
    with pytest.raises(RuntimeError, match="no subnet of Provider/Vpc that this app declares"):
        Template.from_stack(Provider(subnets={"tier": "nowhere"}))


def test_the_service_requires_acceptance_and_lets_the_named_ask() -> None:
    template = Template.from_stack(
        Provider(subnets=TIER, allowed_principals=[ROOT], supported_regions=["eu-west-1"])
    )
    template.has_resource_properties(
        "AWS::EC2::VPCEndpointService",
        {
            "AcceptanceRequired": True,
            "NetworkLoadBalancerArns": [{"Ref": Match.string_like_regexp("OrdersLoadBalancer")}],
            "SupportedRegions": ["eu-west-1"],
        },
    )
    template.has_resource_properties(
        "AWS::EC2::VPCEndpointServicePermissions", {"AllowedPrincipals": [ROOT]}
    )
    template.resource_count_is("AWS::EC2::VPCEndpointConnectionNotification", 0)


def test_notifications_go_to_the_topic_that_is_given() -> None:
    arn = Fn.import_value("AutopilotConnectionTopic")
    template = Template.from_stack(Provider(subnets=TIER, notification_topic_arn=arn))
    template.has_resource_properties(
        "AWS::EC2::VPCEndpointConnectionNotification",
        {
            "ConnectionEvents": ["Connect", "Delete"],
            "ConnectionNotificationArn": {"Fn::ImportValue": "AutopilotConnectionTopic"},
            "ServiceId": {"Ref": Match.string_like_regexp("OrdersService")},
        },
    )


class Deployer:
    """Makes a template's network and service with a plain SDK, as CloudFormation's handlers do.

    The lab's CloudFormation knows no endpoint services, and has subnets of its own.
    """

    def __init__(self, template: dict[str, Any], sdk: Sdk) -> None:
        self.resources = template["Resources"]
        self.made: dict[str, str] = {}
        self.ec2, self.elb = sdk.client(), sdk.client(service="elbv2")

    def of(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            (name, self.resolved(resource["Properties"]))
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        ]

    def resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolved(each) for each in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Ref": str(name)}:
                return self.made.get(name, name)
            case {"Fn::Select": [int(number), _]}:
                return f"us-east-1{'abc'[number]}"
        return {key: self.resolved(each) for key, each in value.items()}

    def deploy(self) -> None:
        for name, given in self.of("AWS::EC2::VPC"):
            made = self.ec2.create_vpc(CidrBlock=given["CidrBlock"])
            self.made[name] = made["Vpc"]["VpcId"]
        for name, given in self.of("AWS::EC2::Subnet"):
            wanted = {key: given[key] for key in ("VpcId", "CidrBlock", "AvailabilityZone")}
            self.made[name] = self.ec2.create_subnet(**wanted)["Subnet"]["SubnetId"]
        for name, given in self.of("AWS::ElasticLoadBalancingV2::LoadBalancer"):
            wanted = {key: given[key] for key in ("Type", "Scheme", "Subnets")}
            made = self.elb.create_load_balancer(Name="orders", **wanted)
            self.made[name] = made["LoadBalancers"][0]["LoadBalancerArn"]
        self._publish()

    def _publish(self) -> None:
        for name, given in self.of("AWS::EC2::VPCEndpointService"):
            made = self.ec2.create_vpc_endpoint_service_configuration(**given)
            self.made[name] = made["ServiceConfiguration"]["ServiceId"]
        for _, given in self.of("AWS::EC2::VPCEndpointServicePermissions"):
            self.ec2.modify_vpc_endpoint_service_permissions(
                ServiceId=given["ServiceId"], AddAllowedPrincipals=given["AllowedPrincipals"]
            )
        for _, given in self.of("AWS::EC2::VPCEndpointConnectionNotification"):
            self.ec2.create_vpc_endpoint_connection_notification(**given)


def test_what_it_declares_is_what_aws_takes_and_a_consumer_can_ask(sdk: Sdk, consumer: Any) -> None:
    stack = Provider(subnets=TIER, allowed_principals=[ROOT], notification_topic_arn=TOPIC)
    Deployer(json.loads(json.dumps(Template.from_stack(stack).to_json())), sdk).deploy()
    (made,) = sdk.client().describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    assert len(made["AvailabilityZoneIds"]) == 2
    endpoint = consumer.endpoint(made["ServiceName"], made["AvailabilityZoneIds"][0])
    assert endpoint["State"] == "pendingAcceptance"
    heard = sdk.client().describe_vpc_endpoint_connection_notifications()
    assert [n["ServiceId"] for n in heard["ConnectionNotificationSet"]] == [made["ServiceId"]]
