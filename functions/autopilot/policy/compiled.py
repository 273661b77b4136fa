"""The compiled policy as JSON: written at synth, read by the functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from autopilot.policy.model import (
    ChangeWindow,
    ConnectionPolicy,
    GatewayPolicy,
    GracePolicy,
    InterfaceProfile,
    OrganizationPolicy,
    Peer,
    Policy,
    PublishPolicy,
    Rule,
    ServiceFilter,
    ZonePolicy,
)


def to_json(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON types, as it lies in the functions' bundle."""
    organization = policy.organization
    return {
        "mode": policy.mode,
        "skip_tags": dict(policy.skip_tags),
        "gateway_endpoints": _gateway_to_json(policy.gateway_endpoints),
        "endpoint_policies": dict(policy.endpoint_policies),
        "interface_endpoints": [_profile_to_json(each) for each in policy.interface_endpoints],
        "retire_interfaces": policy.retire_interfaces,
        "endpoint_services": _publish_to_json(policy.endpoint_services),
        "connections": {
            "allow": [_rule_to_json(rule) for rule in policy.connections.allow],
            "deny": [_rule_to_json(rule) for rule in policy.connections.deny],
            "otherwise": policy.connections.otherwise,
            "no_longer_allowed": policy.connections.no_longer_allowed,
            "hold_for_seconds": policy.connections.hold_for_seconds,
        },
        "organization": organization and {"id": organization.id, "read_by": organization.read_by},
        "zones": {
            "require": policy.zones.require,
            "before_accepting": policy.zones.before_accepting,
            "peers": [{"kind": peer.kind, "value": peer.value} for peer in policy.zones.peers],
        },
    }


def from_json(data: Mapping[str, Any]) -> Policy:
    """Read back what `to_json` wrote. Raises KeyError or ValueError on anything else."""
    connections, zones, organization = data["connections"], data["zones"], data["organization"]
    return Policy(
        mode=data["mode"],
        skip_tags=dict(data["skip_tags"]),
        gateway_endpoints=_gateway_from_json(data["gateway_endpoints"]),
        endpoint_policies=dict(data["endpoint_policies"]),
        interface_endpoints=tuple(map(_profile_from_json, data["interface_endpoints"])),
        retire_interfaces=data["retire_interfaces"],
        endpoint_services=_publish_from_json(data["endpoint_services"]),
        connections=ConnectionPolicy(
            allow=tuple(map(_rule_from_json, connections["allow"])),
            deny=tuple(map(_rule_from_json, connections["deny"])),
            otherwise=connections["otherwise"],
            no_longer_allowed=connections["no_longer_allowed"],
            hold_for_seconds=connections["hold_for_seconds"],
        ),
        organization=organization
        and OrganizationPolicy(organization["id"], organization["read_by"]),
        zones=ZonePolicy(
            require=zones["require"],
            before_accepting=zones["before_accepting"],
            peers=tuple(Peer(peer["kind"], peer["value"]) for peer in zones["peers"]),
        ),
    )


def _gateway_to_json(gateway: GatewayPolicy) -> dict[str, Any]:
    window = gateway.change_window
    return {
        "services": list(gateway.services),
        "endpoint_policy": gateway.endpoint_policy,
        "busy_route_tables": gateway.busy_route_tables,
        "change_window": window
        and {
            "days": list(window.days),
            "start": window.start.isoformat("minutes"),
            "end": window.end.isoformat("minutes"),
            "timezone": window.timezone,
        },
        "grace": {
            "seconds": gateway.grace.seconds,
            "whom": gateway.grace.whom,
            "tags": dict(gateway.grace.tags),
        },
    }


def _gateway_from_json(data: Mapping[str, Any]) -> GatewayPolicy:
    window = data["change_window"]
    return GatewayPolicy(
        services=tuple(data["services"]),
        endpoint_policy=data["endpoint_policy"],
        busy_route_tables=data["busy_route_tables"],
        change_window=window
        and ChangeWindow(
            days=tuple(window["days"]),
            start=time.fromisoformat(window["start"]),
            end=time.fromisoformat(window["end"]),
            timezone=window["timezone"],
        ),
        grace=GracePolicy(**data["grace"]),
    )


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    services = rule.services
    return {
        "kind": rule.kind,
        "value": rule.value,
        "services": services and {"ids": list(services.ids), "tags": dict(services.tags)},
    }


def _rule_from_json(data: Mapping[str, Any]) -> Rule:
    services = data["services"]
    return Rule(
        kind=data["kind"],
        value=data["value"],
        services=services and ServiceFilter(tuple(services["ids"]), dict(services["tags"])),
    )


def _profile_to_json(profile: InterfaceProfile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "services": list(profile.services),
        "vpc_tags": dict(profile.vpc_tags),
        "subnet_tags": dict(profile.subnet_tags),
        "private_dns": profile.private_dns,
        "endpoint_policy": profile.endpoint_policy,
        "allow_from": None if profile.allow_from is None else list(profile.allow_from),
        "ports": list(profile.ports),
        "inbound_only": profile.inbound_only,
        "ip_address_type": profile.ip_address_type,
        "service_regions": dict(profile.service_regions),
    }


def _profile_from_json(data: Mapping[str, Any]) -> InterfaceProfile:
    return InterfaceProfile(
        name=data["name"],
        services=tuple(data["services"]),
        vpc_tags=dict(data["vpc_tags"]),
        subnet_tags=dict(data["subnet_tags"]),
        private_dns=data["private_dns"],
        endpoint_policy=data["endpoint_policy"],
        allow_from=None if data["allow_from"] is None else tuple(data["allow_from"]),
        ports=tuple(data["ports"]),
        inbound_only=data["inbound_only"],
        ip_address_type=data["ip_address_type"],
        service_regions=dict(data["service_regions"]),
    )


def _publish_to_json(publish: PublishPolicy) -> dict[str, Any]:
    return {
        "load_balancer_tags": dict(publish.load_balancer_tags),
        "allowed_principals": list(publish.allowed_principals),
        "supported_regions": list(publish.supported_regions),
        "private_dns_names": dict(publish.private_dns_names),
        "retire": publish.retire,
    }


def _publish_from_json(data: Mapping[str, Any]) -> PublishPolicy:
    return PublishPolicy(
        load_balancer_tags=dict(data["load_balancer_tags"]),
        allowed_principals=tuple(data["allowed_principals"]),
        supported_regions=tuple(data["supported_regions"]),
        private_dns_names=dict(data["private_dns_names"]),
        retire=data["retire"],
    )
