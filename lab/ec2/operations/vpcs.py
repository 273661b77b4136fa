"""VPCs: made with a main route table, deleted only when nothing hangs on them."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, dependency_violation, invalid_value, missing_parameter
from ..identifiers import VPC
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network
from ..zones import zones
from . import account, blocks, gateways, nat, owned, subnets, vpc_blocks

Item = dict[str, Any]


def view(network: Network, vpc: Any, now: float) -> Item:
    """A VPC as DescribeVpcs shows it."""
    return {
        "VpcId": vpc.id,
        "OwnerId": network.account_id,
        "State": "available",
        "CidrBlock": vpc.cidr_block,
        **vpc_blocks.views(network, vpc, now),
        "DhcpOptionsId": account.dhcp_options_id(network),
        "InstanceTenancy": vpc.instance_tenancy,
        "IsDefault": vpc.is_default,
        "Tags": network.tags_of(vpc.id),
    }


KIND = Kind("vpc", lambda network: network.vpcs.values(), lambda vpc: str(vpc.id), view)

_IPV6 = ("Ipv6CidrBlockAssociationSet",)
_LISTING = Listing(
    kind=KIND,
    result="Vpcs",
    ids="VpcIds",
    id_kind=VPC,
    id_filter="vpc-id",
    vpc_filter="vpc-id",
    shared=True,
    filters={
        **TAG_FILTERS,
        "vpc-id": ("VpcId",),
        "cidr": ("CidrBlock",),
        "cidrBlock": ("CidrBlock",),
        "cidr-block-association.cidr-block": ("CidrBlockAssociationSet", "CidrBlock"),
        "cidr-block-association.association-id": ("CidrBlockAssociationSet", "AssociationId"),
        "cidr-block-association.state": ("CidrBlockAssociationSet", "CidrBlockState", "State"),
        "dhcp-options-id": ("DhcpOptionsId",),
        "dhcpOptionsId": ("DhcpOptionsId",),
        "ipv6-cidr-block-association.association-id": (*_IPV6, "AssociationId"),
        "ipv6-cidr-block-association.ipv6-cidr-block": (*_IPV6, "Ipv6CidrBlock"),
        "ipv6-cidr-block-association.ipv6-pool": (*_IPV6, "Ipv6Pool"),
        "ipv6-cidr-block-association.state": (*_IPV6, "Ipv6CidrBlockState", "State"),
        "is-default": ("IsDefault",),
        "isDefault": ("IsDefault",),
        "owner-id": ("OwnerId",),
        "state": ("State",),
    },
)


def _create(call: Call) -> Item:
    if not call.get("CidrBlock"):
        raise missing_parameter("CidrBlock")
    tags = call.tags_for("vpc")
    vpc = call.network.create_vpc(
        blocks.normal(call.get("CidrBlock"), "InvalidVpc.Range"),
        instance_tenancy=call.get("InstanceTenancy", "default"),
    )
    call.network.create_tags([vpc.id], tags)
    if call.get("AmazonProvidedIpv6CidrBlock"):
        vpc_blocks.add_amazons(call, vpc)
    shown = {"Ipv6CidrBlockAssociationSet": [], **view(call.network, vpc, 0)}
    return {"Vpc": {**shown, "State": "pending"}}


def _create_default(call: Call) -> Item:
    network = call.network
    if any(vpc.is_default for vpc in network.vpcs.values()):
        raise AwsError(
            "DefaultVpcAlreadyExists",
            "A Default VPC already exists for this account in this region.",
        )
    vpc = network.create_vpc("172.31.0.0/16", is_default=True)
    network.default_vpc = vpc
    for number, zone in enumerate(zones(call.caller.account, call.caller.region)):
        block = f"172.31.{number * 16}.0/20"
        subnets.make(call, vpc.id, block, zone, default=True)
    gateways.connect_to_internet(network, vpc)
    return {"Vpc": {**view(network, vpc, 0), "State": "pending"}}


def _delete(call: Call) -> Item:
    network = call.network
    vpc = owned.vpc(call, call.get("VpcId"))
    if _has_dependencies(network, vpc.id):
        raise dependency_violation("vpc", vpc.id)
    for gone in [*network.tables_of(vpc.id), *network.groups.pop(vpc.id, {}).values()]:
        network.route_tables.pop(gone.id, None)
        network.forget_tags(gone.id)
    for acl in [each for each in network.network_acls.values() if each.vpc_id == vpc.id]:
        network.network_acls.pop(acl.id)
    del network.vpcs[vpc.id]
    network.forget_tags(vpc.id)
    if network.default_vpc is vpc:
        network.default_vpc = None
    call.world.shares.pop(vpc.id, None)
    return {"Return": True}


def _has_dependencies(network: Network, vpc_id: str) -> bool:
    """Whether a VPC holds anything but what CreateVpc made with it."""
    return bool(
        network.subnets_of(vpc_id)
        or len(network.tables_of(vpc_id)) > 1
        or network.endpoints_of(vpc_id)
        or any(not group.is_default for group in network.groups.get(vpc_id, {}).values())
        or gateways.attached_to(network, vpc_id)
        or nat.living_in(network, vpc_id)
    )


_ATTRIBUTES = {
    "enableDnsSupport": ("EnableDnsSupport", "enable_dns_support"),
    "enableDnsHostnames": ("EnableDnsHostnames", "enable_dns_hostnames"),
    "enableNetworkAddressUsageMetrics": (
        "EnableNetworkAddressUsageMetrics",
        "enable_network_address_usage_metrics",
    ),
}


def _describe_attribute(call: Call) -> Item:
    vpc = owned.vpc(call, call.get("VpcId"))
    name = call.get("Attribute")
    if name not in _ATTRIBUTES:
        raise invalid_value(name, "attribute")
    member, held = _ATTRIBUTES[name]
    return {"VpcId": vpc.id, member: {"Value": bool(getattr(vpc, held))}}


def _modify_attribute(call: Call) -> Item:
    vpc = owned.vpc(call, call.get("VpcId"))
    for member, held in _ATTRIBUTES.values():
        if member in call.parameters:
            if "Value" not in call.get(member):
                raise missing_parameter(f"{member}.Value")
            setattr(vpc, held, call.get(member)["Value"])
    return {"Return": True}


OPERATIONS: Operations = {
    "CreateVpc": _create,
    "CreateDefaultVpc": _create_default,
    "DeleteVpc": _delete,
    "DescribeVpcs": describe(_LISTING),
    "DescribeVpcAttribute": _describe_attribute,
    "ModifyVpcAttribute": _modify_attribute,
}
