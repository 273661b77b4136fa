"""Elastic IP addresses: got, listed, given back; NAT gateways hold them."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, missing_parameter
from ..identifiers import ALLOCATION
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network


def _view(network: Network, address: Any, _now: float) -> Item:
    item = {
        "AllocationId": address.allocation_id,
        "PublicIp": address.public_ip,
        "PublicIpv4Pool": "amazon",
        "Domain": "vpc",
        "NetworkBorderGroup": network.region_name,
        "Tags": network.tags_of(address.allocation_id),
    }
    if address.association_id and address.eni is not None:
        item |= {
            "AssociationId": address.association_id,
            "NetworkInterfaceId": address.eni.id,
            "NetworkInterfaceOwnerId": network.account_id,
            "PrivateIpAddress": address.eni.private_ip_address,
        }
    return item


KIND = Kind("address", lambda network: network.addresses, lambda _address: None, _view)
_LISTING = Listing(
    kind=KIND,
    result="Addresses",
    ids="AllocationIds",
    id_kind=ALLOCATION,
    id_filter="allocation-id",
    vpc_filter=None,
    filters={
        **TAG_FILTERS,
        "allocation-id": ("AllocationId",),
        "association-id": ("AssociationId",),
        "domain": ("Domain",),
        "instance-id": ("InstanceId",),
        "network-border-group": ("NetworkBorderGroup",),
        "network-interface-id": ("NetworkInterfaceId",),
        "network-interface-owner-id": ("NetworkInterfaceOwnerId",),
        "private-ip-address": ("PrivateIpAddress",),
        "public-ip": ("PublicIp",),
    },
)
_describe_all = describe(_LISTING)


def _describe(call: Call) -> Item:
    found = _describe_all(call)
    wanted = call.get("PublicIps", [])
    for each in wanted:
        if each not in {item["PublicIp"] for item in found["Addresses"]}:
            raise AwsError("InvalidAddress.NotFound", f"Address '{each}' not found.")
    kept = [item for item in found["Addresses"] if not wanted or item["PublicIp"] in wanted]
    return {"Addresses": kept}


def find(call: Call, allocation: str) -> Any:
    """An address of the caller by its allocation.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    ALLOCATION.check(allocation)
    for address in call.network.addresses:
        if address.allocation_id == allocation:
            return address
    raise ALLOCATION.unknown(allocation)


def _allocate(call: Call) -> Item:
    tags = call.tags_for("elastic-ip")
    address = call.network.allocate_address("vpc")
    call.network.create_tags([address.allocation_id], tags)
    shown = _view(call.network, address, 0)
    del shown["Tags"]
    return shown


def _release(call: Call) -> Item:
    if not call.get("AllocationId"):
        raise missing_parameter("AllocationId")
    address = find(call, call.get("AllocationId"))
    if address.association_id:
        raise AwsError(
            "InvalidIPAddress.InUse",
            f"Address {address.public_ip} is in use.",
        )
    call.network.addresses.remove(address)
    call.network.forget_tags(address.allocation_id)
    return {"Return": True}


OPERATIONS: Operations = {
    "AllocateAddress": _allocate,
    "DescribeAddresses": _describe,
    "ReleaseAddress": _release,
}
