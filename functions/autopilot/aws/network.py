"""Looks at the network: how it stands, and what the ledger remembers of its route tables.

It is read in bulk, so that calls grow with pages and not with VPCs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from autopilot.aws.errors import NotVisibleYet
from autopilot.aws.pages import endpoints, filters, of_any_type, pages, tags_of
from autopilot.gateway import grace, rivals
from autopilot.gateway.desired import Look, desired_in
from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.limits import may_change_busy
from autopilot.gateway.plan import Item, NetworkRequest, NextLook
from autopilot.notify.ledger import Row, Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import NetworkScope
from autopilot.reconcile.visible import unseen
from autopilot.reconcile.withdrawn import WITHDRAWN, still_away, withdrawn

# The most that each call takes for a page (botocore's EC2 model and its words on endpoints).
_PAGE = 1000
_TABLES_PAGE = 100
# An association in one of these states binds no subnet any more.
_LOOSE = frozenset({"disassociated", "failed"})
# The InterfaceType of an interface endpoint's (botocore's EC2 model, NetworkInterfaceType).
_ANSWERS_ONLY = "vpc_endpoint"
_ALL = "0.0.0.0/0"
# The members of a route that name its target (botocore's EC2 model, Route).
_TARGETS = ("NatGatewayId", "GatewayId", "TransitGatewayId", "InstanceId", "NetworkInterfaceId",
            "VpcPeeringConnectionId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn",
            "OdbNetworkArn")  # fmt: skip


class Network(Protocol):
    """Reads how the network stands: this module, or what a test puts in its place."""

    def survey(self, scope: NetworkScope) -> Facts:
        """VPCs, route tables and endpoints."""

    def of_vpc(self, vpc_id: str) -> Facts:
        """The VPC and its route tables."""

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The subnets with a network interface, by VPC."""


def look(
    request: NetworkRequest,
    network: Network,
    ledger: Rows,
    policy: Policy,
    stack: StackIdentity,
    now: datetime,
) -> Look:
    """How things stand and what is desired there; what is seen first is noted in the ledger.

    Raises NotVisibleYet while the survey is missing what must be there, AwsErrors.
    """
    facts = network.survey(request.scope)
    # After the survey: what is withdrawn stands in the ledger before it is missing from the facts.
    away = ledger.rows(WITHDRAWN)
    facts = replace(facts, withdrawn=still_away(away, now))
    told = {"seen": facts.seen, "serving": facts.serving}
    if missing := unseen(request.expect, request.outcomes, **told, shows=facts.shows):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing)}")
    rows = ledger.rows(rivals.RESTORED)
    ledger.write(rivals.settled(rows, facts, execution=request.execution, now=now))
    facts = replace(facts, contested=rivals.contested(rows, now))
    seen = Look(facts, desired_in(facts, policy, stack), NextLook())
    seen = _with_grace(request, seen, away, ledger, policy, stack, now)
    if vpc_ids := seen.desired.vpcs_to_probe(policy):
        facts = replace(facts, busy_subnets=network.busy_subnets(vpc_ids))
    return replace(seen, facts=facts)


def _with_grace(
    request: NetworkRequest,
    seen: Look,
    away: Sequence[Row],
    ledger: Rows,
    policy: Policy,
    stack: StackIdentity,
    now: datetime,
) -> Look:
    """The look without what waits for its own tool, and when to look at that again."""
    facts, missing, execution = seen.facts, seen.desired.missing, request.execution
    writes, anew = grace.handed_over(away, facts, missing, stack, execution=execution, now=now)
    rows = ledger.rows(grace.FIRST_SEEN) if missing or facts.looked_at == "all" else ()
    if facts.looked_at == "all":
        kept = grace.familiar(facts, policy, stack, rows, execution=execution, now=now)
        writes += tuple(w for w in kept if w.key.sk not in anew)
    if not missing:
        ledger.write(writes)
        return seen
    graced = grace.candidates(seen.desired, facts, policy, stack, request.made_by_stacks)
    waiting = grace.waits(graced, rows, execution=execution, now=now, anew=anew)
    # Where a write is refused another look was faster: it wakes for the table at the same moment.
    ledger.write((*writes, *waiting.writes))
    desired = seen.desired.without(waiting.until)
    return Look(facts, desired, grace.again(waiting, facts, now, anew))


def look_again(
    item: Item, network: Network, ledger: Rows, policy: Policy, now: datetime
) -> tuple[Facts, bool]:
    """The facts of one change right before it, and whether busy tables have to wait.

    Minutes may have passed since the plan.
    """
    facts = replace(network.of_vpc(item.vpc_id), withdrawn=withdrawn(ledger, now))
    busy_waits = not may_change_busy(policy.gateway_endpoints, now)
    if busy_waits and item.route_table_ids:
        facts = replace(facts, busy_subnets=network.busy_subnets([item.vpc_id]))
    return facts, busy_waits


