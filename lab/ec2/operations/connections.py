"""Connections to endpoint services: asked for, answered by the provider, ended by the consumer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..call import Call, Operations
from ..errors import AwsError
from ..identifiers import CONNECTION, ENDPOINT
from ..listing import Item, Kind, Listing, describe
from ..network import Network, new_id
from ..privatelink import Connection, InterfaceEndpoint
from ..world import World
from . import endpoint_services, news, private_dns
from .targets import Target

_REJECTABLE = frozenset({"pendingAcceptance", "pending", "available", "partial"})


def view(network: Network, connection: Connection, _now: float) -> Item:
    """A connection as the provider sees it; of the endpoint's zones nothing shows."""
    endpoint, attachment = connection.endpoint, connection.attachment
    service = network.services.get(connection.service_id)
    item: Item = {
        "ServiceId": connection.service_id,
        "VpcEndpointState": connection.state,
        "CreationTimestamp": connection.created,
        endpoint_services.BALANCERS[service.kind if service else "Interface"]: list(
            service.balancer_arns if service else connection.balancer_arns
        ),
        "IpAddressType": endpoint.address_type if endpoint else "ipv4",
        "VpcEndpointConnectionId": connection.id,
        "Tags": network.tags_of(connection.id),
    }
    if attachment is not None:
        return {
            **item,
            "TransitGatewayAttachmentId": attachment.id,
            "TransitGatewayAttachmentOwner": attachment.owner,
        }
    return item if endpoint is None else {**item, **_of_endpoint(endpoint)}


def _of_endpoint(endpoint: InterfaceEndpoint) -> Item:
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointOwner": endpoint.owner,
        "VpcEndpointRegion": endpoint.region,
        "DnsEntries": [private_dns.regional_entry(endpoint)] if endpoint.dns_suffix else [],
    }


KIND = Kind(
    "vpc-endpoint-connection",
    lambda network: network.connections.values(),
    lambda _connection: None,
    view,
)

_LISTING = Listing(
    kind=KIND,
    result="VpcEndpointConnections",
    ids="(none)",
    id_kind=CONNECTION,
    id_filter="(none)",
    vpc_filter=None,
    filters={
        "ip-address-type": ("IpAddressType",),
        "service-id": ("ServiceId",),
        "transit-gateway-attachment-id": ("TransitGatewayAttachmentId",),
        "vpc-endpoint-id": ("VpcEndpointId",),
        "vpc-endpoint-owner": ("VpcEndpointOwner",),
        "vpc-endpoint-region": ("VpcEndpointRegion",),
        "vpc-endpoint-state": ("VpcEndpointState",),
    },
)


def provider(world: World, endpoint: InterfaceEndpoint) -> Network | None:
    """The network that sees an endpoint's connection."""
    for network in world.networks.values():
        if endpoint.id in network.connections:
            return network
    return None


def sides(world: World, endpoint: InterfaceEndpoint) -> tuple[Network, ...]:
    """The consumer's network, and the provider's if there is one."""
    other = provider(world, endpoint)
    own = world.network(endpoint.owner, endpoint.region)
    return (own,) if other is None or other is own else (own, other)


def ask(call: Call, endpoint: InterfaceEndpoint, target: Target) -> None:
    """Asks the service for a connection; AWS's own services just settle."""
    service = target.service
    if service is None:
        settle(call.world, endpoint)
        return
    home = call.world.network(service.owner, service.region)
    call.world.remember_past(home)
    connection = Connection(
        new_id("vpce-con"), service.id, endpoint.created, list(service.balancer_arns), endpoint
    )
    home.connections[endpoint.id] = connection
    news.tell(call.world, "Connect", home, connection)
    if service.acceptance_required:
        endpoint.state = "pendingAcceptance"
        return
    settle(call.world, endpoint)
    news.tell(call.world, "Accept", home, connection)


