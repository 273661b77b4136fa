"""Internet gateways."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError
from ..identifiers import INTERNET_GATEWAY
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network
from . import owned

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
    """Whether an internet gateway is attached to the VPC."""
    return any(
        gateway.vpc and gateway.vpc.id == vpc_id for gateway in network.internet_gateways.values()
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


OPERATIONS: Operations = {
    "AttachInternetGateway": _attach_internet,
    "CreateInternetGateway": _create_internet,
    "DeleteInternetGateway": _delete_internet,
    "DescribeInternetGateways": describe(_INTERNET),
    "DetachInternetGateway": _detach_internet,
}
