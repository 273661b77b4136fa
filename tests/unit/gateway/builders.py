"""Makes the pieces that decisions are tested with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from autopilot.gateway.desired import Desired, Look, desired_in
from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.plan import Item, NetworkOutcome, NetworkPlan, NetworkRequest, NextLook
from autopilot.gateway.planning import draft, plan
from autopilot.policy.document import FULL_ACCESS
from autopilot.policy.model import GatewayPolicy, Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit

STACK = StackIdentity(owner="EndpointAutopilot", account="111111111111", region="us-east-1")
OTHERS = "222222222222"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
S3 = "com.amazonaws.us-east-1.s3"
DYNAMODB = "com.amazonaws.us-east-1.dynamodb"


def vpc(vpc_id: str = "vpc-1", **changes: Any) -> Vpc:
    return replace(Vpc(vpc_id, STACK.account), **changes)


def table(table_id: str = "rtb-1", vpc_id: str = "vpc-1", **changes: Any) -> RouteTable:
    return replace(RouteTable(table_id, vpc_id), **changes)


def endpoint(endpoint_id: str, tables: Iterable[str] = (), **changes: Any) -> Endpoint:
    """One of somebody else's, for s3 in vpc-1."""
    made = Endpoint(
        endpoint_id,
        "vpc-1",
        S3,
        created="2026-11-01T00:00:00+00:00",
        route_table_ids=tuple(tables),
        policy=FULL_ACCESS,
    )
    return replace(made, **changes)


def ours(endpoint_id: str, tables: Iterable[str] = (), **changes: Any) -> Endpoint:
    return endpoint(
        endpoint_id, tables, **{"tags": {"endpoint-autopilot:owner": STACK.owner}, **changes}
    )


def facts(*things: Vpc | RouteTable | Endpoint, busy: Iterable[str] = (), **changes: Any) -> Facts:
    """A survey that asked for network interfaces everywhere; `busy`: subnets that have one."""
    vpcs = tuple(thing for thing in things if isinstance(thing, Vpc))
    occupied = frozenset(busy)
    return replace(
        Facts(
            vpcs=vpcs,
            route_tables=tuple(thing for thing in things if isinstance(thing, RouteTable)),
            endpoints=tuple(thing for thing in things if isinstance(thing, Endpoint)),
            busy_subnets={v.id: occupied for v in vpcs},
        ),
        **changes,
    )


def policy(
    mode: Literal["enforce", "audit"] = "enforce",
    skip_tags: Mapping[str, str] | None = None,
    documents: Mapping[str, str] | None = None,
    **gateway: Any,
) -> Policy:
    """S3 alone, unless `services` says otherwise."""
    return Policy(
        mode=mode,
        skip_tags=skip_tags or {},
        gateway_endpoints=GatewayPolicy(**{"services": ("s3",), **gateway}),
        endpoint_policies=documents or {},
    )


def planned(
    seen: Facts,
    wanted: Policy | None = None,
    request: NetworkRequest | None = None,
    limit: Limit | None = None,
    now: datetime = NOW,
) -> NetworkPlan:
    """The whole decision, from facts to plan."""
    wanted, request = wanted or policy(), request or NetworkRequest()
    look = looked(seen, wanted)
    made = draft(look, wanted, now, frozenset(request.expect))
    return plan(made, look, request, wanted, STACK, limit or GATEWAYS_IN_A_REGION)


def wanted_in(seen: Facts, wanted: Policy) -> Desired:
    return desired_in(seen, wanted, STACK)


def looked(seen: Facts, wanted: Policy) -> Look:
    """A look at the facts, with nothing that waits."""
    return Look(seen, wanted_in(seen, wanted), NextLook())


def outcome(item: Item, **changes: Any) -> NetworkOutcome:
    """What became of an item: done on vpce-9, unless `changes` say otherwise."""
    own = {name: changes.pop(name) for name in _OWN if name in changes}
    tried = replace(item, **{"endpoint_id": item.endpoint_id or "vpce-9", **changes})
    return NetworkOutcome(tried, **{"result": "done", **own})


_OWN = ("result", "error", "message", "left_out")


def carried_out(seen: Facts, made: NetworkPlan, wanted: Policy) -> Facts:
    """The facts after every item of the plan has been done."""
    document = wanted.document(wanted.gateway_endpoints.endpoint_policy) or FULL_ACCESS
    endpoints = {e.id: e for e in seen.endpoints}
    for number, item in enumerate(made.items):
        old = endpoints.get(item.endpoint_id or "")
        if old is None:
            name = f"vpce-f{number:04x}"
            endpoints[name] = ours(
                name,
                item.route_table_ids,
                vpc_id=item.vpc_id,
                service_name=item.service_name,
                created="2026-11-24T12:00:00+00:00",
                policy=document,
            )
        else:
            endpoints[old.id] = replace(
                old,
                route_table_ids=(*old.route_table_ids, *item.route_table_ids),
                policy=document if item.set_policy else old.policy,
            )
    return replace(seen, endpoints=tuple(endpoints.values()))
