"""Network interfaces: what makes a route table busy."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, invalid_value
from ..identifiers import INTERFACE
from ..listing import Item, Kind, Listing, describe
from ..network import Network
from ..zones import zone_name
from . import idempotency, owned

#: A subnet is full: code and message.
NO_ADDRESS = (
    "InsufficientFreeAddressesInSubnet",
    "The specified subnet does not have enough free addresses to satisfy the request.",
)


def view(network: Network, interface: Any, _now: float) -> Item:
    """A network interface as DescribeNetworkInterfaces shows it to its owner."""
    subnet = interface.subnet
    zone_id = subnet.availability_zone_id
    return {
        "NetworkInterfaceId": interface.id,
        "SubnetId": subnet.id,
        "VpcId": subnet.vpc_id,
        "AvailabilityZone": zone_name(network.account_id, network.region_name, zone_id),
        "AvailabilityZoneId": zone_id,
        "OwnerId": network.account_id,
        "Description": interface.description,
        "InterfaceType": interface.interface_type,
        "MacAddress": interface.mac_address,
        **({"PrivateIpAddress": four} if (four := interface.private_ip_address) else {}),
        "PrivateIpAddresses": [
            {"Primary": each["Primary"], "PrivateIpAddress": each["PrivateIpAddress"]}
            for each in interface.private_ip_addresses
        ],
        "Groups": [{"GroupId": each.id, "GroupName": each.name} for each in interface._group_set],
        "Ipv6Addresses": [{"Ipv6Address": each} for each in interface.ipv6_addresses],
        "RequesterManaged": interface.requester_managed,
        "SourceDestCheck": interface.source_dest_check,
        "Status": interface.status,
        "TagSet": network.tags_of(interface.id),
    }


KIND = Kind(
    "network-interface",
    lambda network: network.enis.values(),
    lambda interface: str(interface.subnet.vpc_id),
    view,
)

_ADDRESSES = ("PrivateIpAddresses",)
#: Nothing in the lab has a public address of its own, or hangs on an instance: filters on that are
#: known and find nothing.
_PUBLIC = {
    "allocation-id": "AllocationId",
    "association-id": "AssociationId",
    "ip-owner-id": "IpOwnerId",
    "public-dns-name": "PublicDnsName",
    "public-ip": "PublicIp",
}
_ATTACHED = {
    "attach-time": "AttachTime",
    "attachment-id": "AttachmentId",
    "delete-on-termination": "DeleteOnTermination",
    "device-index": "DeviceIndex",
    "instance-id": "InstanceId",
    "instance-owner-id": "InstanceOwnerId",
    "status": "Status",
}
_LISTING = Listing(
    kind=KIND,
    result="NetworkInterfaces",
    ids="NetworkInterfaceIds",
    id_kind=INTERFACE,
    id_filter="network-interface-id",
    vpc_filter="vpc-id",
    filters={
        "addresses.association.owner-id": (*_ADDRESSES, "Association", "IpOwnerId"),
        "addresses.association.public-ip": (*_ADDRESSES, "Association", "PublicIp"),
        "addresses.primary": (*_ADDRESSES, "Primary"),
        "addresses.private-ip-address": (*_ADDRESSES, "PrivateIpAddress"),
        **{f"association.{name}": ("Association", member) for name, member in _PUBLIC.items()},
        **{f"attachment.{name}": ("Attachment", member) for name, member in _ATTACHED.items()},
        "availability-zone": ("AvailabilityZone",),
        "availability-zone-id": ("AvailabilityZoneId",),
        "description": ("Description",),
        "group-id": ("Groups", "GroupId"),
        "group-name": ("Groups", "GroupName"),
        "interface-type": ("InterfaceType",),
        "ipv6-addresses.ipv6-address": ("Ipv6Addresses", "Ipv6Address"),
        "mac-address": ("MacAddress",),
        "network-interface-id": ("NetworkInterfaceId",),
        "operator.managed": ("Operator", "Managed"),
        "operator.principal": ("Operator", "Principal"),
        "owner-id": ("OwnerId",),
        "private-dns-name": ("PrivateDnsName",),
        "private-ip-address": ("PrivateIpAddress",),
        "requester-id": ("RequesterId",),
        "requester-managed": ("RequesterManaged",),
        "source-dest-check": ("SourceDestCheck",),
        "status": ("Status",),
        "subnet-id": ("SubnetId",),
        "tag-key": ("TagSet", "Key"),
        "tag-value": ("TagSet", "Value"),
        "vpc-id": ("VpcId",),
    },
)


def _create(call: Call) -> Item:
    return idempotency.once(call, _make)


def _make(call: Call) -> Item:
    subnet = owned.usable_subnet(call, call.get("SubnetId"))
    # In a shared subnet the interface is the participant's, but lives in the owner's network.
    home = subnet.ec2_backend
    if home is not call.network:
        raise AwsError(
            "InvalidAction", "The lab does not serve CreateNetworkInterface in a shared subnet yet."
        )
    groups = [owned.group(call, each) for each in dict.fromkeys(call.get("Groups", []))]
    owned.check_group_count(groups)
    for group in groups:
        if group.vpc_id != subnet.vpc_id:
            raise AwsError(
                "InvalidParameter",
                "You have specified two resources that belong to different networks.",
            )
    tags = call.tags_for("network-interface")
    interface = call.network.create_network_interface(
        subnet,
        _address(call, subnet),
        group_ids=[group.id for group in groups] or [default_group(call, subnet.vpc_id)],
        description=call.get("Description", ""),
    )
    interface.status = "available"
    call.network.create_tags([interface.id], tags)
    shown = {**view(call.network, interface, 0), "Status": "pending"}
    return {"NetworkInterface": shown, **idempotency.echo(call)}


def default_group(call: Call, vpc_id: str) -> str:
    """The id of a VPC's default security group."""
    groups = call.network.groups[vpc_id].values()
    return str(next(group.id for group in groups if group.is_default))


