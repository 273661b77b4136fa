"""Parts of a world command that plant what no call of the API brings about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .errors import AwsError
from .network import Endpoint as GatewayEndpoint
from .network import new_id
from .operations import connections, permissions
from .principals import parse
from .privatelink import Attachment, Connection, InterfaceEndpoint, Service
from .world import World

_Change = Callable[[], None]
# Ten years, in seconds.
_YEARS = 315_360_000


def requester_managed(world: World, value: Any) -> _Change:
    """Makes an endpoint one that an AWS service keeps."""
    endpoint = _endpoint(world, "requester_managed", value)
    return lambda: setattr(endpoint, "requester_managed", True)


def expire(world: World, value: Any) -> _Change:
    """Lets a connection request run out that nobody answered."""
    endpoint = _interface(world, "expire", value)
    if endpoint.state != "pendingAcceptance":
        raise ValueError(f"expire: {value} is {endpoint.state}, not pendingAcceptance")
    return _becomes(world, endpoint, "expired", None)


def fail(world: World, value: Any) -> _Change:
    """Has an endpoint fail, with the error that DescribeVpcEndpoints then shows."""
    wanted = {"endpoint_id", "code", "message"}
    if not isinstance(value, dict) or set(value) != wanted:
        raise ValueError(f"fail takes exactly {', '.join(sorted(wanted))}")
    endpoint = _endpoint(world, "fail", value["endpoint_id"])
    error = (str(value["code"]), str(value["message"]))
    if isinstance(endpoint, GatewayEndpoint):
        return lambda: setattr(endpoint, "error", error)
    return _becomes(world, endpoint, "failed", error)


def partial(world: World, value: Any) -> _Change:
    """Has an interface endpoint be there in part: the API's model has the state, and says no more.

    It goes on serving (believed), and can be changed.
    """
    endpoint = _interface(world, "partial", value)
    return _becomes(world, endpoint, "partial", None)


def made(world: World, value: Any) -> _Change:
    """Makes an interface endpoint as old as if it had been made so many seconds ago."""
    if not isinstance(value, dict) or set(value) != {"endpoint_id", "seconds_ago"}:
        raise ValueError("made takes exactly endpoint_id, seconds_ago")
    endpoint, ago = _interface(world, "made", value["endpoint_id"]), value["seconds_ago"]
    if isinstance(ago, bool) or not isinstance(ago, int | float) or not 0 <= ago <= _YEARS:
        raise ValueError(f"made: seconds_ago is a number from 0 to {_YEARS}, not {ago!r}")

    def change() -> None:
        for network in connections.sides(world, endpoint):
            world.remember_past(network)
        endpoint.created = datetime.fromtimestamp(world.clock() - ago, UTC)

    return change


def _becomes(
    world: World, endpoint: InterfaceEndpoint, state: str, error: tuple[str, str] | None
) -> _Change:
    def change() -> None:
        for network in connections.sides(world, endpoint):
            world.remember_past(network)
        endpoint.state, endpoint.error = state, error

    return change


def attachment(world: World, value: Any) -> _Change:
    """Puts a transit gateway attachment among a service's connections."""
    wanted = {"service_id", "owner", "state"}
    if not isinstance(value, dict) or set(value) != wanted:
        raise ValueError(f"transit_gateway_attachment takes exactly {', '.join(sorted(wanted))}")
    service = _service(world, "transit_gateway_attachment", value["service_id"])

    def change() -> None:
        made = Attachment(new_id("tgw-attach"), str(value["owner"]), str(value["state"]))
        now = datetime.fromtimestamp(world.clock(), UTC)
        arns = list(service.balancer_arns)
        home = world.network(service.owner, service.region)
        world.remember_past(home)
        home.connections[made.id] = Connection(
            new_id("vpce-con"), service.id, now, arns, attachment=made
        )

    return change


def permission(world: World, value: Any) -> _Change:
    """Lets an account attach its transit gateway to a service."""
    wanted = {"service_id", "principal"}
    if not isinstance(value, dict) or set(value) != wanted:
        raise ValueError(f"transit_gateway_permission takes exactly {', '.join(sorted(wanted))}")
    service = _service(world, "transit_gateway_permission", value["service_id"])
    home = world.network(service.owner, service.region)
    try:
        principal = parse(str(value["principal"]), str(home.partition))
    except AwsError as error:
        raise ValueError(f"transit_gateway_permission: {error.message}") from error

    def change() -> None:
        world.remember_past(home)
        permissions.allow(service, principal, "transit-gateway-attachment")

    return change


def _service(world: World, part: str, identifier: Any) -> Service:
    found = world.service(str(identifier))
    if found is None:
        raise ValueError(f"{part}: there is no service {identifier!r}")
    return found


def _interface(world: World, part: str, identifier: Any) -> InterfaceEndpoint:
    found = _endpoint(world, part, identifier)
    if not isinstance(found, InterfaceEndpoint):
        raise ValueError(f"{part}: {identifier} is no interface endpoint")
    return found


def _endpoint(world: World, part: str, identifier: Any) -> GatewayEndpoint | InterfaceEndpoint:
    for network in world.networks.values():
        found = network.endpoints.get(identifier) or network.interface_endpoints.get(identifier)
        if found is not None:
            return found
    raise ValueError(f"{part}: there is no endpoint {identifier!r}")
