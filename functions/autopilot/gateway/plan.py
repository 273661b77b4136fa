"""The plan: which endpoints to change, what ops should know, what was left alone and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from autopilot.notify.finding import Finding
from autopilot.policy.model import GatewayService

Action = Literal["create", "modify"]
Cause = Literal[
    "new-vpc",  # an event said that the VPC was created
    "new-table",  # an event said that one of the tables was created
    "no-endpoint",  # an older VPC has none for these tables: never had, or somebody deleted it
    "table-without-route",  # an older table lacks the route: never had it, or somebody took it
    "policy-drift",  # only the endpoint's policy differs from the wanted one
]
Left = Literal[
    # VPCs
    "shared by another account",
    "VPC opted out by tag",
    "VPC being deleted",
    "stepped aside",  # the VPC, or a route table for a service
    "taken away again and again",
    "in grace",  # a route table for a service: its own tool may bring an endpoint
    # route tables
    "edge table",
    "table opted out by tag",
    # route tables, counted once for each service
    "already covered",
    "IPv6 without a route",  # in VPCs with IPv6; counted beside one of the others
    "busy",
    "our endpoint failed",
    "gone meanwhile",
    # changes
    "quota reached",
    "audit mode",
    "tried already",
    # findings
    "too many findings at once",
]
LookedAt = Literal["all"] | tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One change to one endpoint; `id` is "vpc-1/s3" (a further endpoint's: "vpc-1/s3/vpce-2").

    `route_table_ids` are the tables to add. `endpoint_policy` names the wanted document, None
    means full access; `set_policy` says whether it is to be written (a create always writes it).
    """

    id: str
    action: Action
    vpc_id: str
    service: GatewayService
    service_name: str
    endpoint_id: str | None
    route_table_ids: tuple[str, ...]
    endpoint_policy: str | None
    set_policy: bool
    reason: str
    cause: Cause

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {**asdict(self), "route_table_ids": list(self.route_table_ids)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Item:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return Item(
            id=data["id"],
            action=data["action"],
            vpc_id=data["vpc_id"],
            service=data["service"],
            service_name=data["service_name"],
            endpoint_id=data["endpoint_id"],
            route_table_ids=tuple(data["route_table_ids"]),
            endpoint_policy=data["endpoint_policy"],
            set_policy=data["set_policy"],
            reason=data["reason"],
            cause=data["cause"],
        )


@dataclass(frozen=True)
class Again:
    """When to look once more, and where; 0 seconds: not at all. `scope` as `Scope.to_json`.

    `expect`: the tables that are new then, as an event says it of others.
    """

    seconds: int = 0
    scope: Any = "all"
    expect: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuotaUse:
    """Gateway endpoints in the Region: how many there are, how many there may be."""

    used: int
    limit: int


@dataclass(frozen=True)
class NetworkPlan:
    """What one look at the network comes to.

    `looked_at`: the VPCs whose findings this plan speaks for; what it doesn't find there is gone.
    `left`: how many VPCs, tables, changes or findings were left alone, by reason.
    `more`: how many changes this execution must leave to another.
    `expect`: what the next look must show (ids of things and of items) before it can be trusted.
    `again`: when what waits now may be served.
    """

    items: tuple[Item, ...]
    findings: tuple[Finding, ...]
    looked_at: LookedAt
    left: Mapping[Left, int] = field(default_factory=dict)
    more: int = 0
    expect: tuple[str, ...] = ()
    quota: QuotaUse = QuotaUse(0, 20)
    again: Again = Again()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "items": [item.to_json() for item in self.items],
            "findings": [finding.to_json() for finding in self.findings],
            "looked_at": "all" if self.looked_at == "all" else list(self.looked_at),
            "left": dict(self.left),
            "more": self.more,
            "expect": list(self.expect),
            "quota": asdict(self.quota),
            "again": {**asdict(self.again), "expect": list(self.again.expect)},
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> NetworkPlan:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        looked_at = data["looked_at"]
        return NetworkPlan(
            items=tuple(Item.from_json(item) for item in data["items"]),
            findings=tuple(Finding.from_json(finding) for finding in data["findings"]),
            looked_at="all" if looked_at == "all" else tuple(looked_at),
            left=dict(data["left"]),
            more=data["more"],
            expect=tuple(data["expect"]),
            quota=QuotaUse(data["quota"]["used"], data["quota"]["limit"]),
            again=_again(data["again"]),
        )


def _again(data: Mapping[str, Any]) -> Again:
    return Again(data["seconds"], data["scope"], tuple(data.get("expect", ())))