def settle(world: World, endpoint: InterfaceEndpoint) -> None:
    """Makes the endpoint pending, and available once the world has settled."""
    endpoint.state = "pending"
    takes = world.takes("interface endpoint made")
    endpoint.settled_at = world.clock() + takes

    def settled(when: float) -> None:
        if endpoint.state == "pending" and when >= endpoint.settled_at:
            endpoint.state = "available"

    world.agenda.add(endpoint.settled_at, sides(world, endpoint), settled)


def leave(call: Call, endpoint: InterfaceEndpoint) -> None:
    """Has the provider see, and its notifications told, that the consumer deletes its endpoint."""
    home = provider(call.world, endpoint)
    if home is None:
        endpoint.state = "deleting"
        return
    call.world.remember_past(home)
    endpoint.state = "deleting"
    news.tell(call.world, "Delete", home, home.connections[endpoint.id])


def ended(world: World, endpoint: InterfaceEndpoint, when: float) -> None:
    """Has the provider see for a while from `when` on that the endpoint is deleted."""
    home = provider(world, endpoint)
    if home is None:
        return
    network = home
    world.later(
        "gone connection listed", (home,), lambda _when: forget(network, endpoint.id), since=when
    )


def forget(home: Network, identifier: str) -> None:
    """Drops a connection from the provider's list."""
    connection = home.connections.pop(identifier, None)
    if connection is not None:
        home.forget_tags(connection.id)


def _accept(call: Call, connection: Connection, endpoint: InterfaceEndpoint) -> None:
    """Accepts; a connection that stands already is left as it is (believed).

    Raises:
        AwsError: the connection is in a state that cannot be accepted.
    """
    if connection.state in ("pending", "available", "partial"):
        return
    again = connection.state == "rejected" and call.world.settings.accept_rejected
    if connection.state != "pendingAcceptance" and not again:
        raise _wrong_state(endpoint)
    settle(call.world, endpoint)
    news.tell(call.world, "Accept", call.network, connection)


def _reject(call: Call, connection: Connection, endpoint: InterfaceEndpoint) -> None:
    """Rejects, which cuts a connection that stands; a second time it changes nothing.

    Raises:
        AwsError: the connection is over already.
    """
    if connection.state == "rejected":
        return
    if connection.state not in _REJECTABLE:
        raise _wrong_state(endpoint)
    endpoint.state = "rejected"
    news.tell(call.world, "Reject", call.network, connection)


def _wrong_state(endpoint: InterfaceEndpoint) -> AwsError:
    return AwsError(
        "InvalidState", f"The VPC endpoint connection {endpoint.id} is in state {endpoint.state}."
    )


_Answer = Callable[[Call, Connection, InterfaceEndpoint], None]


def _answering(answer: _Answer) -> Callable[[Call], Item]:
    """A call that answers several connections of a service; what fails is listed, not raised."""

    def handler(call: Call) -> Item:
        service = endpoint_services.own(call, call.get("ServiceId"))
        unsuccessful: list[Any] = []
        for identifier in call.get("VpcEndpointIds"):
            ENDPOINT.check(identifier)
        for identifier in dict.fromkeys(call.get("VpcEndpointIds")):
            try:
                _answer_one(call, service.id, identifier, answer)
            except AwsError as why:
                error = {"Code": why.code, "Message": why.message}
                unsuccessful.append({"Error": error, "ResourceId": identifier})
        return {"Unsuccessful": unsuccessful}

    return handler


def _answer_one(call: Call, service_id: str, identifier: str, answer: _Answer) -> None:
    connection = call.network.connections.get(identifier)
    endpoint = connection.endpoint if connection else None
    if connection is None or endpoint is None or connection.service_id != service_id:
        raise ENDPOINT.unknown(identifier)
    for network in sides(call.world, endpoint):
        if network is not call.network:
            call.world.remember_past(network)
    answer(call, connection, endpoint)


OPERATIONS: Operations = {
    "AcceptVpcEndpointConnections": _answering(_accept),
    "DescribeVpcEndpointConnections": describe(_LISTING),
    "RejectVpcEndpointConnections": _answering(_reject),
}
