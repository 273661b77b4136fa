"""Every operation that the lab serves, once, and what AWS's own services are called."""

from __future__ import annotations

from typing import Any

import pytest

from lab.client import Lab

from .conftest import Net
from .sdk import Sdk
from .test_ipv6 import give_six
from .test_models import SERVED


def _tour(net: Net, balancing: Any, quotas: Any) -> None:
    """Calls every operation once, with success."""
    owner, vpc, subnet, table = net.owner, net.vpc, net.subnet, net.table
    owner.create_default_vpc()
    owner.modify_availability_zone_group(GroupName="us-east-1-bos-1", OptInStatus="opted-in")
    owner.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    owner.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    owner.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    _tour_tables(net)
    _tour_blocks(net)
    _tour_groups(net)
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
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    rules = {"GroupId": group, "IpPermissions": [rule]}
    owner.authorize_security_group_ingress(**rules)
    owner.authorize_security_group_egress(**rules)
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
        "availability_zones",
        "internet_gateways",
        "nat_gateways",
        "network_interfaces",
        "prefix_lists",
        "route_tables",
        "security_groups",
        "subnets",
        "tags",
        "vpc_endpoint_connection_notifications",
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
    # A member that the model does not have, or that it requires and the answer lacks, is an
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
