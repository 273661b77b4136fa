"""Subnets, in zones that the account names its own way."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, dependency_violation, invalid_value, missing_parameter
from ..identifiers import SUBNET
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network
from ..zones import find_edge, find_zone, zone_name, zone_of, zones
from . import availability, blocks, owned, subnet_blocks

Item = dict[str, Any]


def view(network: Network, subnet: Any, _now: float) -> Item:
    """A subnet as DescribeSubnets shows it to its owner."""
    region, account = network.region_name, network.account_id
    taken = sum(len(eni.private_ip_addresses) for eni in network.interfaces_in(subnet.id))
    return {
        "SubnetId": subnet.id,
        "SubnetArn": f"arn:{network.partition}:ec2:{region}:{account}:subnet/{subnet.id}",
        "State": "available",
        "VpcId": subnet.vpc_id,
        **subnet_blocks.view(subnet),
        "AvailabilityZone": subnet.availability_zone,
        "AvailabilityZoneId": subnet.availability_zone_id,
        "OwnerId": account,
        "AvailableIpAddressCount": _count(subnet) - taken,
        "DefaultForAz": subnet.default_for_az,
        "MapPublicIpOnLaunch": subnet.map_public_ip_on_launch,
        "AssignIpv6AddressOnCreation": subnet.ipv6_native,
        "EnableDns64": False,
        "MapCustomerOwnedIpOnLaunch": False,
        "PrivateDnsNameOptionsOnLaunch": _name_options(subnet),
        "Tags": network.tags_of(subnet.id),
    }


def _count(subnet: Any) -> int:
    """IPv4 addresses that AWS leaves to the subnet's owner."""
    return int(subnet.cidr.num_addresses) - 5 if subnet.cidr_block else 0


def _name_options(subnet: Any) -> Item:
    """How instances get their names: by their address, unless ModifySubnetAttribute says else."""
    options: Item = getattr(subnet, "name_options", {})
    return {
        "HostnameType": "ip-name",
        "EnableResourceNameDnsARecord": False,
        "EnableResourceNameDnsAAAARecord": False,
        **options,
    }


def _localise(call: Call, item: Item) -> Item:
    name = zone_name(call.caller.account, call.caller.region, item["AvailabilityZoneId"])
    return {**item, "AvailabilityZone": name}


KIND = Kind("subnet", Network.all_subnets, lambda subnet: str(subnet.vpc_id), view)

_IPV6 = ("Ipv6CidrBlockAssociationSet",)
_NAMES = "private-dns-name-options-on-launch"
_NAME_OPTIONS = {
    "hostname-type": "HostnameType",
    "enable-resource-name-dns-a-record": "EnableResourceNameDnsARecord",
    "enable-resource-name-dns-aaaa-record": "EnableResourceNameDnsAAAARecord",
}
_LISTING = Listing(
    kind=KIND,
    result="Subnets",
    ids="SubnetIds",
    id_kind=SUBNET,
    id_filter="subnet-id",
    vpc_filter="vpc-id",
    shared=True,
    localise=_localise,
    filters={
        **TAG_FILTERS,
        "subnet-id": ("SubnetId",),
        "vpc-id": ("VpcId",),
        "availability-zone": ("AvailabilityZone",),
        "availabilityZone": ("AvailabilityZone",),
        "availability-zone-id": ("AvailabilityZoneId",),
        "availabilityZoneId": ("AvailabilityZoneId",),
        "available-ip-address-count": ("AvailableIpAddressCount",),
        "cidr-block": ("CidrBlock",),
        "cidr": ("CidrBlock",),
        "cidrBlock": ("CidrBlock",),
        "customer-owned-ipv4-pool": ("CustomerOwnedIpv4Pool",),
        "default-for-az": ("DefaultForAz",),
        "defaultForAz": ("DefaultForAz",),
        "enable-dns64": ("EnableDns64",),
        "enable-lni-at-device-index": ("EnableLniAtDeviceIndex",),
        "ipv6-cidr-block-association.association-id": (*_IPV6, "AssociationId"),
        "ipv6-cidr-block-association.ipv6-cidr-block": (*_IPV6, "Ipv6CidrBlock"),
        "ipv6-cidr-block-association.state": (*_IPV6, "Ipv6CidrBlockState", "State"),
        "ipv6-native": ("Ipv6Native",),
        "map-customer-owned-ip-on-launch": ("MapCustomerOwnedIpOnLaunch",),
        "map-public-ip-on-launch": ("MapPublicIpOnLaunch",),
        "outpost-arn": ("OutpostArn",),
        "owner-id": ("OwnerId",),
        **{
            f"{_NAMES}.{kebab}": ("PrivateDnsNameOptionsOnLaunch", member)
            for kebab, member in _NAME_OPTIONS.items()
        },
        "state": ("State",),
        "subnet-arn": ("SubnetArn",),
    },
)


