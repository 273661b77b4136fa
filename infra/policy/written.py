"""A configuration as its file would say it, defaults included: plain JSON types, by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autopilot.policy.model import (
    ChangeWindow,
    ConnectionPolicy,
    GatewayPolicy,
    InterfaceProfile,
    Peer,
    Policy,
    PublishPolicy,
    Rule,
)

from infra.policy.interfaces import INBOUND_ONLY
from infra.policy.letter import LetterTime
from infra.policy_file import Configuration

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def written(found: Configuration) -> dict[str, Any]:
    """Every key of the policy but `tag_values` and `endpoint_policies`, which hold no choice and
    files' names; None for what is left out."""
    policy = found.policy
    return {
        "mode": policy.mode,
        "vpcs": {"skip_tags": dict(policy.skip_tags)},
        "gateway_endpoints": _gateway(policy.gateway_endpoints),
        "interface_endpoints": [_profile(each) for each in policy.interface_endpoints],
        "retire": policy.retire_interfaces,
        "idle": {
            "after": _days(policy.idle.after_days),
            "wait": _days(policy.idle.wait_days),
            "keep_tags": dict(policy.idle.keep_tags),
        },
        "endpoint_services": _services(policy.endpoint_services),
        "connections": _connections(policy.connections),
        "organization": _organization(policy),
        "zones": {
            "require": policy.zones.require,
            "before_accepting": policy.zones.before_accepting,
            "peers": [_peer(each) for each in policy.zones.peers],
        },
        "notify": _notify(found),
        "sweep": f"every {duration(found.sweep_minutes * 60).removeprefix('1 ')}",
    }


def duration(seconds: int) -> str:
    """`6 hours`, in the largest unit that divides it."""
    unit, length = next((u, n) for u, n in _UNITS if seconds % n == 0)
    count = seconds // length
    return f"{count} {unit}" + ("" if count == 1 else "s")


def _days(count: int) -> str:
    return f"{count} days" if count != 1 else "1 day"


def _gateway(policy: GatewayPolicy) -> dict[str, Any]:
    return {
        "services": list(policy.services),
        "policy": policy.endpoint_policy,
        "busy_route_tables": policy.busy_route_tables,
        "change_window": _window(policy.change_window),
        "grace": {
            "wait": duration(policy.grace.seconds),
            "for": policy.grace.whom,
            "tags": dict(policy.grace.tags),
        },
    }


def _window(window: ChangeWindow | None) -> dict[str, Any] | None:
    return (
        None
        if window is None
        else {
            "days": list(window.days),
            "from": f"{window.start:%H:%M}",
            "to": f"{window.end:%H:%M}",
            "timezone": window.timezone,
        }
    )


def _profile(profile: InterfaceProfile) -> dict[str, Any]:
    regions = profile.service_regions
    made: dict[str, Any] = {
        "name": profile.name,
        "vpcs": {"tags": dict(profile.vpc_tags)},
        "subnets": {"tags": dict(profile.subnet_tags)} if profile.subnet_tags else None,
        "services": [
            {"name": name, "region": regions[name]} if name in regions else name
            for name in profile.services
        ],
        "private_dns": profile.private_dns,
        INBOUND_ONLY: profile.inbound_only,
        "ip_address_type": profile.ip_address_type,
        "policy": profile.endpoint_policy,
        "allow_from": "vpc" if profile.allow_from is None else list(profile.allow_from),
        "ports": list(profile.ports),
    }
    return {key: value for key, value in made.items() if value is not None}


def _services(policy: PublishPolicy) -> dict[str, Any]:
    tags = dict(policy.load_balancer_tags)
    return {
        "publish_load_balancers": {"tags": tags} if tags else None,
        "allowed_principals": [
            "everyone" if each == "*" else each for each in policy.allowed_principals
        ],
        "supported_regions": list(policy.supported_regions),
        "private_dns_names": dict(policy.private_dns_names),
        "retire": policy.retire,
    }


def _connections(policy: ConnectionPolicy) -> dict[str, Any]:
    return {
        "allow": _rules(policy.allow),
        "deny": _rules(policy.deny),
        "otherwise": policy.otherwise,
        "no_longer_allowed": policy.no_longer_allowed,
        "hold_for": duration(policy.hold_for_seconds),
    }


def _rules(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    made = []
    for rule in rules:
        whom: dict[str, Any] = {rule.kind: True if rule.value is None else rule.value}
        if rule.services:
            ids, tags = list(rule.services.ids), dict(rule.services.tags)
            whom["services"] = {"ids": ids} if ids else {"tags": tags}
        made.append(whom)
    return made


def _organization(policy: Policy) -> dict[str, Any] | None:
    known = policy.organization
    return None if known is None else {"id": known.id, "read_by": known.read_by or "self"}


def _peer(peer: Peer) -> dict[str, str]:
    return {peer.kind: peer.value}


def _notify(found: Configuration) -> dict[str, Any]:
    told = found.policy.notify
    return {
        "emails": list(found.emails),
        "owner_tag": told.owner_tag or None,
        "owners": {name: list(addresses) for name, addresses in told.owners.items()},
        "chat_buttons": told.chat_buttons,
        "letter": "weekly" if found.letter else "off",
        "letter_at": _letter_at(found.letter),
    }


def _letter_at(at: LetterTime | None) -> dict[str, str] | None:
    return (
        None if at is None else {"day": at.day, "time": f"{at.at:%H:%M}", "timezone": at.timezone}
    )
