"""Route tables, their associations and their routes."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError, dependency_violation
from ..identifiers import ASSOCIATION, ROUTE_TABLE
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network, new_id
from . import idempotency, owned

Item = dict[str, Any]


def view(network: Network, table: Any, _now: float) -> Item:
    """A route table as DescribeRouteTables shows it."""
    return {
        "RouteTableId": table.id,
        "VpcId": table.vpc_id,
        "OwnerId": network.account_id,
        "Routes": [_route(route) for route in table.routes],
        "Associations": table.associations,
        "PropagatingVgws": [],
        "Tags": network.tags_of(table.id),
    }


_TARGETS = {
    "GatewayId": "gateway_id",
    "InstanceId": "instance_id",
    "NatGatewayId": "nat_gateway_id",
    "EgressOnlyInternetGatewayId": "egress_only_internet_gateway_id",
    "TransitGatewayId": "transit_gateway_id",
    "NetworkInterfaceId": "network_interface_id",
    "VpcPeeringConnectionId": "vpc_peering_connection_id",
}
_DESTINATIONS = {
    "DestinationCidrBlock": "destination_cidr_block",
    "DestinationIpv6CidrBlock": "destination_ipv6_cidr_block",
    "DestinationPrefixListId": "destination_prefix_list_id",
}


def _route(route: Any) -> Item:
    item = {}
    for member, held in (*_DESTINATIONS.items(), *_TARGETS.items()):
        value = getattr(route, held)
        if value is not None:
            item[member] = value
    return {**item, "State": "active", "Origin": route.origin}


KIND = Kind(
    "route-table",
    lambda network: network.route_tables.values(),
    lambda table: str(table.vpc_id),
    view,
)

_LISTING = Listing(
    kind=KIND,
    result="RouteTables",
    ids="RouteTableIds",
    id_kind=ROUTE_TABLE,
    id_filter="route-table-id",
    vpc_filter="vpc-id",
    filters={
        **TAG_FILTERS,
        "route-table-id": ("RouteTableId",),
        "vpc-id": ("VpcId",),
        "owner-id": ("OwnerId",),
        "association.gateway-id": ("Associations", "GatewayId"),
        "association.main": ("Associations", "Main"),
        "association.route-table-association-id": ("Associations", "RouteTableAssociationId"),
        "association.route-table-id": ("Associations", "RouteTableId"),
        "association.subnet-id": ("Associations", "SubnetId"),
        "route.destination-cidr-block": ("Routes", "DestinationCidrBlock"),
        "route.destination-ipv6-cidr-block": ("Routes", "DestinationIpv6CidrBlock"),
        "route.destination-prefix-list-id": ("Routes", "DestinationPrefixListId"),
        "route.egress-only-internet-gateway-id": ("Routes", "EgressOnlyInternetGatewayId"),
        "route.gateway-id": ("Routes", "GatewayId"),
        "route.instance-id": ("Routes", "InstanceId"),
        "route.nat-gateway-id": ("Routes", "NatGatewayId"),
        "route.origin": ("Routes", "Origin"),
        "route.state": ("Routes", "State"),
        "route.transit-gateway-id": ("Routes", "TransitGatewayId"),
        "route.vpc-peering-connection-id": ("Routes", "VpcPeeringConnectionId"),
    },
)


def _create(call: Call) -> Item:
    return idempotency.once(call, _make)


def _make(call: Call) -> Item:
    vpc = owned.vpc(call, call.get("VpcId"))
    tags = call.tags_for("route-table")
    table = call.network.create_route_table(vpc.id)
    call.network.create_tags([table.id], tags)
    return {"RouteTable": view(call.network, table, 0), **idempotency.echo(call)}


def _delete(call: Call) -> Item:
    network, table = call.network, owned.route_table(call, call.get("RouteTableId"))
    if table._associations or table.main_association_id:
        raise dependency_violation("routeTable", table.id)
    del network.route_tables[table.id]
    network.forget_tags(table.id)
    for endpoint in network.endpoints.values():
        if table.id in endpoint.route_table_ids:
            endpoint.route_table_ids.remove(table.id)
    return {"Return": True}


def _associate(call: Call) -> Item:
    table = owned.route_table(call, call.get("RouteTableId"))
    target = call.get("SubnetId") or call.get("GatewayId")
    if target is None:
        raise AwsError("InvalidParameterCombination", "Either subnetId or gatewayId is required.")
    _check_target(call, table, target)
    existing = _association_of(call.network, target)
    if existing is not None:
        holder, association = existing
        if holder is not table:
            raise _already_associated(target)
        return _associated("AssociationId", association)
    association = new_id("rtbassoc")
    table._associations[association] = target
    return _associated("AssociationId", association)


def _check_target(call: Call, table: Any, target: str) -> None:
    if call.get("SubnetId"):
        vpc_id = owned.subnet(call, target).vpc_id
    else:
        gateway = owned.internet_gateway(call, target)
        vpc_id = gateway.vpc.id if gateway.vpc else None
    if vpc_id != table.vpc_id:
        raise AwsError(
            "InvalidParameterValue",
            f"Route table {table.id} and {target} belong to different networks",
        )


def _already_associated(target: str) -> AwsError:
    return AwsError(
        "Resource.AlreadyAssociated",
        f"the specified association for {target} conflicts with an existing association",
    )


def _associated(member: str, association: str) -> Item:
    return {member: association, "AssociationState": {"State": "associated"}}


def _association_of(network: Network, target: str) -> tuple[Any, str] | None:
    for table in network.route_tables.values():
        for association, held in table._associations.items():
            if held == target:
                return table, association
    return None


def _holder(call: Call, association: str) -> Any:
    """The table that has an association, its main one included."""
    ASSOCIATION.check(association)
    for table in call.network.route_tables.values():
        if association in table._associations or association == table.main_association_id:
            return table
    raise ASSOCIATION.unknown(association)


def _disassociate(call: Call) -> Item:
    association = call.get("AssociationId")
    table = _holder(call, association)
    if association == table.main_association_id:
        raise AwsError(
            "InvalidParameterValue",
            f"cannot disassociate the main route table association {association}",
        )
    del table._associations[association]
    return {"Return": True}


def _replace_association(call: Call) -> Item:
    association = call.get("AssociationId")
    old = _holder(call, association)
    new = owned.route_table(call, call.get("RouteTableId"))
    if new.vpc_id != old.vpc_id:
        raise AwsError(
            "InvalidParameterValue",
            f"Route table {new.id} and association {association} belong to different networks",
        )
    made = new_id("rtbassoc")
    if association == old.main_association_id:
        old.main_association_id, new.main_association_id = None, made
    else:
        new._associations[made] = old._associations.pop(association)
    return _associated("NewAssociationId", made)


OPERATIONS: Operations = {
    "CreateRouteTable": _create,
    "DeleteRouteTable": _delete,
    "DescribeRouteTables": describe(_LISTING),
    "AssociateRouteTable": _associate,
    "DisassociateRouteTable": _disassociate,
    "ReplaceRouteTableAssociation": _replace_association,
}
