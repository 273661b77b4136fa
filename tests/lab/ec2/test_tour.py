"""Every operation that the lab serves, once, and what AWS's own services are called."""

from __future__ import annotations

from typing import Any

import pytest

from lab.client import Lab
from tests.lab.ec2.pieces import SERVED, give_six

from .conftest import Net
from .sdk import Sdk, code


def _tour(net: Net, balancing: Any, quotas: Any) -> None:
    """Calls every operation once, with success."""
    owner, vpc, subnet, table = net.owner, net.vpc, net.subnet, net.table
    owner.create_default_vpc()
    owner.modify_availability_zone_group(GroupName="us-east-1-bos-1", OptInStatus="opted-in")
    owner.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    owner.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    owner.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    _tour_tables(net)
    _tour_groups(net)
    _tour_blocks(net)
    endpoint = net.endpoint(table)
    owner.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[net.main])
    owner.create_tags(Resources=[endpoint], Tags=[{"Key": "a", "Value": "b"}])
    interface = owner.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    address = owner.allocate_address()["AllocationId"]
    nat = owner.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
    lists = owner.describe_managed_prefix_lists()["PrefixLists"]
    owner.get_managed_prefix_list_entries(PrefixListId=lists[0]["PrefixListId"])
    balancer = _tour_balancing(net, balancing)
    _tour_privatelink(net, balancer["LoadBalancerArn"])
    _tour_describes(owner)
    balancing.describe_load_balancers()
    balancing.delete_load_balancer(**balancer)
    quota = {"ServiceCode": "vpc", "QuotaCode": "L-1B52E74A"}
    quotas.get_service_quota(**quota)
    quotas.get_aws_default_service_quota(**quota)
    quotas.request_service_quota_increase(**quota, DesiredValue=30)
    quotas.list_service_quotas(ServiceCode="vpc")
    owner.delete_tags(Resources=[endpoint])
    owner.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    owner.release_address(AllocationId=address)
    owner.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    owner.delete_route_table(RouteTableId=table)
    owner.delete_subnet(SubnetId=subnet)
    owner.delete_vpc(VpcId=vpc)


def _tour_tables(net: Net) -> None:
    owner, vpc, table = net.owner, net.vpc, net.table
    gateway = owner.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    attached = {"InternetGatewayId": gateway, "VpcId": vpc}
    owner.attach_internet_gateway(**attached)
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    owner.create_route(**route, GatewayId=gateway)
    owner.replace_route(**route, GatewayId=gateway)
    owner.delete_route(**route)
    owner.detach_internet_gateway(**attached)
    owner.delete_internet_gateway(InternetGatewayId=gateway)
    made = owner.associate_route_table(RouteTableId=table, SubnetId=net.subnet)
    moved = owner.replace_route_table_association(
        AssociationId=made["AssociationId"], RouteTableId=net.main
    )
    owner.disassociate_route_table(AssociationId=moved["NewAssociationId"])


def _tour_blocks(net: Net) -> None:
    owner = net.owner
    (block, *_) = give_six(owner, net.vpc)
    held = owner.associate_subnet_cidr_block(SubnetId=net.subnet, Ipv6CidrBlock=block)
    identifier = held["Ipv6CidrBlockAssociation"]["AssociationId"]
    owner.disassociate_subnet_cidr_block(AssociationId=identifier)
    (shown,) = owner.describe_vpcs(VpcIds=[net.vpc])["Vpcs"]
    identifier = shown["Ipv6CidrBlockAssociationSet"][0]["AssociationId"]
    owner.disassociate_vpc_cidr_block(AssociationId=identifier)


def _tour_groups(net: Net) -> None:
    owner = net.owner
    make = {"VpcId": net.vpc, "GroupName": "g", "Description": "g"}
    group = owner.create_security_group(**make)["GroupId"]
    everything = {"IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"}
    (born,) = owner.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    named = {"SecurityGroupRuleId": born["SecurityGroupRuleId"]}
    owner.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{**named, "SecurityGroupRule": everything}]
    )
    described = {"SecurityGroupRuleDescriptions": [{**named, "Description": "all"}]}
    owner.update_security_group_rule_descriptions_egress(GroupId=group, **described)
    ingress = owner.update_security_group_rule_descriptions_ingress
    assert code(ingress, GroupId=group, **described) == "InvalidSecurityGroupRuleId.NotFound"
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    rules = {"GroupId": group, "IpPermissions": [rule]}
    owner.authorize_security_group_ingress(**rules)
    owner.authorize_security_group_egress(**rules)
    ingress(**rules)
    owner.describe_security_groups()
    owner.revoke_security_group_ingress(**rules)
    owner.revoke_security_group_egress(**rules)
    owner.delete_security_group(GroupId=group)


