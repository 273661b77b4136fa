"""Which members of a request an operation heeds: whatever else is set is refused, never ignored."""

from __future__ import annotations

from typing import Any

from .errors import AwsError
from .models import operation_model
from .operations.absent import ABSENT

_DESCRIBE = "Filters MaxResults NextToken"
_ROUTE = "RouteTableId DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId"
_RULES = "GroupId IpPermissions IpProtocol FromPort ToPort CidrIp"
_DESCRIPTIONS = "GroupId GroupName IpPermissions SecurityGroupRuleDescriptions"
_ANSWERED = "ServiceId VpcEndpointIds"
_PLACES = "Subnets SubnetMappings"
_CHECKS = (
    "HealthCheckProtocol HealthCheckPort HealthCheckEnabled HealthCheckPath"
    " HealthCheckIntervalSeconds HealthCheckTimeoutSeconds HealthyThresholdCount"
    " UnhealthyThresholdCount Matcher"
)


def _everything(operation: str) -> str:
    model = operation_model("ec2", operation)
    return " ".join(model.input_shape.members) if model and model.input_shape else ""


_EC2 = {
    "AcceptVpcEndpointConnections": _ANSWERED,
    "AllocateAddress": "Domain TagSpecifications",
    "AssociateSubnetCidrBlock": "SubnetId Ipv6CidrBlock",
    "AssociateVpcCidrBlock": "VpcId CidrBlock AmazonProvidedIpv6CidrBlock",
    "AssociateRouteTable": "RouteTableId SubnetId GatewayId",
    "AttachInternetGateway": "InternetGatewayId VpcId",
    "AuthorizeSecurityGroupEgress": f"{_RULES} TagSpecifications",
    "AuthorizeSecurityGroupIngress": f"{_RULES} GroupName TagSpecifications",
    "CreateDefaultVpc": "",
    "CreateInternetGateway": "TagSpecifications",
    "CreateNatGateway": "SubnetId AllocationId ConnectivityType ClientToken TagSpecifications",
    "CreateNetworkInterface": "SubnetId Groups Description PrivateIpAddress ClientToken"
    " TagSpecifications",
    "CreateRoute": f"{_ROUTE} GatewayId NatGatewayId NetworkInterfaceId",
    "CreateRouteTable": "VpcId ClientToken TagSpecifications",
    "CreateSecurityGroup": "GroupName Description VpcId TagSpecifications",
    "CreateSubnet": "VpcId CidrBlock Ipv6CidrBlock Ipv6Native AvailabilityZone AvailabilityZoneId"
    " TagSpecifications",
    "CreateTags": "Resources Tags",
    "CreateVpc": "CidrBlock AmazonProvidedIpv6CidrBlock InstanceTenancy TagSpecifications",
    "CreateVpcEndpoint": "VpcId ServiceName VpcEndpointType PolicyDocument RouteTableIds"
    " SubnetIds SecurityGroupIds ClientToken TagSpecifications IpAddressType PrivateDnsEnabled"
    " SubnetConfigurations DnsOptions ServiceRegion ResourceConfigurationArn ServiceNetworkArn",
    "CreateVpcEndpointConnectionNotification": "ServiceId VpcEndpointId ConnectionNotificationArn"
    " ConnectionEvents ClientToken",
    "CreateVpcEndpointServiceConfiguration": "AcceptanceRequired PrivateDnsName ClientToken"
    " NetworkLoadBalancerArns GatewayLoadBalancerArns SupportedIpAddressTypes SupportedRegions"
    " TagSpecifications",
    "DeleteInternetGateway": "InternetGatewayId",
    "DeleteNatGateway": "NatGatewayId",
    "DeleteNetworkInterface": "NetworkInterfaceId",
    "DeleteRoute": _ROUTE,
    "DeleteRouteTable": "RouteTableId",
    "DeleteSecurityGroup": "GroupId GroupName",
    "DeleteSubnet": "SubnetId",
    "DeleteTags": "Resources Tags",
    "DeleteVpc": "VpcId",
    "DeleteVpcEndpointConnectionNotifications": "ConnectionNotificationIds",
    "DeleteVpcEndpointServiceConfigurations": "ServiceIds",
    "DeleteVpcEndpoints": "VpcEndpointIds",
    **{operation: _everything(operation) for operation in ABSENT},
    "DescribeAccountAttributes": "AttributeNames",
    "DescribeAddresses": "PublicIps AllocationIds Filters",
    "DescribeAvailabilityZones": "Filters ZoneNames ZoneIds AllAvailabilityZones",
    "DescribeDhcpOptions": f"DhcpOptionsIds {_DESCRIBE}",
    "DescribeInternetGateways": f"InternetGatewayIds {_DESCRIBE}",
    "DescribeManagedPrefixLists": f"PrefixListIds {_DESCRIBE}",
    "DescribeNatGateways": "NatGatewayIds Filter MaxResults NextToken",
    # The lab has no interfaces that AWS manages, so including them changes nothing.
    "DescribeNetworkAcls": f"NetworkAclIds {_DESCRIBE}",
    "DescribeNetworkInterfaces": f"NetworkInterfaceIds IncludeManagedResources {_DESCRIBE}",
    "DescribePrefixLists": f"PrefixListIds {_DESCRIBE}",
    "DescribeRegions": "RegionNames AllRegions Filters",
    "DescribeRouteTables": f"RouteTableIds {_DESCRIBE}",
    "DescribeSecurityGroupRules": f"SecurityGroupRuleIds {_DESCRIBE}",
    "DescribeSecurityGroups": f"GroupIds GroupNames {_DESCRIBE}",
    "DescribeSubnets": f"SubnetIds {_DESCRIBE}",
    "DescribeTags": _DESCRIBE,
    "DescribeVpcAttribute": "VpcId Attribute",
    "DescribeVpcEndpointAssociations": f"VpcEndpointIds {_DESCRIBE}",
    "DescribeVpcEndpointConnectionNotifications": f"ConnectionNotificationId {_DESCRIBE}",
    "DescribeVpcEndpointConnections": _DESCRIBE,
    "DescribeVpcEndpointServiceConfigurations": f"ServiceIds {_DESCRIBE}",
    "DescribeVpcEndpointServicePermissions": f"ServiceId {_DESCRIBE}",
    "DescribeVpcEndpointServices": f"ServiceNames ServiceRegions {_DESCRIBE}",
    "DescribeVpcEndpoints": f"VpcEndpointIds {_DESCRIBE}",
    "DescribeVpcs": f"VpcIds {_DESCRIBE}",
    "DetachInternetGateway": "InternetGatewayId VpcId",
    "DisassociateRouteTable": "AssociationId",
    "DisassociateSubnetCidrBlock": "AssociationId",
    "DisassociateVpcCidrBlock": "AssociationId",
    "GetManagedPrefixListEntries": "PrefixListId",
    "ModifyAvailabilityZoneGroup": "GroupName OptInStatus",
    "ModifySecurityGroupRules": "GroupId SecurityGroupRules",
    "ModifySubnetAttribute": "SubnetId MapPublicIpOnLaunch PrivateDnsHostnameTypeOnLaunch"
    " EnableResourceNameDnsARecordOnLaunch EnableResourceNameDnsAAAARecordOnLaunch",
    "ModifyVpcAttribute": "VpcId EnableDnsSupport EnableDnsHostnames"
    " EnableNetworkAddressUsageMetrics",
    "ModifyVpcEndpoint": "VpcEndpointId ResetPolicy PolicyDocument AddRouteTableIds"
    " RemoveRouteTableIds AddSubnetIds RemoveSubnetIds AddSecurityGroupIds RemoveSecurityGroupIds"
    " IpAddressType PrivateDnsEnabled SubnetConfigurations DnsOptions",
    "ModifyVpcEndpointConnectionNotification": "ConnectionNotificationId ConnectionNotificationArn"
    " ConnectionEvents",
    "ModifyVpcEndpointServiceConfiguration": "ServiceId PrivateDnsName RemovePrivateDnsName"
    " AcceptanceRequired AddNetworkLoadBalancerArns RemoveNetworkLoadBalancerArns"
    " AddSupportedRegions RemoveSupportedRegions AddSupportedIpAddressTypes"
    " RemoveSupportedIpAddressTypes",
    "ModifyVpcEndpointServicePermissions": "ServiceId AddAllowedPrincipals RemoveAllowedPrincipals"
    " PermissionType",
    "RejectVpcEndpointConnections": _ANSWERED,
    "ReleaseAddress": "AllocationId",
    "ReplaceRoute": f"{_ROUTE} GatewayId NatGatewayId NetworkInterfaceId",
    "ReplaceRouteTableAssociation": "AssociationId RouteTableId",
    "RevokeSecurityGroupEgress": f"{_RULES} SecurityGroupRuleIds",
    "RevokeSecurityGroupIngress": f"{_RULES} GroupName SecurityGroupRuleIds",
    "StartVpcEndpointServicePrivateDnsVerification": "ServiceId",
    "UpdateSecurityGroupRuleDescriptionsEgress": _DESCRIPTIONS,
    "UpdateSecurityGroupRuleDescriptionsIngress": _DESCRIPTIONS,
}
_BALANCING = {
    "AddTags": "ResourceArns Tags",
    "CreateListener": "LoadBalancerArn Protocol Port DefaultActions Tags",
    "CreateLoadBalancer": f"Name {_PLACES} SecurityGroups Scheme Tags Type IpAddressType",
    "CreateTargetGroup": f"Name Protocol Port VpcId TargetType IpAddressType Tags {_CHECKS}",
    "DeleteListener": "ListenerArn",
    "DeleteLoadBalancer": "LoadBalancerArn",
    "DeleteTargetGroup": "TargetGroupArn",
    "DeregisterTargets": "TargetGroupArn Targets",
    "DescribeListeners": "LoadBalancerArn ListenerArns Marker PageSize",
    "DescribeLoadBalancerAttributes": "LoadBalancerArn",
    "DescribeLoadBalancers": "LoadBalancerArns Names Marker PageSize",
    "DescribeTags": "ResourceArns",
    "DescribeTargetGroupAttributes": "TargetGroupArn",
    "DescribeTargetGroups": "LoadBalancerArn TargetGroupArns Names Marker PageSize",
    "DescribeTargetHealth": "TargetGroupArn Targets",
    "ModifyLoadBalancerAttributes": "LoadBalancerArn Attributes",
    "ModifyTargetGroupAttributes": "TargetGroupArn Attributes",
    "RegisterTargets": "TargetGroupArn Targets",
    "RemoveTags": "ResourceArns TagKeys",
    "SetSubnets": f"LoadBalancerArn {_PLACES}",
}
_QUOTAS = {
    "GetAWSDefaultServiceQuota": "ServiceCode QuotaCode",
    "GetServiceQuota": "ServiceCode QuotaCode",
    "ListServiceQuotas": "ServiceCode MaxResults NextToken",
    "RequestServiceQuotaIncrease": "ServiceCode QuotaCode DesiredValue",
}
#: By signing name and operation.
HEEDED = {
    (service, operation): frozenset(names.split())
    for service, table in (
        ("ec2", _EC2),
        ("elasticloadbalancing", _BALANCING),
        ("servicequotas", _QUOTAS),
    )
    for operation, names in table.items()
}


def check(service: str, operation: str, parameters: dict[str, Any]) -> None:
    """Refuses a member that the lab would otherwise have to ignore; false and empty ones pass.

    Raises:
        AwsError: UnsupportedOperation, which says that it is the lab's own limit.
    """
    heeded = HEEDED[service, operation]
    for member, value in parameters.items():
        if value and member != "DryRun" and member not in heeded:
            raise AwsError(
                "UnsupportedOperation",
                f"The lab does not serve the parameter {member} of {operation}.",
            )
