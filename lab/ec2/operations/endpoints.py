"""VPC endpoints of all types: the calls that they share."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, invalid_value
from ..identifiers import ENDPOINT, ENDPOINT_TO_DELETE
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Endpoint, Gone, Network
from ..privatelink import InterfaceEndpoint
from . import (
    gateway_endpoints,
    idempotency,
    interface_endpoints,
    other_endpoints,
    subnet_addresses,
)


def view(network: Network, endpoint: Endpoint | InterfaceEndpoint | Gone, now: float) -> Item:
    """An endpoint as DescribeVpcEndpoints shows it; states are lower-case on the wire."""
    if isinstance(endpoint, Gone):
        return endpoint.item
    if isinstance(endpoint, Endpoint):
        return gateway_endpoints.view(network, endpoint, now)
    if endpoint.kind != "Interface":
        return other_endpoints.view(network, endpoint)
    return interface_endpoints.view(network, endpoint, now)


KIND = Kind(
    "vpc-endpoint",
    lambda network: [
        *network.endpoints.values(),
        *network.interface_endpoints.values(),
        *network.gone_endpoints.values(),
    ],
    lambda endpoint: str(endpoint.vpc_id),
    view,
)

_LISTING = Listing(
    kind=KIND,
    result="VpcEndpoints",
    ids="VpcEndpointIds",
    id_kind=ENDPOINT,
    id_filter="vpc-endpoint-id",
    vpc_filter="vpc-id",
    filters={
        **TAG_FILTERS,
        "ip-address-type": ("IpAddressType",),
        "service-name": ("ServiceName",),
        "service-region": ("ServiceRegion",),
        "vpc-endpoint-id": ("VpcEndpointId",),
        "vpc-endpoint-state": ("State",),
        "vpc-endpoint-type": ("VpcEndpointType",),
        "vpc-id": ("VpcId",),
    },
)


def _create(call: Call) -> Item:
    return idempotency.once(call, _make)


def _make(call: Call) -> Item:
    kind = call.get("VpcEndpointType", "Gateway")
    make = _MAKES.get(kind)
    if make is None:
        raise invalid_value(kind, "vpcEndpointType")
    subnet_addresses.check(call, "SubnetIds")
    return {"VpcEndpoint": make(call), **idempotency.echo(call)}


_MAKES = {
    "Gateway": gateway_endpoints.make,
    "Interface": interface_endpoints.make,
    **dict.fromkeys(other_endpoints.TYPES, other_endpoints.make),
}


def _modify(call: Call) -> Item:
    network, identifier = call.network, ENDPOINT.check(call.get("VpcEndpointId"))
    gateway = network.endpoints.get(identifier)
    interface = network.interface_endpoints.get(identifier)
    subnet_addresses.check(call, "AddSubnetIds", interface.interfaces if interface else ())
    if gateway is not None:
        gateway_endpoints.modify(call, gateway)
    elif interface is not None:
        other_endpoints.refuse_change(interface)
        interface_endpoints.modify(call, interface)
    else:
        raise ENDPOINT.unknown(identifier)
    return {"Return": True}


def _delete(call: Call) -> Item:
    """Deletes what can go; the rest is in Unsuccessful, and the call still succeeds."""
    unsuccessful: list[Any] = []
    for identifier in call.get("VpcEndpointIds"):
        ENDPOINT.check(identifier)
    for identifier in call.get("VpcEndpointIds"):
        try:
            _remove(call, identifier)
        except AwsError as why:
            error = {"Code": why.code, "Message": why.message}
            unsuccessful.append({"Error": error, "ResourceId": identifier})
    return {"Unsuccessful": unsuccessful}


def _remove(call: Call, identifier: str) -> None:
    gateway = call.network.endpoints.get(identifier)
    interface = call.network.interface_endpoints.get(identifier)
    if gateway is not None:
        gateway_endpoints.remove(call, gateway)
    elif interface is not None:
        interface_endpoints.remove(call, interface, partial(view, call.network, interface))
    else:
        raise ENDPOINT_TO_DELETE.unknown(identifier)


OPERATIONS: Operations = {
    "CreateVpcEndpoint": _create,
    "ModifyVpcEndpoint": _modify,
    "DeleteVpcEndpoints": _delete,
    "DescribeVpcEndpoints": describe(_LISTING),
}
