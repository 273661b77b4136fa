"""Gateway endpoints: made, changed, deleted and described."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, invalid_parameter, missing_parameter
from ..identifiers import ENDPOINT, ENDPOINT_TABLE, ENDPOINT_TO_DELETE, ENDPOINT_VPC
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Endpoint, Network, new_id
from ..prefix_lists import gateway_service, prefix_list_id
from . import idempotency, owned, policies, quotas, routes
from .services import unknown_service

Item = dict[str, Any]


def view(network: Network, endpoint: Endpoint, now: float) -> Item:
    """An endpoint as DescribeVpcEndpoints shows it; states are lower-case on the wire."""
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": "Gateway",
        "VpcId": endpoint.vpc_id,
        "ServiceName": endpoint.service_name,
        "State": "pending" if endpoint.pending and now < endpoint.settled_at else "available",
        "PolicyDocument": endpoint.policy,
        "RouteTableIds": list(endpoint.route_table_ids),
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": False,
        "RequesterManaged": endpoint.requester_managed,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "CreationTimestamp": endpoint.created,
        "Tags": network.tags_of(endpoint.id),
        "OwnerId": network.account_id,
    }


KIND = Kind(
    "vpc-endpoint",
    lambda network: network.endpoints.values(),
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
    network = call.network
    service = _service(call)
    vpc = owned.vpc(call, call.get("VpcId"), ENDPOINT_VPC)
    policy = policies.checked(call.get("PolicyDocument"))
    tags = call.tags_for("vpc-endpoint")
    tables = _tables(call, vpc.id, call.get("RouteTableIds", []))
    listing = prefix_list_id(network.region_name, service)
    _refuse_second_routes(call, tables, listing)
    quotas.check_gateway_endpoints(call)
    now = call.world.clock()
    endpoint = Endpoint(
        id=new_id("vpce"),
        vpc_id=vpc.id,
        service=service,
        service_name=call.get("ServiceName"),
        prefix_list_id=listing,
        policy=policy or policies.FULL_ACCESS,
        created=datetime.fromtimestamp(now, UTC),
        settled_at=now + call.world.settings.settle_seconds,
    )
    network.endpoints[endpoint.id] = endpoint
    network.create_tags([endpoint.id], tags)
    _attach(network, endpoint, tables)
    return {"VpcEndpoint": view(network, endpoint, now), **idempotency.echo(call)}


def _service(call: Call) -> str:
    """The short name of the gateway service asked for.

    Raises:
        AwsError: it is missing, unknown, or the request wants more than a gateway endpoint.
    """
    name = call.get("ServiceName")
    if not name:
        raise missing_parameter("ServiceName")
    kind = call.get("VpcEndpointType", "Gateway")
    if kind != "Gateway":
        raise AwsError("InvalidAction", f"The lab does not serve endpoints of type {kind} yet.")
    service = gateway_service(call.caller.region, name)
    if service is None:
        raise unknown_service(name)
    for member, what in (("SubnetIds", "Subnet IDs"), ("SecurityGroupIds", "Security group IDs")):
        if call.get(member):
            raise invalid_parameter(
                f"{what} are only supported for Interface and GatewayLoadBalancer type VPC"
                " Endpoints."
            )
    return service


def _tables(call: Call, vpc_id: str, identifiers: Iterable[str]) -> list[Any]:
    """The named tables, which must be the VPC's."""
    tables = []
    for identifier in dict.fromkeys(identifiers):
        table = owned.route_table(call, identifier, ENDPOINT_TABLE)
        if table.vpc_id != vpc_id:
            raise invalid_parameter(f"Route table {identifier} does not belong to VPC {vpc_id}.")
        if any(str(target).startswith("igw-") for target in table._associations.values()):
            raise invalid_parameter(
                f"Route table {identifier} is associated with a gateway; it takes no routes to VPC"
                " endpoints."
            )
        tables.append(table)
    return tables


def _refuse_second_routes(call: Call, tables: list[Any], listing: str) -> None:
    for table in tables:
        if routes.has_route_for(table, listing):
            raise AwsError(
                call.world.settings.route_exists_code,
                f"route table {table.id} already has a route with destination-prefix-list-id"
                f" {listing}",
            )


def _attach(network: Network, endpoint: Endpoint, tables: list[Any]) -> None:
    for table in tables:
        routes.endpoint_route(network, table, endpoint)
        endpoint.route_table_ids.append(table.id)


def _detach(endpoint: Endpoint, tables: list[Any]) -> None:
    for table in tables:
        routes.drop_endpoint_route(table, endpoint)
        if table.id in endpoint.route_table_ids:
            endpoint.route_table_ids.remove(table.id)


def _modify(call: Call) -> Item:
    network, identifier = call.network, ENDPOINT.check(call.get("VpcEndpointId"))
    endpoint = network.endpoints.get(identifier)
    if endpoint is None:
        raise ENDPOINT.unknown(identifier)
    _refuse_interface_members(call)
    now = call.world.clock()
    if now < endpoint.settled_at:
        raise AwsError("OperationInProgress", "VpcEndpoint modify operation in progress")
    added = _new_tables(call, endpoint)
    removed = _tables(call, endpoint.vpc_id, call.get("RemoveRouteTableIds", []))
    endpoint.policy = _new_policy(call) or endpoint.policy
    _detach(endpoint, removed)
    _attach(network, endpoint, added)
    endpoint.settled_at, endpoint.pending = now + call.world.settings.settle_seconds, False
    return {"Return": True}


def _new_tables(call: Call, endpoint: Endpoint) -> list[Any]:
    """The tables to add; one that the endpoint has already changes nothing."""
    named = _tables(call, endpoint.vpc_id, call.get("AddRouteTableIds", []))
    new = [table for table in named if table.id not in endpoint.route_table_ids]
    _refuse_second_routes(call, new, endpoint.prefix_list_id)
    return new


def _new_policy(call: Call) -> str | None:
    if call.get("ResetPolicy"):
        if call.get("PolicyDocument"):
            raise AwsError(
                "InvalidParameterCombination",
                "The parameters ResetPolicy and PolicyDocument cannot be used together.",
            )
        return policies.FULL_ACCESS
    return policies.checked(call.get("PolicyDocument"))


_INTERFACE_MEMBERS = ("AddSubnetIds", "RemoveSubnetIds", "AddSecurityGroupIds", "PrivateDnsEnabled")


def _refuse_interface_members(call: Call) -> None:
    for member in _INTERFACE_MEMBERS:
        if call.get(member):
            raise invalid_parameter(f"{member} is only supported for Interface type VPC Endpoints.")


def _delete(call: Call) -> Item:
    """Deletes what is there; a missing id goes to Unsuccessful and the call still succeeds."""
    network = call.network
    unsuccessful = []
    for identifier in call.get("VpcEndpointIds"):
        ENDPOINT.check(identifier)
    for identifier in call.get("VpcEndpointIds"):
        endpoint = network.endpoints.pop(identifier, None)
        if endpoint is None:
            why = ENDPOINT_TO_DELETE.unknown(identifier)
            error = {"Code": why.code, "Message": why.message}
            unsuccessful.append({"Error": error, "ResourceId": identifier})
            continue
        _detach(endpoint, network.tables_of(endpoint.vpc_id))
        network.forget_tags(identifier)
    return {"Unsuccessful": unsuccessful}


OPERATIONS: Operations = {
    "CreateVpcEndpoint": _create,
    "ModifyVpcEndpoint": _modify,
    "DeleteVpcEndpoints": _delete,
    "DescribeVpcEndpoints": describe(_LISTING),
}