def make(
    call: Call, vpc_id: str, block: str, zone: Any, *, default: bool = False, six: str = ""
) -> Any:
    """A new subnet in a zone of the caller; moto checks the block against VPC and neighbours."""
    # moto knows regular zones only, and takes names as its own; the right zone is put in below.
    any_zone = zones(call.caller.account, call.caller.region)[0].zone_id
    subnet = call.network.create_subnet(
        vpc_id,
        block,
        availability_zone_id=any_zone,
        ipv6_cidr_block=six or None,
        ipv6_native=not block,
    )
    # moto would give the block an id that is no seed's.
    subnet.ipv6_cidr_block_associations.clear()
    if six:
        subnet_blocks.give(subnet, six)
    # moto gives the first subnet of a zone the marks of a default one, whoever made it.
    subnet.default_for_az = subnet.map_public_ip_on_launch = default
    subnet._availability_zone = zone
    return subnet


def _create(call: Call) -> Item:
    vpc = owned.vpc(call, call.get("VpcId"))
    six, tags = subnet_blocks.check(call, vpc), call.tags_for("subnet")
    block = call.get("CidrBlock", "")
    if block:
        block = blocks.normal(block, "InvalidSubnet.Range")
    subnet = make(call, vpc.id, block, _zone(call), six=six or "")
    call.network.create_tags([subnet.id], tags)
    return {"Subnet": view(call.network, subnet, 0)}


def _zone(call: Call) -> Any:
    """The zone asked for; without one the account's first (AWS picks one itself)."""
    account, region = call.caller.account, call.caller.region
    name, zone_id = call.get("AvailabilityZone"), call.get("AvailabilityZoneId")
    known = zones(account, region)
    if name is None and zone_id is None:
        return known[0]
    zone = find_zone(account, region, name, zone_id) or _edge(call, name, zone_id)
    if zone is None:
        names = ", ".join(str(each.name) for each in known)
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({name or zone_id}) for parameter availabilityZone is invalid. Subnets can"
            f" currently only be created in the following availability zones: {names}.",
        )
    return zone


def _edge(call: Call, name: str | None, zone_id: str | None) -> Any:
    """A local or wavelength zone that the caller has opted in to, or None."""
    edge = find_edge(call.caller.region, name, zone_id)
    if edge is None or not availability.opted_in(call, edge):
        return None
    return zone_of(edge, call.caller.region)


def _delete(call: Call) -> Item:
    network, subnet = call.network, owned.subnet(call, call.get("SubnetId"))
    if network.interfaces_in(subnet.id):
        raise dependency_violation("subnet", subnet.id)
    for table in network.route_tables.values():
        for association, target in list(table._associations.items()):
            if target == subnet.id:
                del table._associations[association]
    network.delete_subnet(subnet.id)
    network.forget_tags(subnet.id)
    return {"Return": True}


def _modify_attribute(call: Call) -> Item:
    subnet = owned.subnet(call, call.get("SubnetId"))
    named = [member for member in call.parameters if member not in ("SubnetId", "DryRun")]
    if len(named) != 1:
        text = "Exactly one attribute can be modified in a call."
        raise AwsError("InvalidParameterCombination", text)
    value = call.get(named[0])
    if named[0] == "PrivateDnsHostnameTypeOnLaunch":
        if value not in ("ip-name", "resource-name"):
            raise invalid_value(value, named[0])
        subnet.name_options = {**getattr(subnet, "name_options", {}), "HostnameType": value}
        return {"Return": True}
    if not isinstance(value, dict) or "Value" not in value:
        raise missing_parameter(f"{named[0]}.Value")
    if named[0] == "MapPublicIpOnLaunch":
        subnet.map_public_ip_on_launch = value["Value"]
    else:
        option = named[0].removesuffix("OnLaunch")
        subnet.name_options = {**getattr(subnet, "name_options", {}), option: value["Value"]}
    return {"Return": True}


OPERATIONS: Operations = {
    "CreateSubnet": _create,
    "DeleteSubnet": _delete,
    "DescribeSubnets": describe(_LISTING),
    "ModifySubnetAttribute": _modify_attribute,
}