def _tour_balancing(net: Net, balancing: Any) -> dict[str, str]:
    made = balancing.create_load_balancer(
        Name="b", Type="network", Subnets=[net.subnet], Scheme="internal"
    )
    balancer = {"LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"]}
    balancing.set_subnets(**balancer, Subnets=[net.subnet])
    group = balancing.create_target_group(Name="g", Protocol="TCP", Port=443, VpcId=net.vpc)
    of = {"TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}
    action = {"Type": "forward", **of}
    listener = balancing.create_listener(
        **balancer, Protocol="TCP", Port=443, DefaultActions=[action]
    )["Listeners"][0]
    targets = {**of, "Targets": [{"Id": "10.20.1.4"}]}
    balancing.register_targets(**targets)
    balancing.describe_target_groups()
    balancing.describe_listeners(**balancer)
    balancing.describe_target_health(**of)
    balancing.deregister_targets(**targets)
    balancing.modify_target_group_attributes(**of, Attributes=[])
    balancing.describe_target_group_attributes(**of)
    balancing.modify_load_balancer_attributes(**balancer, Attributes=[])
    balancing.describe_load_balancer_attributes(**balancer)
    arns = {"ResourceArns": [balancer["LoadBalancerArn"]]}
    balancing.add_tags(**arns, Tags=[{"Key": "a", "Value": "b"}])
    balancing.describe_tags(**arns)
    balancing.remove_tags(**arns, TagKeys=["a"])
    balancing.delete_listener(ListenerArn=listener["ListenerArn"])
    balancing.delete_target_group(**of)
    return balancer


def _tour_privatelink(net: Net, balancer: str) -> None:
    owner = net.owner
    made = owner.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer], PrivateDnsName="a.example.com"
    )["ServiceConfiguration"]
    of = {"ServiceId": made["ServiceId"]}
    owner.start_vpc_endpoint_service_private_dns_verification(**of)
    owner.modify_vpc_endpoint_service_configuration(**of)
    owner.modify_vpc_endpoint_service_permissions(**of, AddAllowedPrincipals=["*"])
    owner.describe_vpc_endpoint_service_permissions(**of)
    topic = "arn:aws:sns:us-east-1:111111111111:t"
    told = owner.create_vpc_endpoint_connection_notification(
        **of, ConnectionNotificationArn=topic, ConnectionEvents=["Connect"]
    )["ConnectionNotification"]
    named = {"ConnectionNotificationId": told["ConnectionNotificationId"]}
    owner.modify_vpc_endpoint_connection_notification(**named, ConnectionEvents=["Accept"])
    endpoint = owner.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName=made["ServiceName"],
        VpcEndpointType="Interface",
        SubnetIds=[net.subnet],
    )["VpcEndpoint"]["VpcEndpointId"]
    owner.accept_vpc_endpoint_connections(**of, VpcEndpointIds=[endpoint])
    _tour_describes(owner)
    owner.reject_vpc_endpoint_connections(**of, VpcEndpointIds=[endpoint])
    owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    owner.delete_vpc_endpoint_connection_notifications(
        ConnectionNotificationIds=[told["ConnectionNotificationId"]]
    )
    owner.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])


def _tour_describes(owner: Any) -> None:
    for name in (
        "account_attributes",
        "addresses",
        "availability_zones",
        "carrier_gateways",
        "customer_gateways",
        "dhcp_options",
        "egress_only_internet_gateways",
        "flow_logs",
        "instances",
        "internet_gateways",
        "nat_gateways",
        "network_acls",
        "network_interfaces",
        "prefix_lists",
        "regions",
        "route_tables",
        "security_group_rules",
        "security_groups",
        "subnets",
        "tags",
        "transit_gateway_vpc_attachments",
        "transit_gateways",
        "vpc_endpoint_associations",
        "vpc_endpoint_connection_notifications",
        "vpc_peering_connections",
        "vpn_connections",
        "vpn_gateways",
        "vpc_endpoint_connections",
        "vpc_endpoint_service_configurations",
        "vpc_endpoint_services",
        "vpc_endpoints",
        "vpcs",
    ):
        getattr(owner, f"describe_{name}")()


def test_every_operation_answers_within_its_model(
    net: Net, balancing: Any, quotas: Any, lab: Lab
) -> None:
    # A member that the model does not have, or that it requires and the answer doesn't have, is an
    # InternalError of the lab's.
    _tour(net, balancing, quotas)
    answered = {(call["service"], call["operation"]) for call in lab.calls(error=None)}
    assert answered == SERVED


