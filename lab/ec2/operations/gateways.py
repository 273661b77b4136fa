"""Internet gateways, NAT gateways and the addresses that they use."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, missing_parameter
from ..identifiers import ALLOCATION, INTERNET_GATEWAY, NAT_GATEWAY
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network
from . import idempotency, owned

Item = dict[str, Any]


def _igw_view(network: Network, gateway: Any, _now: float) -> Item:
    return {
        "InternetGatewayId": gateway.id,
        "OwnerId": network.account_id,
        "Attachments": gateway.attachments,
        "Tags": network.tags_of(gateway.id),
    }


INTERNET_KIND = Kind(
    "internet-gateway",
    lambda network: network.internet_gateways.values(),
    lambda gateway: gateway.vpc.id if gateway.vpc else None,
    _igw_view,
)
_INTERNET = Listing(
    kind=INTERNET_KIND,
    result="InternetGateways",
    ids="InternetGatewayIds",
    id_kind=INTERNET_GATEWAY,
    id_filter="internet-gateway-id",
    vpc_filter="attachment.vpc-id",
    filters={
        **TAG_FILTERS,
        "attachment.state": ("Attachments", "State"),
        "attachment.vpc-id": ("Attachments", "VpcId"),
        "internet-gateway-id": ("InternetGatewayId",),
        "owner-id": ("OwnerId",),
    },
)


def connect_to_internet(network: Network, vpc: Any) -> None:
    """What CreateDefaultVpc adds: an internet gateway and the main table's default route."""
    gateway = network.create_internet_gateway()
    network.attach_internet_gateway(gateway.id, vpc.id)
    for table in network.tables_of(vpc.id):
        network.create_route(table.id, "0.0.0.0/0", gateway_id=gateway.id)


def attached_to(network: Network, vpc_id: str) -> bool:
    """Whether an internet gateway or a living NAT gateway is in the VPC."""
    internet = (each.vpc.id for each in network.internet_gateways.values() if each.vpc)
    return vpc_id in internet or any(
        gateway.vpc_id == vpc_id and gateway.state != "deleted"
        for gateway in network.nat_gateways.values()
    )


def _create_internet(call: Call) -> Item:
    tags = call.tags_for("internet-gateway")
    gateway = call.network.create_internet_gateway()
    call.network.create_tags([gateway.id], tags)
    return {"InternetGateway": _igw_view(call.network, gateway, 0)}


def _delete_internet(call: Call) -> Item:
    gateway = owned.internet_gateway(call, call.get("InternetGatewayId"))
    if gateway.vpc:
        raise AwsError(
            "DependencyViolation",
            f"The internetGateway '{gateway.id}' has dependencies and cannot be deleted.",
        )
    del call.network.internet_gateways[gateway.id]
    call.network.forget_tags(gateway.id)
    return {"Return": True}


def _attach_internet(call: Call) -> Item:
    gateway = owned.internet_gateway(call, call.get("InternetGatewayId"))
    vpc = owned.vpc(call, call.get("VpcId"))
    if gateway.vpc:
        raise AwsError(
            "Resource.AlreadyAssociated",
            f"resource {gateway.id} is already attached to network {gateway.vpc.id}",
        )
    if any(each.vpc is vpc for each in call.network.internet_gateways.values()):
        raise AwsError(
            "InvalidParameterValue", f"Network {vpc.id} already has an internet gateway attached"
        )
    call.network.attach_internet_gateway(gateway.id, vpc.id)
    return {"Return": True}


def _detach_internet(call: Call) -> Item:
    gateway = owned.internet_gateway(call, call.get("InternetGatewayId"))
    call.network.detach_internet_gateway(gateway.id, owned.vpc(call, call.get("VpcId")).id)
    return {"Return": True}