def survey(scope: NetworkScope) -> Facts:
    """VPCs and route tables of the scope, gateway endpoints of the Region (its quota counts those).

    Ids in the scope that lead to no VPC are left out. Raises AwsErrors.
    """
    there = tuple(map(endpoint_of, endpoints(["Gateway"])))
    if scope.everything:
        return Facts(tuple(_vpcs({})), tuple(_tables({})), there, "all")
    vpc_ids = tuple(sorted(_vpcs_of(scope, there)))
    if not vpc_ids:
        return Facts(endpoints=there, looked_at=())
    return Facts(
        vpcs=tuple(v for f in filters("vpc-id", vpc_ids) for v in _vpcs({"Filters": f})),
        route_tables=tuple(t for f in filters("vpc-id", vpc_ids) for t in _tables({"Filters": f})),
        endpoints=there,
        looked_at=vpc_ids,
    )


def of_vpc(vpc_id: str) -> Facts:
    """One VPC and its route tables, without endpoints; no VPC if it is gone."""
    (chosen,) = filters("vpc-id", [vpc_id])
    return Facts(
        vpcs=tuple(_vpcs({"Filters": chosen})),
        route_tables=tuple(_tables({"Filters": chosen})),
        looked_at=(vpc_id,),
    )


def busy_subnets(vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The subnets with a network interface in each of the VPCs.

    Interfaces that AWS services manage count, those that the account hides from itself too. Those
    of interface endpoints don't: they answer, and open no connection that an attachment would drop.
    """
    found: dict[str, set[str]] = {vpc_id: set() for vpc_id in vpc_ids}
    for chosen in filters("vpc-id", found):
        for interface in pages(
            "DescribeNetworkInterfaces",
            Filters=chosen,
            MaxResults=_PAGE,
            IncludeManagedResources=True,
        ):
            if interface.get("InterfaceType") != _ANSWERS_ONLY:
                found[interface["VpcId"]].add(interface.get("SubnetId", ""))
    return {vpc_id: frozenset(subnets) for vpc_id, subnets in found.items()}


def _vpcs_of(scope: NetworkScope, endpoints: Iterable[Endpoint]) -> set[str]:
    found = {*scope.vpc_ids}
    found |= {e.vpc_id for e in endpoints if e.id in scope.endpoint_ids}
    if scope.route_table_ids:
        for chosen in filters("route-table-id", scope.route_table_ids):
            found |= {table.vpc_id for table in _tables({"Filters": chosen})}
    return found


def _vpcs(request: Mapping[str, Any]) -> Iterator[Vpc]:
    return map(vpc_of, pages("DescribeVpcs", MaxResults=_PAGE, **request))


def vpc_of(vpc: Mapping[str, Any]) -> Vpc:
    """A VPC as the API describes it."""
    return Vpc(vpc["VpcId"], vpc["OwnerId"], vpc["State"], tags_of(vpc), ipv6=_has_ipv6(vpc))


def _has_ipv6(vpc: Mapping[str, Any]) -> bool:
    blocks = vpc.get("Ipv6CidrBlockAssociationSet", ())
    return any(each.get("Ipv6CidrBlockState", {}).get("State") == "associated" for each in blocks)


def _tables(request: Mapping[str, Any]) -> Iterator[RouteTable]:
    return map(table_of, pages("DescribeRouteTables", MaxResults=_TABLES_PAGE, **request))


def table_of(table: Mapping[str, Any]) -> RouteTable:
    """A route table as the API describes it."""
    bound = [a for a in table.get("Associations", ()) if _binds(a)]
    return RouteTable(
        id=table["RouteTableId"],
        vpc_id=table["VpcId"],
        main=any(a.get("Main", False) for a in bound),
        edge=any("GatewayId" in a for a in bound),
        subnet_ids=tuple(sorted(a["SubnetId"] for a in bound if "SubnetId" in a)),
        tags=tags_of(table),
        way_out=_way_out(table),
    )


def _way_out(table: Mapping[str, Any]) -> str:
    """Where the default IPv4 route leads; "" without one, or if what it led to is gone."""
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == _ALL and route.get("State") != "blackhole":
            return str(next((route[name] for name in _TARGETS if route.get(name)), ""))
    return ""


def _binds(association: Mapping[str, Any]) -> bool:
    return association.get("AssociationState", {}).get("State") not in _LOOSE


def endpoint_of(answer: Mapping[str, Any]) -> Endpoint:
    """A gateway endpoint as the API describes it."""
    return Endpoint(
        **of_any_type(answer),
        route_table_ids=tuple(sorted(answer.get("RouteTableIds", ()))),
        # Older answers bear none, and were of IPv4 endpoints (AWS CLI's examples).
        address_type=answer.get("IpAddressType", "ipv4").lower(),
    )
