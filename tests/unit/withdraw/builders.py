"""Removals, VPCs with our things in them, and demands, for the tests of stepping aside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from autopilot.reconcile.attached import AttachedEndpoint, Group
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.removal import Removal, RemovalAction, RemovalOutcome
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import Interface, NetworkContents, VpcContents

NOW = datetime(2026, 11, 20, 10, 16, tzinfo=UTC)
AT = "2026-11-20T10:15:30Z"
US = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
TAGS = {"endpoint-autopilot:owner": "EndpointAutopilot"}
ALICE = "arn:aws:sts::111111111111:assumed-role/NetworkTeam/alice"
S3 = "com.amazonaws.us-east-1.s3"
LOGS = "com.amazonaws.us-east-1.logs"


def demand(kind: Any, thing: str, **more: Any) -> Demand:
    return Demand(kind, thing, ALICE, **{"at": AT, **more})


def gateway(name: str = "vpce-1", *tables: str, **more: Any) -> AttachedEndpoint:
    given = {"vpc_id": "vpc-1", "service_name": S3, "table_ids": tables, "tags": TAGS}
    return AttachedEndpoint(name, **{**given, **more})


def interface(name: str = "vpce-5", *subnets: str, **more: Any) -> AttachedEndpoint:
    """Its interface in subnet-a is eni-vpce-5-subnet-a."""
    given = {
        "vpc_id": "vpc-1",
        "service_name": LOGS,
        "type": "Interface",
        "subnet_ids": subnets,
        "group_ids": ("sg-ours",),
        "interface_ids": tuple(f"eni-{name}-{subnet}" for subnet in subnets),
        "tags": TAGS,
    }
    return AttachedEndpoint(name, **{**given, **more})


def interfaces_of(*endpoints: AttachedEndpoint) -> tuple[Interface, ...]:
    return tuple(
        Interface(f"eni-{e.id}-{subnet}", subnet, e.group_ids)
        for e in endpoints
        for subnet in e.subnet_ids
    )


OURS = Group("sg-ours", "vpc-1", "endpoint-autopilot", TAGS)


def contents(*endpoints: AttachedEndpoint, **more: Any) -> VpcContents:
    """One of our VPCs; its interfaces are the endpoints' and those of `more`."""
    others: tuple[Interface, ...] = more.pop("others", ())
    given: dict[str, Any] = {"interfaces": (*interfaces_of(*endpoints), *others)}
    return VpcContents("vpc-1", more.pop("owner", US.account), endpoints, **{**given, **more})


def network(of: VpcContents, *inside: str) -> NetworkContents:
    return NetworkContents(
        {of.vpc_id: of}, {of.vpc_id: of.vpc_id, **dict.fromkeys(inside, of.vpc_id)}
    )


def removal(
    action: RemovalAction = "delete endpoint", thing: str = "vpce-1", **more: Any
) -> Removal:
    given = {
        "vpc_id": "vpc-1",
        "service": S3,
        "reason": "somebody deletes the VPC, and nothing but ours is left there",
        "by": ALICE,
        "remember": ("vpc-1",),
        "until": "2026-11-20T11:16:00+00:00",
    }
    return Removal(action, thing, **{**given, **more})


def gone(item: Removal, **more: Any) -> RemovalOutcome:
    return RemovalOutcome(item, **{"result": "done", "deleted": True, **more})
