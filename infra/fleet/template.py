"""What of a configuration the stack's template is made of, and the functions don't read.

The accounts of a unit share one template, so an account's overlay may change none of it. A test
holds the table against the templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.policy_file import Configuration

Path = tuple[str, ...]


def _window(found: Configuration) -> Any:
    """A change window has a schedule of its own, and its time zone's data beside the policy."""
    gateway = found.policy.gateway_endpoints
    return gateway.change_window if gateway.busy_route_tables == "window" else None


def _reader(found: Configuration) -> Any:
    """A permission to ask the organization, or to become the role that may."""
    return None if found.policy.organization is None else (found.policy.organization.read_by,)


FACETS: Mapping[str, tuple[tuple[Path, ...], Callable[[Configuration], Any]]] = {
    "the schedules": ((("sweep",),), lambda found: found.sweep_minutes),
    "a schedule": (
        (("gateway_endpoints", "busy_route_tables"), ("gateway_endpoints", "change_window")),
        _window,
    ),
    "a rule and a permission": (
        (("interface_endpoints",),),
        lambda found: bool(found.policy.interface_endpoints),
    ),
    "a permission to read traffic": (
        (("retire",),),
        lambda found: found.policy.retire_interfaces == "idle",
    ),
    "an alarm": (
        (("connections", "hold_for"),),
        lambda found: found.policy.connections.hold_for_seconds,
    ),
    "the permission to ask the organization": ((("organization",),), _reader),
    "the role that peers read zones by": (
        (("zones", "peers"),),
        lambda found: found.policy.zones.peers,
    ),
    "a permission to read zones": (
        (("zones", "before_accepting"),),
        lambda found: found.policy.zones.before_accepting == "hold",
    ),
    "the custom actions of a chat": (
        (("notify", "chat_buttons"),),
        lambda found: found.policy.notify.chat_buttons,
    ),
}
"""What of the template, the keys that decide it, and how."""


def changed(unit: Configuration, account: Configuration) -> list[tuple[str, tuple[Path, ...]]]:
    """What of the unit's template the account's configuration would have otherwise."""
    return [(what, keys) for what, (keys, take) in FACETS.items() if take(unit) != take(account)]