def test_s3_and_dynamodb_come_as_gateway_and_as_interface(owner: Any) -> None:
    names = ["com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"]
    details = owner.describe_vpc_endpoint_services(ServiceNames=names)["ServiceDetails"]
    kinds = sorted((d["ServiceName"], d["ServiceType"][0]["ServiceType"]) for d in details)
    assert kinds == sorted((name, kind) for name in names for kind in ("Gateway", "Interface"))
    gateways = owner.describe_vpc_endpoint_services(
        Filters=[{"Name": "service-type", "Values": ["Gateway"]}]
    )["ServiceDetails"]
    assert len(gateways) == 3
    zones = owner.describe_availability_zones()["AvailabilityZones"]
    assert set(gateways[0]["AvailabilityZones"]) == {zone["ZoneName"] for zone in zones}


def _services(of: Any) -> dict[str, dict[str, Any]]:
    return {
        each["ServiceName"]: each for each in of.describe_vpc_endpoint_services()["ServiceDetails"]
    }


def test_some_names_of_services_begin_otherwise(sdk: Sdk, owner: Any) -> None:
    here = _services(owner)
    assert {"com.amazonaws.us-east-1.ecs-agent", "aws.sagemaker.us-east-1.studio"} <= here.keys()
    assert not any("amazonaws.com.cn" in str(each) for each in here.values())
    china = _services(sdk.client(region="cn-north-1"))
    private = china["cn.com.amazonaws.cn-north-1.ecr.api"]["PrivateDnsNames"]
    assert private == [{"PrivateDnsName": "api.ecr.cn-north-1.amazonaws.com.cn"}]
    assert {"com.amazonaws.cn-north-1.logs", "com.amazonaws.cn-north-1.s3"} <= china.keys()
    assert china["cn.com.amazonaws.cn-north-1.s3"]["ServiceType"] == [{"ServiceType": "Interface"}]


def test_regions_are_those_of_the_partition(sdk: Sdk, owner: Any) -> None:
    shown = {each["RegionName"]: each for each in owner.describe_regions()["Regions"]}
    assert shown["us-east-1"]["OptInStatus"] == "opt-in-not-required"
    assert shown["af-south-1"]["OptInStatus"] == "opted-in"
    assert not any(name.startswith("cn-") for name in shown)
    (china,) = sdk.client(region="cn-north-1").describe_regions(RegionNames=["cn-north-1"])[
        "Regions"
    ]
    assert china["Endpoint"] == "ec2.cn-north-1.amazonaws.com.cn"
    assert code(owner.describe_regions, RegionNames=["mars-1"]) == "InvalidParameterValue"


def test_what_nobody_has_is_described_as_nothing(owner: Any) -> None:
    assert owner.describe_vpn_gateways()["VpnGateways"] == []
    named = {"VpnGatewayIds": ["vgw-0123456789abcdef0"]}
    assert code(owner.describe_vpn_gateways, **named) == "InvalidVpnGatewayID.NotFound"
    assert owner.describe_vpc_endpoint_associations()["VpcEndpointAssociations"] == []


def test_a_tool_that_looks_around_finds_what_a_vpc_comes_with(net: Net) -> None:
    in_vpc = [{"Name": "vpc-id", "Values": [net.vpc]}, {"Name": "default", "Values": ["true"]}]
    (acl,) = net.owner.describe_network_acls(Filters=in_vpc)["NetworkAcls"]
    assert [each["SubnetId"] for each in acl["Associations"]] == [net.subnet]
    assert {each["RuleNumber"] for each in acl["Entries"]} == {100, 32767}
    options = net.owner.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]["DhcpOptionsId"]
    (dhcp,) = net.owner.describe_dhcp_options(DhcpOptionsIds=[options])["DhcpOptions"]
    assert {each["Key"] for each in dhcp["DhcpConfigurations"]} == {
        "domain-name",
        "domain-name-servers",
    }
    usage = "enableNetworkAddressUsageMetrics"
    shown = net.owner.describe_vpc_attribute(VpcId=net.vpc, Attribute=usage)
    assert shown["EnableNetworkAddressUsageMetrics"] == {"Value": False}
    made = net.owner.allocate_address()
    found = net.owner.describe_addresses(AllocationIds=[made["AllocationId"]])["Addresses"]
    assert [each["PublicIp"] for each in found] == [made["PublicIp"]]


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "eu-west-1"])
def test_service_names_have_one_form_in_every_partition(sdk: Sdk, region: str) -> None:
    there = sdk.client(region=region)
    vpc = there.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    name = f"com.amazonaws.{region}.s3"
    made = there.create_vpc_endpoint(VpcId=vpc, ServiceName=name)["VpcEndpoint"]
    assert made["ServiceName"] == name
    subnet = there.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]
    partition = {"c": "aws-cn", "u": "aws-us-gov", "e": "aws"}[region[0]]
    assert subnet["SubnetArn"].startswith(f"arn:{partition}:ec2:{region}:")
