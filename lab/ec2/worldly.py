"""Commands that change the world itself, checked before anything happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .network import Endpoint
from .operations.quotas import GATEWAY_ENDPOINTS
from .world import World

_ROUTE_CODES = ("RouteAlreadyExists", "InvalidParameter")
_Change = Callable[[], None]


def apply(world: World, command: dict[str, Any]) -> dict[str, Any]:
    """Carries out every part of a command, or none; returns the settings after it.

    Raises:
        ValueError: what is wrong with the command, in words.
    """
    unknown = sorted(command.keys() - _PARTS.keys())
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(_PARTS))}")
    changes = [_PARTS[name](world, value) for name, value in command.items()]
    for change in changes:
        change()
    return asdict(world.settings)


def _seconds(name: str) -> Callable[[World, Any], _Change]:
    def part(world: World, value: Any) -> _Change:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{name} is a number of seconds, 0 or more, not {value!r}")
        return lambda: setattr(world.settings, name, float(value))

    return part


def _route_code(world: World, value: Any) -> _Change:
    if value not in _ROUTE_CODES:
        raise ValueError(f"route_exists_code is one of {', '.join(_ROUTE_CODES)}, not {value!r}")
    return lambda: setattr(world.settings, "route_exists_code", value)


def _share(world: World, value: Any) -> _Change:
    members = _members("share_vpc", value, ("vpc_id", "from_account", "with_account"))
    vpc_id, owner, guest = members
    if not any(
        account == owner and vpc_id in network.vpcs
        for (account, _), network in world.networks.items()
    ):
        raise ValueError(f"share_vpc: account {owner} has no VPC {vpc_id}")
    if owner == guest:
        raise ValueError("share_vpc: from_account and with_account are the same")

    def change() -> None:
        world.shares.setdefault(vpc_id, set()).add(guest)

    return change


def _requester_managed(world: World, value: Any) -> _Change:
    endpoint = _endpoint(world, value)
    return lambda: setattr(endpoint, "requester_managed", True)


def _endpoint(world: World, identifier: Any) -> Endpoint:
    for network in world.networks.values():
        found = network.endpoints.get(identifier)
        if found is not None:
            return found
    raise ValueError(f"requester_managed: there is no endpoint {identifier!r}")


def _quota(world: World, value: Any) -> _Change:
    """Sets the Region's quota of gateway endpoints, downwards too."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), int):
        raise ValueError("quota takes account, region and value (a whole number)")
    account, region = _members("quota", {k: value[k] for k in value if k != "value"}, _WHERE)
    key = (account, region, GATEWAY_ENDPOINTS.code)

    def change() -> None:
        world.quotas[key] = float(value["value"])

    return change


_WHERE = ("account", "region")


def _members(name: str, value: Any, wanted: tuple[str, ...]) -> list[str]:
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise ValueError(f"{name} takes exactly {', '.join(wanted)}")
    if not all(isinstance(each, str) and each for each in value.values()):
        raise ValueError(f"{name}: every member is a text that is not empty")
    return [value[each] for each in wanted]


_PARTS: dict[str, Callable[[World, Any], _Change]] = {
    "lag_seconds": _seconds("lag_seconds"),
    "settle_seconds": _seconds("settle_seconds"),
    "route_exists_code": _route_code,
    "share_vpc": _share,
    "requester_managed": _requester_managed,
    "quota": _quota,
}
