"""What the network workflow carries from step to step: request, plan, items, outcomes, report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from autopilot.policy.model import GatewayService
from autopilot.reconcile.outcome import Outcome
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import WHOLE_NETWORK, NetworkScope

Action = Literal["create", "modify"]
Cause = Literal[
    "new-vpc",  # an event said that the VPC was created
    "new-table",  # an event said that one of the tables was created
    "no-endpoint",  # an older VPC has none for these tables: never had, or somebody deleted it
    "table-without-route",  # an older table has no route: never had it, or somebody took it
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


@dataclass(frozen=True, kw_only=True)
class Item:
    """One change to one endpoint; `id` is "vpc-1/s3" (a further endpoint's: "vpc-1/s3/vpce-2").

    `route_table_ids` are the tables to add. `endpoint_policy` names the wanted document, None
    means full access; `set_policy` says whether it is to be written (a create always writes it).
    """

    id: str
    action: Action
    vpc_id: str
    service: GatewayService
    service_name: str = ""  # as `endpoint_policy`: no outcome of an earlier release bears it
    endpoint_id: str | None
    route_table_ids: tuple[str, ...]
    endpoint_policy: str | None = None
    set_policy: bool
    reason: str
    cause: Cause

    @property
    def told(self) -> dict[str, Any]:
        """What findings say of it."""
        return {
            "action": self.action,
            "endpoint_id": self.endpoint_id,
            "route_table_ids": list(self.route_table_ids),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class NetworkOutcome(Outcome[Item]):
    """One change after it was tried; the item names the endpoint that was made.

    `left_out`: tables of a change that is done but for them, since AWS didn't take them.
    """

    left_out: tuple[str, ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """What a finding says of a change that failed, or that was given up."""
        return {"error": self.error, "message": self.message, **self.item.told}


@dataclass(frozen=True, kw_only=True)
class NetworkRequest(Request[NetworkScope, NetworkOutcome]):
    """One look at the network.

    `made_by_stacks`: ids of VPCs and tables that CloudFormation called for.
    """

    scope: NetworkScope = WHOLE_NETWORK
    made_by_stacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class NextLook:
    """When to look once more, and where; 0 seconds: not at all.

    `expect`: the tables that are new then, as an event says it of others.
    """

    seconds: int = 0
    scope: NetworkScope = WHOLE_NETWORK
    expect: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuotaUse:
    """Gateway endpoints in the Region: how many there are, how many there may be."""

    used: int
    limit: int


@dataclass(frozen=True)
class NetworkPlan(Plan[Item, Left]):
    """What one look at the network comes to; `looked_at` are VPCs.

    `again`: when what waits now may be served.
    """

    quota: QuotaUse = QuotaUse(0, 20)
    again: NextLook = NextLook()
