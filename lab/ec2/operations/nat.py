"""NAT gateways, with the interface that they hold in their subnet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, missing_parameter
from ..identifiers import NAT_GATEWAY
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network
from . import addresses, idempotency, owned

Item = dict[str, Any]


def _view(network: Network, gateway: Any, _now: float) -> Item:
    held = [
        {
            member: each[key]
            for member, key in (
                ("AllocationId", "allocationId"),
                ("NetworkInterfaceId", "networkInterfaceId"),
                ("PrivateIp", "privateIp"),
                ("PublicIp", "publicIp"),
            )
            if each.get(key)
        }
        for each in gateway.address_set
    ]
    return {
        "NatGatewayId": gateway.id,
        "VpcId": gateway.vpc_id,
        "SubnetId": gateway.subnet_id,
        "State": gateway.state,
        "CreateTime": gateway.made,
        "ConnectivityType": gateway.connectivity_type,
        "NatGatewayAddresses": held,
        "Tags": network.tags_of(gateway.id),
    }


KIND = Kind(
    "nat-gateway",
    lambda network: network.nat_gateways.values(),
    lambda gateway: str(gateway.vpc_id),
    _view,
)
_LISTING = Listing(
    kind=KIND,
    result="NatGateways",
    ids="NatGatewayIds",
    id_kind=NAT_GATEWAY,
    id_filter="nat-gateway-id",
    vpc_filter="vpc-id",
    filters={
        **TAG_FILTERS,
        "nat-gateway-id": ("NatGatewayId",),
        "state": ("State",),
        "subnet-id": ("SubnetId",),
        "vpc-id": ("VpcId",),
    },
)


def living_in(network: Network, vpc_id: str) -> bool:
    """Whether the VPC has a NAT gateway that is not deleted."""
    return any(
        gateway.vpc_id == vpc_id and gateway.state != "deleted"
        for gateway in network.nat_gateways.values()
    )


def _describe(call: Call) -> Item:
    """DescribeNatGateways calls its filters `Filter`; the rest is as everywhere."""
    parameters = {**call.parameters, "Filters": call.get("Filter", [])}
    return describe(_LISTING)(Call(call.world, call.caller, call.operation, parameters))


def _create(call: Call) -> Item:
    return idempotency.once(call, _make)


def _make(call: Call) -> Item:
    if not call.get("SubnetId"):
        raise missing_parameter("SubnetId")
    subnet = owned.subnet(call, call.get("SubnetId"))
    kind, allocation = call.get("ConnectivityType", "public"), call.get("AllocationId")
    if kind == "public":
        _free_allocation(call, allocation)
    tags = call.tags_for("natgateway")
    address = call.network.free_address(subnet)
    gateway = call.network.create_nat_gateway(subnet.id, allocation, {}, kind)
    gateway.made = datetime.fromtimestamp(call.world.clock(), UTC)
    interface = gateway._eni
    interface.private_ip_address = gateway.address_set[0]["privateIp"] = address
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
    interface.description = f"Interface for NAT Gateway {gateway.id}"
    interface.interface_type, interface.requester_managed = "nat_gateway", True
    interface.status = "in-use"
    call.network.create_tags([gateway.id], tags)
    shown = {**_view(call.network, gateway, 0), "State": "pending"}
    return {"NatGateway": shown, **idempotency.echo(call)}


def _free_allocation(call: Call, allocation: str | None) -> None:
    if not allocation:
        raise missing_parameter("AllocationId")
    address = addresses.find(call, allocation)
    if address.association_id:
        raise AwsError(
            "Resource.AlreadyAssociated",
            f"resource {allocation} is already associated with {address.association_id}",
        )


def _delete(call: Call) -> Item:
    gateway = owned.nat_gateway(call, call.get("NatGatewayId"))
    gateway.state = "deleted"
    call.network.enis.pop(gateway._eni.id, None)
    for address in call.network.addresses:
        if address.eni is gateway._eni:
            address.eni = address.association_id = None
    return {"NatGatewayId": gateway.id}


OPERATIONS: Operations = {
    "CreateNatGateway": _create,
    "DeleteNatGateway": _delete,
    "DescribeNatGateways": _describe,
}
