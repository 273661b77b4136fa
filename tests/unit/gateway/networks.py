"""Draws networks with endpoints of all kinds, and policies for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import Any

from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.policy.document import FULL_ACCESS
from autopilot.policy.model import ChangeWindow, GatewayPolicy, Policy
from autopilot.policy.names import service_name
from hypothesis import strategies as st

from tests.unit.gateway.builders import NOW, OTHERS, STACK

DENY = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})
SKIP = {"endpoint-autopilot": "off"}
STATES = ["available", "Available", "pending", "deleting", "deleted", "failed", "rejected"]
SUBNETS = [f"subnet-{n}" for n in range(4)]
some_tags: st.SearchStrategy[dict[str, str]] = st.sampled_from(
    [{}, {}, {"Name": "x"}, SKIP, {"endpoint-autopilot": "on"}]
)
owner_tags = st.sampled_from(
    [{}, {"endpoint-autopilot:owner": STACK.owner}, {"endpoint-autopilot:owner": "Other"}]
)


@st.composite
def networks(draw: st.DrawFn) -> Facts:
    """Some VPCs with tables, and endpoints of all kinds on disjoint tables, as AWS has it."""
    vpcs, tables, endpoints, busy = [], [], [], {}
    for number in range(draw(st.integers(0, 3))):
        vpc_id = f"vpc-{number}"
        state = draw(st.sampled_from(["available", "pending", "deleting"]))
        owner = draw(st.sampled_from([STACK.account, STACK.account, STACK.account, OTHERS]))
        vpcs.append(Vpc(vpc_id, owner, state, draw(some_tags)))
        own = draw(tables_of(vpc_id))
        tables += own
        for service in ("s3", "dynamodb"):
            endpoints += draw(endpoints_of(vpc_id, service, [table.id for table in own]))
        busy[vpc_id] = frozenset(draw(st.sets(st.sampled_from(SUBNETS))))
    return Facts(tuple(vpcs), tuple(tables), tuple(endpoints), busy_subnets=busy)


@st.composite
def tables_of(draw: st.DrawFn, vpc_id: str) -> list[RouteTable]:
    subnets = draw(st.permutations(SUBNETS))
    made = []
    for number in range(draw(st.integers(0, 4))):
        subnet_ids = tuple(subnets[number : number + draw(st.integers(0, 1))])
        edge = number > 0 and draw(st.integers(0, 5)) == 0
        name = f"rtb-{vpc_id[4:]}{number}"
        made.append(RouteTable(name, vpc_id, number == 0, edge, subnet_ids, draw(some_tags)))
    return made


@st.composite
def endpoints_of(draw: st.DrawFn, vpc_id: str, service: Any, tables: list[str]) -> list[Endpoint]:
    rest = list(tables)
    made = []
    for number in range(draw(st.integers(0, 3))):
        taken = rest[: draw(st.integers(0, len(rest)))]
        rest = rest[len(taken) :]
        made.append(
            Endpoint(
                id=f"vpce-{vpc_id[4:]}{service[0]}{number}",
                vpc_id=vpc_id,
                service_name=service_name(STACK.region, service),
                state=draw(st.sampled_from(STATES)),
                created=draw(st.sampled_from(["2026-01-01", "2026-02-01"])),
                route_table_ids=tuple(taken),
                policy=draw(st.sampled_from([FULL_ACCESS, DENY])),
                requester_managed=draw(st.integers(0, 5)) == 0,
                tags=draw(owner_tags),
            )
        )
    return made


policies = st.builds(
    Policy,
    mode=st.just("enforce"),
    skip_tags=st.sampled_from([{}, SKIP]),
    gateway_endpoints=st.builds(
        GatewayPolicy,
        services=st.sampled_from([("s3",), ("s3", "dynamodb"), ("dynamodb", "s3", "s3")]),
        endpoint_policy=st.sampled_from([None, "deny"]),
        busy_route_tables=st.sampled_from(["now", "window", "audit"]),
        change_window=st.just(ChangeWindow(("tue",), time(11), time(13), "UTC")),
    ),
    endpoint_policies=st.just({"deny": DENY}),
)
moments = st.sampled_from([NOW, datetime(2026, 11, 25, 12, tzinfo=UTC)])  # in the window, outside
