"""Routes that people set themselves; those of gateway endpoints come and go with the endpoint."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.models.route_tables import Route

from ..call import Call, Operations
from ..errors import AwsError, invalid_value
from ..identifiers import PREFIX_LIST
from ..network import Endpoint, Network
from . import owned

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
#: Targets that the lab has; moto takes each under the name on the right.
_TARGETS = {
    "GatewayId": "gateway_id",
    "NatGatewayId": "nat_gateway_id",
    "NetworkInterfaceId": "interface_id",
}


def endpoint_route(network: Network, table: Any, endpoint: Endpoint) -> None:
    """Sets the routes of an endpoint in a table: prefix list to endpoint, one for each family."""
    for identifier in endpoint.prefix_list_ids:
        listing = network.managed_prefix_lists[identifier]
        route = Route(table, None, None, listing, vpc_endpoint_id=endpoint.id)
        table._routes[route.id] = route


def has_route_for(table: Any, prefix_list_id: str) -> bool:
    """Whether a table already routes a prefix list."""
    return any(route.destination_prefix_list_id == prefix_list_id for route in table.routes)


def drop_endpoint_route(table: Any, endpoint: Endpoint) -> None:
    """Takes an endpoint's route out of a table."""
    for key, route in list(table._routes.items()):
        if route.gateway_id == endpoint.id:
            del table._routes[key]


def _destination(call: Call) -> str:
    named = [call.get(member) for member in _DESTINATIONS if call.get(member)]
    if len(named) != 1:
        raise AwsError(
            "MissingParameter" if not named else "InvalidParameterCombination",
            "The request must contain exactly one of: destinationCidrBlock,"
            " destinationIpv6CidrBlock, destinationPrefixListId",
        )
    return _canonical(call, str(named[0]))


def _canonical(call: Call, destination: str) -> str:
    """A block by its network's address (API reference, CreateRoute), a prefix list if it is there.

    Raises:
        AwsError: it is neither.
    """
    listed = call.get("DestinationPrefixListId")
    if listed:
        if PREFIX_LIST.check(listed) not in call.network.managed_prefix_lists:
            raise PREFIX_LIST.unknown(listed)
        return destination
    member = next(each for each in _DESTINATIONS if call.get(each))
    kind = ipaddress.IPv4Network if member == "DestinationCidrBlock" else ipaddress.IPv6Network
    try:
        return str(kind(destination, strict=False))
    except ValueError:
        raise invalid_value(destination, member, "This is not a valid CIDR block.") from None


def _route_to(table: Any, destination: str) -> Any:
    for route in table.routes:
        held = (
            route.destination_cidr_block,
            route.destination_ipv6_cidr_block,
            route.destination_prefix_list_id,
        )
        if destination in held:
            return route
    return None


def _target(call: Call) -> dict[str, str]:
    named = {held: call.get(member) for member, held in _TARGETS.items() if call.get(member)}
    if len(named) != 1:
        raise AwsError(
            "InvalidParameterCombination",
            "The lab routes to exactly one of: gatewayId, natGatewayId, networkInterfaceId",
        )
    if str(named.get("gateway_id", "")).startswith("vpce-"):
        raise AwsError(
            "InvalidParameterValue",
            f"Cannot create or replace a prefix list route targeting a VPC Endpoint"
            f" ({named['gateway_id']}).",
        )
    if "gateway_id" in named:
        owned.internet_gateway(call, named["gateway_id"])
    if "nat_gateway_id" in named:
        owned.nat_gateway(call, named["nat_gateway_id"])
    if "interface_id" in named:
        owned.interface(call, named["interface_id"])
    return named


def _create(call: Call) -> dict[str, Any]:
    table = owned.route_table(call, call.get("RouteTableId"))
    destination, target = _destination(call), _target(call)
    existing = _route_to(table, destination)
    if existing is not None:
        raise AwsError(
            "RouteAlreadyExists",
            f"The route identified by {destination} already exists.",
        )
    named = [destination if call.get(member) else None for member in _DESTINATIONS]
    call.network.create_route(table.id, *named, **target)
    return {"Return": True}


def _own_route(call: Call) -> tuple[Any, Any]:
    table = owned.route_table(call, call.get("RouteTableId"))
    destination = _destination(call)
    route = _route_to(table, destination)
    if route is None:
        raise AwsError(
            "InvalidRoute.NotFound",
            f"no route with destination-cidr-block {destination} in route table {table.id}",
        )
    if route.local:
        raise AwsError(
            "InvalidParameterValue",
            f"cannot remove local route {destination} in route table {table.id}",
        )
    if str(route.gateway_id or "").startswith("vpce-"):
        raise AwsError(
            "InvalidParameterValue",
            f"cannot remove VPC endpoint route {destination} in route table {table.id}",
        )
    return table, route


def _replace(call: Call) -> dict[str, Any]:
    table, route = _own_route(call)
    target = _target(call)
    del table._routes[route.id]
    call.network.create_route(
        table.id,
        route.destination_cidr_block,
        route.destination_ipv6_cidr_block,
        route.destination_prefix_list_id,
        **target,
    )
    return {"Return": True}


def _delete(call: Call) -> dict[str, Any]:
    table, route = _own_route(call)
    del table._routes[route.id]
    return {"Return": True}


OPERATIONS: Operations = {
    "CreateRoute": _create,
    "ReplaceRoute": _replace,
    "DeleteRoute": _delete,
}