def _nat_view(network: Network, gateway: Any, _now: float) -> Item:
    addresses = [
        {
            member: each[held]
            for member, held in (
                ("AllocationId", "allocationId"),
                ("NetworkInterfaceId", "networkInterfaceId"),
                ("PrivateIp", "privateIp"),
                ("PublicIp", "publicIp"),
            )
            if each.get(held)
        }
        for each in gateway.address_set
    ]
    return {
        "NatGatewayId": gateway.id,
        "VpcId": gateway.vpc_id,
        "SubnetId": gateway.subnet_id,
        "State": gateway.state,
        "CreateTime": gateway._created_at,
        "ConnectivityType": gateway.connectivity_type,
        "NatGatewayAddresses": addresses,
        "Tags": network.tags_of(gateway.id),
    }


NAT_KIND = Kind(
    "nat-gateway",
    lambda network: network.nat_gateways.values(),
    lambda gateway: str(gateway.vpc_id),
    _nat_view,
)
_NAT = Listing(
    kind=NAT_KIND,
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


def _describe_nat(call: Call) -> Item:
    """DescribeNatGateways calls its filters `Filter`; the rest is as everywhere."""
    parameters = {**call.parameters, "Filters": call.get("Filter", [])}
    return describe(_NAT)(Call(call.world, call.caller, call.operation, parameters))


def _create_nat(call: Call) -> Item:
    return idempotency.once(call, _make_nat)


def _make_nat(call: Call) -> Item:
    if not call.get("SubnetId"):
        raise missing_parameter("SubnetId")
    subnet = owned.subnet(call, call.get("SubnetId"))
    kind, allocation = call.get("ConnectivityType", "public"), call.get("AllocationId")
    if kind == "public":
        _free_allocation(call, allocation)
    tags = call.tags_for("natgateway")
    address = call.network.free_address(subnet)
    gateway = call.network.create_nat_gateway(subnet.id, allocation, {}, kind)
    interface = gateway._eni
    interface.private_ip_address = gateway.address_set[0]["privateIp"] = address
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
    interface.description = f"Interface for NAT Gateway {gateway.id}"
    interface.interface_type, interface.requester_managed = "nat_gateway", True
    interface.status = "in-use"
    call.network.create_tags([gateway.id], tags)
    shown = {**_nat_view(call.network, gateway, 0), "State": "pending"}
    return {"NatGateway": shown, **idempotency.echo(call)}


def _free_allocation(call: Call, allocation: str | None) -> None:
    if not allocation:
        raise missing_parameter("AllocationId")
    address = _address(call, allocation)
    if address.association_id:
        raise AwsError(
            "Resource.AlreadyAssociated",
            f"resource {allocation} is already associated with {address.association_id}",
        )


def _delete_nat(call: Call) -> Item:
    gateway = owned.nat_gateway(call, call.get("NatGatewayId"))
    gateway.state = "deleted"
    call.network.enis.pop(gateway._eni.id, None)
    for address in call.network.addresses:
        if address.eni is gateway._eni:
            address.eni = address.association_id = None
    return {"NatGatewayId": gateway.id}


def _address(call: Call, allocation: str) -> Any:
    ALLOCATION.check(allocation)
    for address in call.network.addresses:
        if address.allocation_id == allocation:
            return address
    raise ALLOCATION.unknown(allocation)


def _allocate(call: Call) -> Item:
    tags = call.tags_for("elastic-ip")
    address = call.network.allocate_address("vpc")
    call.network.create_tags([address.allocation_id], tags)
    return {
        "AllocationId": address.allocation_id,
        "PublicIp": address.public_ip,
        "PublicIpv4Pool": "amazon",
        "Domain": "vpc",
        "NetworkBorderGroup": call.caller.region,
    }


def _release(call: Call) -> Item:
    if not call.get("AllocationId"):
        raise missing_parameter("AllocationId")
    address = _address(call, call.get("AllocationId"))
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
    "AttachInternetGateway": _attach_internet,
    "CreateInternetGateway": _create_internet,
    "CreateNatGateway": _create_nat,
    "DeleteInternetGateway": _delete_internet,
    "DeleteNatGateway": _delete_nat,
    "DescribeInternetGateways": describe(_INTERNET),
    "DescribeNatGateways": _describe_nat,
    "DetachInternetGateway": _detach_internet,
    "ReleaseAddress": _release,
}
