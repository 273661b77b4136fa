"""The plan: what to change, what ops should know, what was left alone and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autopilot.interfaces import items
from autopilot.interfaces.desired import Left
from autopilot.interfaces.items import Item
from autopilot.notify.finding import Finding

LookedAt = Literal["all"] | tuple[str, ...]


@dataclass(frozen=True)
class InterfacePlan:
    """What one look comes to.

    `looked_at`: the VPCs whose findings this plan speaks for. `left`: how many VPCs, endpoints,
    changes or findings were left alone, by reason. `more`: how many changes this execution must
    leave to another. `expect`: what the next look must show before it can be trusted. `look_again`:
    after how many seconds something that is under way shall be looked at; 0: there is no need.

    Findings: a subject is "vpc-1/logs", or a VPC where it is about the quota.

    | kind | data |
    |---|---|
    | InterfaceNotPossible | profile, why: "not offered", "no subnet", "address type"; |
    | | ip_address_type: the profile's; service_name; zone_ids: the |
    | | service's, or null; subnet_zone_ids: those of the VPC's subnets with the profile's tags |
    | ServedByOthers | endpoint_ids, profile, endpoint_policy: the profile's, or null; |
    | | other_policy: those of the endpoints that bear another one than that |
    | PrivateDnsOff | endpoint_id or null, why: an `Obstacle`, message: AWS's words or null |
    | InterfaceUnwanted | endpoint_id, service_name, state, retire: "report" or "now" |
    | InterfaceEndpointFailed | endpoint_id, state |
    | InterfaceChangeFailed | what, action, thing, error, message, reason |
    | PlannedInterfaceChange | what, action, thing, reason, content |
    | ParameterNotOurs | names |
    | InterfaceQuotaNear, | used, wanted, limit, limit_read, why_not_read |
    | InterfaceQuotaReached | the same, left_undone: item ids, left_undone_count |
    """

    items: tuple[Item, ...]
    findings: tuple[Finding, ...]
    looked_at: LookedAt
    left: Mapping[Left, int] = field(default_factory=dict)
    more: int = 0
    expect: tuple[str, ...] = ()
    look_again: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "items": [items.to_json(item) for item in self.items],
            "findings": [finding.to_json() for finding in self.findings],
            "looked_at": "all" if self.looked_at == "all" else list(self.looked_at),
            "left": dict(self.left),
            "more": self.more,
            "expect": list(self.expect),
            "look_again": self.look_again,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> InterfacePlan:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        looked_at = data["looked_at"]
        return InterfacePlan(
            items=tuple(map(items.from_json, data["items"])),
            findings=tuple(map(Finding.from_json, data["findings"])),
            looked_at="all" if looked_at == "all" else tuple(looked_at),
            left=dict(data["left"]),
            more=data["more"],
            expect=tuple(data["expect"]),
            look_again=data["look_again"],
        )
