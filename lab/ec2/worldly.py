"""Commands that change the world itself, checked before anything happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from math import inf
from string import Template
from typing import Any

from . import pace, planting
from .operations.news import BODIES, PLACES
from .operations.quotas import GATEWAY_ENDPOINTS
from .world import World

_ROUTE_CODES = ("RouteAlreadyExists", "InvalidParameter")
# Ten years, in seconds: a clock that tells dates has an end.
_YEARS = 315_360_000
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
        seconds = _duration(name, value)
        return lambda: setattr(world.settings, name, seconds)

    return part


def _duration(name: str, value: Any) -> float:
    # JSON as Python reads it knows NaN and Infinity: no clock comes back from there.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _YEARS:
        raise ValueError(f"{name} is a number of seconds, from 0 to {_YEARS}, not {value!r}")
    return float(value)


def _flag(name: str) -> Callable[[World, Any], _Change]:
    def part(world: World, value: Any) -> _Change:
        if not isinstance(value, bool):
            raise ValueError(f"{name} is true or false, not {value!r}")
        return lambda: setattr(world.settings, name, value)

    return part


def _stand(world: World, value: Any) -> _Change:
    set_flag = _flag("time_stands")(world, value)

    def change() -> None:
        set_flag()
        world.clock.stand(value)

    return change


def _stand_at(world: World, value: Any) -> _Change:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        at = datetime.min
    if at.tzinfo is None:
        raise ValueError(f"stands_at is an instant in ISO 8601, with its zone, not {value!r}")

    def change() -> None:
        world.settings.time_stands = True
        world.clock.stand_at(at.timestamp())

    return change


def _pass(world: World, value: Any) -> _Change:
    seconds = _duration("pass_seconds", value)

    def change() -> None:
        world.clock.forward(seconds)
        world.pass_time()

    return change


def _pace(world: World, value: Any) -> _Change:
    """Sets how long things take from now on; what is under way keeps its time."""
    if value not in pace.PACES:
        raise ValueError(f"world is one of {', '.join(pace.PACES)}, not {value!r}")

    def change() -> None:
        world.settings.world = value
        world.settings.lag_seconds = pace.lag(value, world.settings.speed)

    return change


def _speed(world: World, value: Any) -> _Change:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < inf:
        raise ValueError(f"speed is a number above 0, not {value!r}")

    def change() -> None:
        world.settings.lag_seconds *= world.settings.speed / value
        world.settings.speed = float(value)

    return change


def _route_code(world: World, value: Any) -> _Change:
    if value not in _ROUTE_CODES:
        raise ValueError(f"route_exists_code is one of {', '.join(_ROUTE_CODES)}, not {value!r}")
    return lambda: setattr(world.settings, "route_exists_code", value)


def _share(world: World, value: Any) -> _Change:
    named = ("vpc_id", "from_account", "with_account")
    vpc_id, owner, guest = members("share_vpc", value, named)
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


def _quota(world: World, value: Any) -> _Change:
    """Sets the Region's quota of gateway endpoints, downwards too."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), int):
        raise ValueError("quota takes account, region and value (a whole number)")
    account, region = members("quota", {k: value[k] for k in value if k != "value"}, _WHERE)
    key = (account, region, GATEWAY_ENDPOINTS.code)

    def change() -> None:
        world.quotas[key] = float(value["value"])

    return change


def _body(world: World, value: Any) -> _Change:
    if isinstance(value, dict):
        (text,) = members("notification_body", value, ("template",))
        if not Template(text).is_valid():
            raise ValueError("notification_body: the template's places are written $name")
        wrong = set(Template(text).get_identifiers()) - set(PLACES)
        if wrong:
            raise ValueError(f"notification_body: a template names {', '.join(PLACES)}")
    elif value not in BODIES:
        raise ValueError(f"notification_body is {', '.join(BODIES)} or {{template: ...}}")
    return lambda: setattr(world.settings, "notification_body", value)


def _throttle(world: World, value: Any) -> _Change:
    """Switches the token buckets on, `speed` times as fast as AWS's, or off (null)."""
    if value is not None:
        speed = value.get("speed") if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed < inf:
            raise ValueError("throttle is null or {speed: a number above 0}")

    def change() -> None:
        world.settings.throttle = value
        world.buckets.clear()

    return change


_WHERE = ("account", "region")


def members(name: str, value: Any, wanted: tuple[str, ...]) -> list[str]:
    """The members of a part that takes exactly these, all of them texts.

    Raises:
        ValueError: it has others, or one that is no text.
    """
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise ValueError(f"{name} takes exactly {', '.join(wanted)}")
    if not all(isinstance(each, str) and each for each in value.values()):
        raise ValueError(f"{name}: every member is a text that is not empty")
    return [value[each] for each in wanted]


_PARTS: dict[str, Callable[[World, Any], _Change]] = {
    "time_stands": _stand,
    "stands_at": _stand_at,
    "pass_seconds": _pass,
    "world": _pace,
    "speed": _speed,
    "lag_seconds": _seconds("lag_seconds"),
    "settle_seconds": _seconds("settle_seconds"),
    "route_exists_code": _route_code,
    "share_vpc": _share,
    "quota": _quota,
    "private_dns_verifies": _flag("private_dns_verifies"),
    "accept_rejected": _flag("accept_rejected"),
    "connection_tags": _flag("connection_tags"),
    "organization_principals": _flag("organization_principals"),
    "permission_types": _flag("permission_types"),
    "notification_body": _body,
    "throttle": _throttle,
    "requester_managed": planting.requester_managed,
    "expire": planting.expire,
    "fail": planting.fail,
    "partial": planting.partial,
    "made": planting.made,
    "transit_gateway_attachment": planting.attachment,
    "transit_gateway_permission": planting.permission,
}
