"""Which members of a request an operation heeds: whatever else is set is refused, never ignored."""

from __future__ import annotations

from typing import Any

from .errors import AwsError

_DESCRIBE = "Filters MaxResults NextToken"
_ROUTE = "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId"
_RULES = "GroupId IpPermissions IpProtocol FromPort ToPort CidrIp"
_PLACES = "Subnets SubnetMappings"

_HEEDED = {
    "AllocateAddress": "Domain TagSpecifications",
    "AssociateRouteTable": "RouteTableId SubnetId GatewayId",
    "AttachInternetGateway": "InternetGatewayId VpcId",
    "AuthorizeSecurityGroupEgress": _RULES,
    "AuthorizeSecurityGroupIngress": _RULES,
    "CreateDefaultVpc": "",
    "CreateInternetGateway": "TagSpecifications",
    "CreateLoadBalancer": f"Name {_PLACES} SecurityGroups Scheme Tags Type IpAddressType",
    "CreateNatGateway": "SubnetId AllocationId ConnectivityType ClientToken TagSpecifications",
    "CreateNetworkInterface": "SubnetId Groups Description PrivateIpAddress ClientToken"
    " TagSpecifications",
    "CreateRoute": f"{_ROUTE} GatewayId NatGatewayId NetworkInterfaceId",
    "CreateRouteTable": "VpcId ClientToken TagSpecifications",
    "CreateSecurityGroup": "GroupName Description VpcId TagSpecifications",
    "CreateSubnet": "VpcId CidrBlock AvailabilityZone AvailabilityZoneId TagSpecifications",
    "CreateTags": "Resources Tags",
    "CreateVpc": "CidrBlock InstanceTenancy TagSpecifications",
    "CreateVpcEndpoint": "VpcId ServiceName VpcEndpointType PolicyDocument RouteTableIds"
    " SubnetIds SecurityGroupIds ClientToken TagSpecifications",
    "DeleteInternetGateway": "InternetGatewayId",
    "DeleteLoadBalancer": "LoadBalancerArn",
    "DeleteNatGateway": "NatGatewayId",
    "DeleteNetworkInterface": "NetworkInterfaceId",
    "DeleteRoute": _ROUTE,
    "DeleteRouteTable": "RouteTableId",
    "DeleteSecurityGroup": "GroupId",
    "DeleteSubnet": "SubnetId",
    "DeleteTags": "Resources Tags",
    "DeleteVpc": "VpcId",
    "DeleteVpcEndpoints": "VpcEndpointIds",
    "DescribeAvailabilityZones": "Filters ZoneNames ZoneIds AllAvailabilityZones",
    "DescribeInternetGateways": f"InternetGatewayIds {_DESCRIBE}",
    "DescribeLoadBalancers": "LoadBalancerArns Names Marker PageSize",
    "DescribeManagedPrefixLists": f"PrefixListIds {_DESCRIBE}",
    "DescribeNatGateways": "NatGatewayIds Filter MaxResults NextToken",
    # The lab has no interfaces that AWS manages, so including them changes nothing.
    "DescribeNetworkInterfaces": f"NetworkInterfaceIds IncludeManagedResources {_DESCRIBE}",
    "DescribePrefixLists": f"PrefixListIds {_DESCRIBE}",
    "DescribeRouteTables": f"RouteTableIds {_DESCRIBE}",
    "DescribeSecurityGroups": f"GroupIds {_DESCRIBE}",
    "DescribeSubnets": f"SubnetIds {_DESCRIBE}",
    "DescribeTags": _DESCRIBE,
    "DescribeVpcAttribute": "VpcId Attribute",
    "DescribeVpcEndpointServices": f"ServiceNames {_DESCRIBE}",
    "DescribeVpcEndpoints": f"VpcEndpointIds {_DESCRIBE}",
    "DescribeVpcs": f"VpcIds {_DESCRIBE}",
    "DetachInternetGateway": "InternetGatewayId VpcId",
    "DisassociateRouteTable": "AssociationId",
    "GetAWSDefaultServiceQuota": "ServiceCode QuotaCode",
    "GetManagedPrefixListEntries": "PrefixListId",
    "GetServiceQuota": "ServiceCode QuotaCode",
    "ListServiceQuotas": "ServiceCode MaxResults NextToken",
    "ModifySubnetAttribute": "SubnetId MapPublicIpOnLaunch",
    "ModifyVpcAttribute": "VpcId EnableDnsSupport EnableDnsHostnames",
    "ModifyVpcEndpoint": "VpcEndpointId ResetPolicy PolicyDocument AddRouteTableIds"
    " RemoveRouteTableIds AddSubnetIds RemoveSubnetIds AddSecurityGroupIds PrivateDnsEnabled",
    "ReleaseAddress": "AllocationId",
    "ReplaceRoute": f"{_ROUTE} GatewayId NatGatewayId NetworkInterfaceId",
    "ReplaceRouteTableAssociation": "AssociationId RouteTableId",
    "RequestServiceQuotaIncrease": "ServiceCode QuotaCode DesiredValue",
    "RevokeSecurityGroupEgress": _RULES,
    "RevokeSecurityGroupIngress": _RULES,
    "SetSubnets": f"LoadBalancerArn {_PLACES}",
}
HEEDED = {operation: frozenset(names.split()) for operation, names in _HEEDED.items()}


def check(operation: str, parameters: dict[str, Any]) -> None:
    """Refuses a member that the lab would otherwise have to ignore; false and empty ones pass.

    Raises:
        AwsError: UnsupportedOperation, which says that it is the lab's own limit.
    """
    for member, value in parameters.items():
        if value and member != "DryRun" and member not in HEEDED[operation]:
            raise AwsError(
                "UnsupportedOperation",
                f"The lab does not serve the parameter {member} of {operation}.",
            )
