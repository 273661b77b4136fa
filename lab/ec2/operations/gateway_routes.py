"""Which routes a gateway endpoint has: a prefix list for each address family, in each table."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from ..call import Call
from ..errors import AwsError
from ..network import Endpoint, Network
from ..prefix_lists import IPV6_CIDRS, prefix_list_ids
from . import address_types, dns_options, routes


def address_type(call: Call, service: str, before: str) -> str:
    """The type that an endpoint shall have; not every service has IPv6 ones.

    Raises:
        AwsError: this one hasn't, or there is no such type.
    """
    kind = address_types.asked(call, before)
    both = service in IPV6_CIDRS
    address_types.check_service(
        kind, call.get("ServiceName", service), ("ipv4", "ipv6") if both else ("ipv4",)
    )
    return kind


def listings(call: Call, service: str, kind: str) -> list[str]:
    """The prefix lists of a service for an address type."""
    return prefix_list_ids(call.caller.region, service, address_types.FAMILIES[kind])


def refuse_second_routes(call: Call, tables: list[Any], wanted: list[str]) -> None:
    """Refuses tables that route one of these prefix lists already.

    Raises:
        AwsError: in the code that the world says.
    """
    for table, listing in itertools.product(tables, wanted):
        if routes.has_route_for(table, listing):
            raise AwsError(
                call.world.settings.route_exists_code,
                f"route table {table.id} already has a route with destination-prefix-list-id"
                f" {listing}",
            )


def attach(network: Network, endpoint: Endpoint, tables: list[Any]) -> None:
    """Gives an endpoint some more tables, with its routes."""
    for table in tables:
        routes.endpoint_route(network, table, endpoint)
        endpoint.route_table_ids.append(table.id)


def detach(endpoint: Endpoint, tables: list[Any]) -> None:
    """Takes an endpoint out of tables, with its routes."""
    for table in tables:
        routes.drop_endpoint_route(table, endpoint)
        if table.id in endpoint.route_table_ids:
            endpoint.route_table_ids.remove(table.id)


def _own_tables(network: Network, endpoint: Endpoint) -> list[Any]:
    tables = network.tables_of(endpoint.vpc_id)
    return [table for table in tables if table.id in endpoint.route_table_ids]


def new_type(call: Call, endpoint: Endpoint, leaving: list[Any]) -> Callable[[], None]:
    """Checks the address type that a call gives an endpoint, but for tables that it leaves.

    What is returned brings it about.

    Raises:
        AwsError: it is refused.
    """
    kind = address_type(call, endpoint.service, endpoint.address_type)
    records = dns_options.of_gateway(call, kind, endpoint.record_type)
    wanted = listings(call, endpoint.service, kind)
    stay = [t for t in _own_tables(call.network, endpoint) if t not in leaving]
    new = [each for each in wanted if each not in endpoint.prefix_list_ids]
    refuse_second_routes(call, stay, new)

    def change() -> None:
        endpoint.record_type = records
        if kind != endpoint.address_type:
            detach(endpoint, stay)
            endpoint.address_type, endpoint.prefix_list_ids = kind, wanted
            attach(call.network, endpoint, stay)

    return change
