"""The operator's policy as the functions know it: checked at synth, compiled to JSON, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Literal

Mode = Literal["enforce", "audit"]
BusyRouteTables = Literal["now", "window", "audit"]
GatewayService = Literal["s3", "dynamodb", "s3express"]
RuleKind = Literal["allowed_principals", "account", "organization", "organizational_unit"]
Otherwise = Literal["hold", "reject"]
NoLongerAllowed = Literal["reject", "alert"]
PeerKind = Literal["account", "organization"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class ChangeWindow:
    """When busy route tables may change; `end` before `start` means past midnight.

    `timezone` is an IANA name, `start` and `end` are wall-clock times in it.
    """

    days: tuple[Day, ...]
    start: time
    end: time
    timezone: str


@dataclass(frozen=True)
class GatewayPolicy:
    """What the operator wants of gateway endpoints.

    `endpoint_policy` names a document in `Policy.endpoint_policies`; None means full access.
    """

    services: tuple[GatewayService, ...] = ("s3", "dynamodb")
    endpoint_policy: str | None = None
    busy_route_tables: BusyRouteTables = "audit"
    change_window: ChangeWindow | None = None


@dataclass(frozen=True)
class ServiceFilter:
    """Which endpoint services a rule is about: one of `ids`, or all of `tags` (`*`: any value).

    Exactly one of the two is given.
    """

    ids: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """Names owners of endpoints; `value` is the account, organization or unit, None for the list.

    `allowed_principals` names whom the service's own permission list names (`*` names nobody).
    `services` None: the rule is about all of them.
    """

    kind: RuleKind
    value: str | None = None
    services: ServiceFilter | None = None

    def __str__(self) -> str:
        """As the policy file says it: "account 222222222222"."""
        words = self.kind.replace("_", " ")
        return words if self.value is None else f"{words} {self.value}"


@dataclass(frozen=True)
class ConnectionPolicy:
    """Whose connection requests are accepted, and what becomes of the others.

    `deny` beats `allow` and holds no rule of kind `allowed_principals`. `otherwise`: what happens
    to a request that nothing decides. `no_longer_allowed`: whether a live connection is cut
    (`reject`) or only reported (`alert`). A hold rejects after `hold_for_seconds`.
    """

    allow: tuple[Rule, ...] = (Rule("allowed_principals"),)
    deny: tuple[Rule, ...] = ()
    otherwise: Otherwise = "hold"
    no_longer_allowed: NoLongerAllowed = "reject"
    hold_for_seconds: int = 7 * 24 * 3600


@dataclass(frozen=True)
class OrganizationPolicy:
    """The organization that rules speak of; `read_by` is the role to ask as, None: our own."""

    id: str
    read_by: str | None = None


@dataclass(frozen=True)
class Peer:
    """An account or an organization that may read our zones, and whose zones we may read."""

    kind: PeerKind
    value: str


@dataclass(frozen=True)
class ZonePolicy:
    """When zones count as misaligned (`any`: only where none is shared), and what that means.

    `before_accepting`: `hold` has a misaligned request wait for a person.
    """

    require: Literal["all", "any"] = "all"
    before_accepting: Literal["warn", "hold"] = "warn"
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True)
class Policy:
    """All that the functions need to know of `autopilot.yaml`.

    `skip_tags` maps a tag key to the value that opts a VPC or a route table out (`*`: any value).
    `endpoint_policies` maps a name to the JSON text of an endpoint policy document.
    """

    mode: Mode = "enforce"
    skip_tags: Mapping[str, str] = field(default_factory=dict)
    gateway_endpoints: GatewayPolicy = field(default_factory=GatewayPolicy)
    endpoint_policies: Mapping[str, str] = field(default_factory=dict)
    connections: ConnectionPolicy = field(default_factory=ConnectionPolicy)
    organization: OrganizationPolicy | None = None
    zones: ZonePolicy = field(default_factory=ZonePolicy)

    def document(self, name: str | None) -> str | None:
        """The JSON text of the endpoint policy `name`; None for None (full access).

        Raises KeyError if no document bears that name: synth has checked that one does.
        """
        return None if name is None else self.endpoint_policies[name]


def to_json(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON types, as it lies in the functions' bundle."""
    organization = policy.organization
    return {
        "mode": policy.mode,
        "skip_tags": dict(policy.skip_tags),
        "gateway_endpoints": _gateway_to_json(policy.gateway_endpoints),
        "endpoint_policies": dict(policy.endpoint_policies),
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
