"""Makes the pieces that decisions on interface endpoints are tested with, and carries plans out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from autopilot.interfaces.changes import draft
from autopilot.interfaces.desired import desired_in
from autopilot.interfaces.facts import Endpoint, Facts, Group, Offer, Subnet, Vpc
from autopilot.interfaces.plan import (
    EndpointItem,
    GroupItem,
    InterfaceOutcome,
    InterfacePlan,
    InterfaceRequest,
    Item,
    ParameterItem,
    done,
)
from autopilot.interfaces.planning import plan
from autopilot.interfaces.situation import Situation
from autopilot.policy.document import FULL_ACCESS
from autopilot.policy.model import InterfaceProfile, Policy
from autopilot.policy.names import group_name
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.quota import Limit
from autopilot.reconcile.request import Change

from tests.unit.gateway.builders import STACK as US

LOGS = "com.amazonaws.us-east-1.logs"
KMS = "com.amazonaws.us-east-1.kms"
OWN = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
SERVICE = "vpce-svc-0123456789abcdef0"
OURS = {"endpoint-autopilot:owner": US.owner, "endpoint-autopilot:profile": "workloads"}
ZONES = ("use1-az1", "use1-az2", "use1-az3")
GROUP = group_name(US.owner, "workloads")
FIFTY = Limit(50)


def profile(**changes: Any) -> InterfaceProfile:
    made = InterfaceProfile("workloads", ("logs",), {"network": "private"}, {"Name": "private-*"})
    return replace(made, **changes)


def policy(*profiles: InterfaceProfile, **changes: Any) -> Policy:
    made = Policy(
        skip_tags={"endpoint-autopilot": "off"},
        interface_endpoints=profiles or (profile(),),
    )
    return replace(made, **changes)


def vpc(vpc_id: str = "vpc-1", **changes: Any) -> Vpc:
    made = Vpc(vpc_id, US.account, cidrs=("10.0.0.0/16",), tags={"network": "private"})
    return replace(made, **changes)


def subnet(number: int, zone_id: str = "", vpc_id: str = "vpc-1", **changes: Any) -> Subnet:
    """Subnet 1 lies in the first zone, and so on."""
    zone = zone_id or ZONES[number - 1]
    made = Subnet(
        f"subnet-{number}",
        vpc_id,
        zone,
        f"us-east-1{'xabc'[ZONES.index(zone) + 1]}" if zone in ZONES else zone,
        tags={"Name": f"private-{number}"},
    )
    return replace(made, **changes)


def offer(name: str = LOGS, **changes: Any) -> Offer:
    return replace(Offer(name, "us-east-1", frozenset(ZONES)), **changes)


def endpoint(endpoint_id: str = "vpce-1", **changes: Any) -> Endpoint:
    """Our endpoint for logs in vpc-1, as the builders' policy wants it for three subnets."""
    made = Endpoint(
        endpoint_id,
        "vpc-1",
        LOGS,
        created="2026-11-01T00:00:00+00:00",
        subnet_ids=("subnet-1", "subnet-2", "subnet-3"),
        group_ids=("sg-1",),
        private_dns=True,
        policy=FULL_ACCESS,
        tags=OURS,
    )
    return replace(made, **changes)


def group(group_id: str = "sg-1", **changes: Any) -> Group:
    made = Group(group_id, "vpc-1", GROUP, frozenset({"tcp 443-443 10.0.0.0/16"}))
    return replace(made, **changes)


SUBNETS = (subnet(1), subnet(2), subnet(3))


def facts(*things: Vpc | Subnet | Endpoint | Group | Offer, **changes: Any) -> Facts:
    def kind(which: type) -> tuple[Any, ...]:
        return tuple(thing for thing in things if isinstance(thing, which))

    offers = {each.name: each for each in kind(Offer)}
    made = Facts(kind(Vpc), kind(Subnet), kind(Endpoint), kind(Group), offers)
    return replace(made, **changes)


def situation(seen: Facts, wanted: Policy | None = None, **given: Any) -> Situation:
    """`given` are fields of the request or of the situation itself."""
    asked = {f.name: given.pop(f.name) for f in fields(InterfaceRequest) if f.name in given}
    request = InterfaceRequest(**asked)
    return Situation(seen, wanted or policy(), US, request, **{"hour": "2026-11-24T12", **given})


def planned(now: Situation, limit: Limit = FIFTY, **request: Any) -> InterfacePlan:
    now = replace(now, request=replace(now.request, **request))
    return plan(draft(now, desired_in(now)), now, limit)


def carried_out(seen: Facts, wanted: Iterable[Item]) -> tuple[Facts, tuple[InterfaceOutcome, ...]]:
    """How things stand once the items are carried out, each once, and their outcomes."""
    outcomes = []
    for item in wanted:
        assert decode(Change[Item], {"item": encode(item)}).item == item
        seen, thing = _carried_out(seen, item)
        outcomes.append(done(item, thing))
    return seen, tuple(outcomes)


def _carried_out(seen: Facts, item: Item) -> tuple[Facts, str | None]:
    match item:
        case GroupItem():
            return _group(seen, item)
        case EndpointItem():
            return _endpoint(seen, item)
        case ParameterItem():
            kept = {n: v for n, v in seen.parameters.items() if n not in item.delete}
            return replace(seen, parameters={**kept, **item.put}), item.endpoint_id


def _group(seen: Facts, item: GroupItem) -> tuple[Facts, str | None]:
    others = tuple(g for g in seen.groups if g.id != item.group_id)
    if item.action == "delete":
        return replace(seen, groups=others), item.group_id
    made = Group(
        item.group_id or f"sg-{item.vpc_id}-{item.profile}",
        item.vpc_id,
        item.name,
        frozenset(item.ingress),
    )
    return replace(seen, groups=(*others, made)), made.id


def _endpoint(seen: Facts, item: EndpointItem) -> tuple[Facts, str | None]:
    others = tuple(e for e in seen.endpoints if e.id != item.endpoint_id)
    if item.action == "delete":
        return replace(seen, endpoints=others), item.endpoint_id
    before = next((e for e in seen.endpoints if e.id == item.endpoint_id), None)
    made = before or Endpoint(
        f"vpce-{item.vpc_id}-{item.service}", item.vpc_id, item.service_name, tags=OURS
    )
    kept = set(made.subnet_ids) - set(item.remove_subnet_ids)
    made = replace(
        made,
        subnet_ids=tuple(sorted(kept | set(item.add_subnet_ids))),
        group_ids=item.group_ids or made.group_ids,
        private_dns=made.private_dns if item.private_dns is None else item.private_dns,
        policy=(item.endpoint_policy or "") if item.set_policy else made.policy,
    )
    return replace(seen, endpoints=(*others, made)), made.id