def check_address(subnet: Any, asked: str) -> None:
    """Refuses what is no address of a subnet.

    Raises:
        AwsError: InvalidParameterValue.
    """
    try:
        address = ipaddress.IPv4Address(asked)
    except ValueError:
        raise invalid_value(asked, "address", "Invalid IPv4 address") from None
    if address not in subnet.cidr:
        raise invalid_value(asked, "address", "Address does not fall within the subnet's range")


def check_free(network: Network, subnet: Any, asked: str) -> None:
    """Refuses what is no address of a subnet, AWS's own there, or somebody's.

    Raises:
        AwsError: InvalidParameterValue, InvalidIPAddress.InUse.
    """
    check_address(subnet, asked)
    number = int(ipaddress.IPv4Address(asked)) - int(subnet.cidr.network_address)
    if not 4 <= number < subnet.cidr.num_addresses - 1:
        raise invalid_value(asked, "address", "Address is in subnet's reserved address range")
    for interface in network.interfaces_in(subnet.id):
        if interface.private_ip_address == asked:
            raise AwsError("InvalidIPAddress.InUse", f"Address {asked} is in use.")


def _address(call: Call, subnet: Any) -> str:
    asked = call.get("PrivateIpAddress")
    if asked is None:
        free = call.network.free_address(subnet)
        if free is None:
            raise AwsError(*NO_ADDRESS)
        return free
    check_free(call.network, subnet, asked)
    return str(asked)


def _delete(call: Call) -> Item:
    interface = owned.interface(call, call.get("NetworkInterfaceId"))
    if interface.requester_managed:
        raise AwsError(
            "OperationNotPermitted",
            f"You are not allowed to manage '{interface.id}': it belongs to another service.",
        )
    del call.network.enis[interface.id]
    call.network.forget_tags(interface.id)
    return {"Return": True}


OPERATIONS: Operations = {
    "CreateNetworkInterface": _create,
    "DeleteNetworkInterface": _delete,
    "DescribeNetworkInterfaces": describe(_LISTING),
}
