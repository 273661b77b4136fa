"""What gives way to one demand: never anything that serves somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, assert_never

from autopilot.notify.finding import Finding
from autopilot.reconcile.attached import AttachedEndpoint
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.removal import Removal, RemovalAction
from autopilot.reconcile.withdrawn import route_key, stack_key
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import NetworkContents, VpcContents
from autopilot.withdraw.messages import STILL_SERVING
from autopilot.withdraw.plan import Left

# Without the ids: they stand beside it, and several may come together.
_OF_VPC = "somebody deletes the VPC, and nothing but ours is left there"
_OF_SUBNET = "somebody deletes a subnet in which nothing but ours is left"
_OF_GROUP = "somebody deletes a group that is on an endpoint of ours"
_OF_ROUTE = "somebody's own endpoint is to serve the route table"


@dataclass(frozen=True)
class Resolution:
    """The removals that one demand leads to, or why there are none.

    `until` of the removals is set later. `waits_for`: the stack's endpoints that are going; what
    they hold on to can't go before, and nobody is told that the way is free.
    """

    removals: tuple[Removal, ...] = ()
    findings: tuple[Finding, ...] = ()
    left: Left | None = None
    waits_for: tuple[str, ...] = ()


_NOTHING = Resolution(left="nothing to remove there")
_OTHERS = Resolution(left="others are in the way too")


def resolution_for(
    demand: Demand, network: NetworkContents, stack: StackIdentity, together: frozenset[str]
) -> Resolution:
    """What gives way to `demand`; `together`: the ids of all that is demanded with it."""
    vpc = network.of(demand.id)
    if vpc is None:
        return Resolution(left="gone already")
    if vpc.owner != stack.account:
        return Resolution(left="shared by another account")
    stacks = network.stacks_of(demand.id, vpc.vpc_id)
    return _in(vpc, demand, stack.owner, together, stacks)


def _in(
    vpc: VpcContents, demand: Demand, owner: str, together: frozenset[str], stacks: tuple[str, ...]
) -> Resolution:
    match demand.kind:
        case "vpc":
            return _vpc(demand, vpc, owner)
        case "subnet":
            return _subnet(demand, vpc, owner, together)
        case "group":
            return _group(demand, vpc, owner)
        case "route":
            return _route(demand, vpc, owner, stacks)
        case unknown:
            assert_never(unknown)


def _vpc(demand: Demand, vpc: VpcContents, owner: str) -> Resolution:
    """Only where nothing else keeps the VPC: with a subnet left, somebody may live there."""
    endpoints, groups, going = vpc.ours(owner), vpc.our_groups(owner), vpc.going(owner)
    if not (endpoints or groups or going):
        return _NOTHING
    if _is_lived_in(vpc, owner):
        return _OTHERS
    why: dict[str, Any] = {"reason": _OF_VPC, "remember": (vpc.vpc_id,)}
    # Some must be gone before others can go (see `AttachedEndpoint.relies_on`).
    if free := [e for e in endpoints if not any(o.relies_on(e) for o in vpc.endpoints)]:
        return Resolution(tuple(_of(demand, "delete endpoint", e, **why) for e in free))
    if going:
        return Resolution(waits_for=tuple(endpoint.id for endpoint in going))
    ids = (group.id for group in groups)
    return Resolution(
        tuple(Removal("delete group", i, vpc_id=vpc.vpc_id, by=demand.by, **why) for i in ids)
    )


def _of(demand: Demand, action: RemovalAction, endpoint: AttachedEndpoint, **more: Any) -> Removal:
    return Removal(
        action,
        endpoint.id,
        vpc_id=endpoint.vpc_id,
        service=endpoint.service_name,
        by=demand.by,
        **more,
    )


def _is_lived_in(vpc: VpcContents, owner: str) -> bool:
    foreign = [e for e in vpc.endpoints if not e.is_ours(owner) and e.standing != "going"]
    return bool(
        vpc.subnet_ids
        or vpc.table_ids
        or foreign
        or len(vpc.groups) > len(vpc.our_groups(owner))
        or vpc.foreign_interfaces(owner)
    )


def _subnet(demand: Demand, vpc: VpcContents, owner: str, together: frozenset[str]) -> Resolution:
    """Only where no other interface lives in the subnet; and an endpoint that would lose its last
    subnet goes only where nobody else lives in the VPC: it may serve them from there."""
    foreign = vpc.foreign_interfaces(owner)
    if any(interface.subnet_id == demand.id for interface in foreign):
        return _OTHERS
    there = [e for e in vpc.ours(owner) if demand.id in e.subnet_ids]
    going = tuple(e.id for e in vpc.going(owner) if demand.id in e.subnet_ids)
    if not there:
        return Resolution(waits_for=going) if going else _NOTHING
    serving = [e for e in there if _serves(e, together)] if foreign else []
    why = {"reason": _OF_SUBNET, "remember": (demand.id,), "parts": (demand.id,)}
    return Resolution(
        tuple(
            _of(demand, "leave subnets", endpoint, whole=not foreign, **why)
            for endpoint in there
            if endpoint not in serving
        ),
        tuple(_still_serving(demand, each, len(foreign)) for each in serving),
        "serves somebody still" if serving else None,
        going,
    )


def _serves(endpoint: AttachedEndpoint, without: Iterable[str]) -> bool:
    """Whether it works, and stands in no other subnets."""
    return endpoint.lives and set(endpoint.subnet_ids) <= set(without)


def _still_serving(demand: Demand, endpoint: AttachedEndpoint, others: int) -> Finding:
    data = {
        "endpoint_id": endpoint.id,
        "service_name": endpoint.service_name,
        "subnet_id": demand.id,
        "others": others,
        "by": demand.by,
    }
    return STILL_SERVING.about(f"{endpoint.vpc_id}/{endpoint.id}", data)


def _group(demand: Demand, vpc: VpcContents, owner: str) -> Resolution:
    """The stack's own groups serve its endpoints: nobody needs one gone but whoever deletes the
    VPC, and that is a demand of its own. One of others' may have been put on our endpoint."""
    if any(group.id == demand.id for group in vpc.our_groups(owner)):
        return Resolution(left="our own group")
    if any(demand.id in each.group_ids for each in vpc.foreign_interfaces(owner)):
        return _OTHERS
    bearing = [e for e in vpc.ours(owner) if demand.id in e.group_ids and len(e.group_ids) > 1]
    removals = (
        _of(demand, "drop groups", endpoint, parts=(demand.id,), reason=_OF_GROUP)
        for endpoint in bearing
    )
    return Resolution(tuple(removals)) if bearing else _NOTHING


def _route(demand: Demand, vpc: VpcContents, owner: str, stacks: tuple[str, ...]) -> Resolution:
    """The caller was allowed to give the table another route to the service: it gets its turn."""
    theirs = next((e for e in vpc.endpoints if e.id == demand.endpoint_id), None)
    service = theirs.service_name if theirs else demand.service
    for endpoint in vpc.ours(owner):
        if endpoint.service_name == service and demand.id in endpoint.table_ids:
            keys = (route_key(demand.id, service.rpartition(".")[2]), *map(stack_key, stacks))
            why = {"reason": _OF_ROUTE, "remember": keys, "parts": (demand.id,)}
            return Resolution((_of(demand, "leave tables", endpoint, whole=True, **why),))
    return _NOTHING
