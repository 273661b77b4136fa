"""What of ours gives way to one demand: never anything that serves somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from autopilot.notify.finding import Finding
from autopilot.reconcile.attached import AttachedEndpoint
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.removal import Removal
from autopilot.reconcile.withdrawn import route_key, stack_key
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import NetworkContents, VpcContents
from autopilot.withdraw.messages import STILL_SERVING
from autopilot.withdraw.plan import WithdrawalLeft

# Without the ids: they stand beside it, and several may come together.
_OF_VPC = "somebody deletes the VPC, and nothing but ours is left there"
_OF_SUBNET = "somebody deletes a subnet in which nothing but ours is left"
_OF_GROUP = "somebody deletes a group that is on an endpoint of ours"
_OF_ROUTE = "somebody's own endpoint is to serve the route table"


@dataclass(frozen=True)
class Resolution:
    """The removals that one demand leads to, or why there are none.

    `until` of the removals is set later. `waits_for`: endpoints of ours that are going; what they
    hold on to can't go before, and nobody is told that the way is free.
    """

    removals: tuple[Removal, ...] = ()
    findings: tuple[Finding, ...] = ()
    left: WithdrawalLeft | None = None
    waits_for: tuple[str, ...] = ()


def resolution_for(
    demand: Demand, grounds: NetworkContents, us: StackIdentity, together: frozenset[str]
) -> Resolution:
    """What gives way to `demand`; `together`: the ids of all things that are demanded with it."""
    ground = grounds.of(demand.id)
    if ground is None:
        return Resolution(left="gone already")
    if ground.owner != us.account:
        return Resolution(left="shared by another account")
    stacks = grounds.stacks_of(demand.id, ground.vpc_id)
    return _in(ground, demand, us.owner, together, stacks)


def _in(
    ground: VpcContents,
    demand: Demand,
    owner: str,
    together: frozenset[str],
    stacks: tuple[str, ...],
) -> Resolution:
    match demand.kind:
        case "vpc":
            return _vpc(demand, ground, owner)
        case "subnet":
            return _subnet(demand, ground, owner, together)
        case "group":
            return _group(demand, ground, owner)
        case "route":
            return _route(demand, ground, owner, stacks)
        case unknown:
            assert_never(unknown)


def _vpc(demand: Demand, ground: VpcContents, owner: str) -> Resolution:
    """Only where nothing but ours keeps the VPC: with a subnet left, somebody may live there."""
    endpoints, groups, going = ground.ours(owner), ground.our_groups(owner), ground.going(owner)
    if not (endpoints or groups or going):
        return Resolution(left="nothing of ours there")
    if _is_lived_in(ground, owner):
        return Resolution(left="others are in the way too")
    # Some must be gone before others can go (see `AttachedEndpoint.relies_on`).
    if free := [e for e in endpoints if not any(o.relies_on(e) for o in ground.endpoints)]:
        return Resolution(tuple(_deletions(demand, ground, free)))
    if going:
        return Resolution(waits_for=tuple(endpoint.id for endpoint in going))
    return Resolution(
        tuple(
            Removal(
                "delete group",
                group.id,
                vpc_id=ground.vpc_id,
                reason=_OF_VPC,
                by=demand.by,
                remember=(ground.vpc_id,),
            )
            for group in groups
        )
    )


def _is_lived_in(ground: VpcContents, owner: str) -> bool:
    foreign = [e for e in ground.endpoints if not e.is_ours(owner) and e.standing != "going"]
    return bool(
        ground.subnet_ids
        or ground.table_ids
        or foreign
        or len(ground.groups) > len(ground.our_groups(owner))
        or ground.foreign_interfaces(owner)
    )


def _deletions(
    demand: Demand, ground: VpcContents, endpoints: Sequence[AttachedEndpoint]
) -> Iterator[Removal]:
    for endpoint in endpoints:
        yield Removal(
            "delete endpoint",
            endpoint.id,
            vpc_id=ground.vpc_id,
            service=endpoint.service_name,
            reason=_OF_VPC,
            by=demand.by,
            remember=(ground.vpc_id,),
        )


def _subnet(
    demand: Demand, ground: VpcContents, owner: str, together: frozenset[str]
) -> Resolution:
    """Only where no other interface lives in the subnet; and an endpoint that would lose its last
    subnet goes only where nobody else lives in the VPC: it may serve them from there."""
    foreign = ground.foreign_interfaces(owner)
    if any(interface.subnet_id == demand.id for interface in foreign):
        return Resolution(left="others are in the way too")
    there = [e for e in ground.ours(owner) if demand.id in e.subnet_ids]
    going = tuple(e.id for e in ground.going(owner) if demand.id in e.subnet_ids)
    if not there:
        return Resolution(waits_for=going) if going else Resolution(left="nothing of ours there")
    serving = [e for e in there if _serves(e, together)] if foreign else []
    items = tuple(
        Removal(
            "leave subnets",
            endpoint.id,
            (demand.id,),
            whole=not foreign,
            vpc_id=ground.vpc_id,
            service=endpoint.service_name,
            reason=_OF_SUBNET,
            by=demand.by,
            remember=(demand.id,),
        )
        for endpoint in there
        if endpoint not in serving
    )
    findings = tuple(_still_serving(demand, ground, each, len(foreign)) for each in serving)
    return Resolution(items, findings, "serves somebody still" if serving else None, going)


def _serves(endpoint: AttachedEndpoint, without: frozenset[str]) -> bool:
    """Whether it works, and stands in no other subnets."""
    return endpoint.standing == "living" and set(endpoint.subnet_ids) <= without


def _still_serving(
    demand: Demand, ground: VpcContents, endpoint: AttachedEndpoint, others: int
) -> Finding:
    data = {
        "endpoint_id": endpoint.id,
        "service_name": endpoint.service_name,
        "subnet_id": demand.id,
        "others": others,
        "by": demand.by,
    }
    return STILL_SERVING.about(f"{ground.vpc_id}/{endpoint.id}", data)


def _group(demand: Demand, ground: VpcContents, owner: str) -> Resolution:
    """A group of ours serves our endpoints: nobody needs it gone but whoever deletes the VPC, and
    that is a demand of its own. One of others' may have been put on an endpoint of ours."""
    if any(group.id == demand.id for group in ground.our_groups(owner)):
        return Resolution(left="a group of ours")
    if any(demand.id in each.group_ids for each in ground.foreign_interfaces(owner)):
        return Resolution(left="others are in the way too")
    bearing = [e for e in ground.ours(owner) if demand.id in e.group_ids and len(e.group_ids) > 1]
    if not bearing:
        return Resolution(left="nothing of ours there")
    return Resolution(
        tuple(
            Removal(
                "drop groups",
                endpoint.id,
                (demand.id,),
                vpc_id=ground.vpc_id,
                service=endpoint.service_name,
                reason=_OF_GROUP,
                by=demand.by,
            )
            for endpoint in bearing
        )
    )


def _route(demand: Demand, ground: VpcContents, owner: str, stacks: tuple[str, ...]) -> Resolution:
    """The caller was allowed to give the table another route to the service: it gets its turn."""
    theirs = next((e for e in ground.endpoints if e.id == demand.endpoint_id), None)
    service = theirs.service_name if theirs else demand.service
    for endpoint in ground.ours(owner):
        if endpoint.service_name == service and demand.id in endpoint.table_ids:
            short = service.rpartition(".")[2]
            removal = Removal(
                "leave tables",
                endpoint.id,
                (demand.id,),
                whole=True,
                vpc_id=ground.vpc_id,
                service=service,
                reason=_OF_ROUTE,
                by=demand.by,
                remember=(route_key(demand.id, short), *map(stack_key, stacks)),
            )
            return Resolution((removal,))
    return Resolution(left="nothing of ours there")
