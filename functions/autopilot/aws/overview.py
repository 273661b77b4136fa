"""Reads all that there is to see, in bulk: calls grow with pages, not with VPCs or connections.

What can't be read is named in the view, and nothing depends on it there. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from autopilot.aws import connections, interface_facts, network, quotas
from autopilot.aws.asked import Asked
from autopilot.aws.pages import pages, type_of
from autopilot.aws.unwritten import snapshot
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.holds import HOLDS, hold_row
from autopilot.connections.remembered import CONNECTIONS, remembered, with_marks
from autopilot.gateway.desired import Look, desired_in
from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.gateway.plan import NetworkRequest, NextLook
from autopilot.interfaces import desired as interfaces_desired
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.interfaces.facts import Offer
from autopilot.interfaces.plan import InterfaceRequest
from autopilot.interfaces.situation import Situation
from autopilot.notify.ledger import Row
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.model import EVERY_PART, Overview, Part
from autopilot.view.overview import only
from autopilot.view.overview import overview as overview_of
from autopilot.view.seen import PARTITIONS, Seen, Source, sources_of

# The most that each call takes for a page (botocore's EC2 model and its words on endpoints).
_PAGE = 1000
_TABLES_PAGE = 100
# Without one of these the network's plan would be one of another network.
_PLANNED_FROM: frozenset[Source] = frozenset(
    {"VPCs", "route tables", "VPC endpoints", "the ledger"}
)
_Partitions = Mapping[str, tuple[Row, ...]]


class Ledger(Protocol):
    """The ledger's rows, many partitions at once."""

    def partitions(self, pks: Sequence[str]) -> _Partitions:
        """All rows of these partitions."""


def overview(
    policy: Policy,
    stack: StackIdentity,
    ledger: Ledger | None,
    now: datetime,
    parts: Collection[Part] = EVERY_PART,
) -> Overview:
    """The view. `ledger` None: there is none, as before the first deployment. Raises no AwsError:
    what couldn't be read is `unknown` in it. `parts`: the others are empty, and read is only what
    these need.
    """
    return only(overview_of(read(policy, stack, ledger, now, parts)), parts)


def read(
    policy: Policy,
    stack: StackIdentity,
    ledger: Ledger | None,
    now: datetime,
    parts: Collection[Part] = EVERY_PART,
) -> Seen:
    """All that these parts of a view are made of. A ledger knows of a quota that matters.

    It is read last: what is withdrawn or accepted stands there before it shows elsewhere.
    """
    asked = Asked(sources_of(parts))
    seen_there, interfaces, seen = listed(asked)
    offers = _offers(asked, interfaces, policy, stack)
    rows = _rows(asked, ledger) if ledger else {}
    looked = _looked_at(asked, seen_there, rows, policy, stack, now)
    return Seen(
        stack=stack,
        policy=policy,
        now=now,
        network=looked.facts,
        ungraced=looked.desired,
        interfaces=replace(interfaces, offers=offers),
        connections=_recalled(seen, rows, stack),
        rows=rows,
        unread=asked.unread,
        limit=None if ledger else quotas.gateway_endpoints().value,
    )


def listed(asked: Asked) -> tuple[NetworkFacts, InterfaceFacts, ConnectionFacts]:
    """What lists say: networks, endpoints, the account's services and connections to them."""
    lists = asked.together(_LISTS)
    services = ConnectionFacts(lists["endpoint services"], lists["connections"])
    return (*_networks(lists), services)


def _rows(asked: Asked, ledger: Ledger) -> _Partitions:
    nothing: _Partitions = {}
    return asked.one("the ledger", lambda: ledger.partitions(PARTITIONS), nothing)


def _networks(lists: Mapping[Source, tuple[Any, ...]]) -> tuple[NetworkFacts, InterfaceFacts]:
    """The same answers, as both workflows read them."""
    vpcs, endpoints = lists["VPCs"], lists["VPC endpoints"]
    seen = NetworkFacts(
        vpcs=tuple(map(network.vpc_of, vpcs)),
        route_tables=tuple(map(network.table_of, lists["route tables"])),
        endpoints=tuple(network.endpoint_of(e) for e in endpoints if type_of(e) == "Gateway"),
    )
    interfaces = replace(
        interface_facts.with_endpoints(endpoints),
        vpcs=tuple(map(interface_facts.vpc_of, vpcs)),
        subnets=tuple(map(interface_facts.subnet_of, lists["subnets"])),
    )
    return seen, interfaces


# What needs nothing that has to be read before.
_LISTS: Mapping[Source, Callable[[], Iterable[Any]]] = {
    "VPCs": lambda: pages("DescribeVpcs", MaxResults=_PAGE),
    "subnets": lambda: pages("DescribeSubnets", MaxResults=_PAGE),
    "route tables": lambda: pages("DescribeRouteTables", MaxResults=_TABLES_PAGE),
    "VPC endpoints": lambda: interface_facts.described([]),
    "endpoint services": lambda: connections.services(None),
    "connections": lambda: connections.connections("all"),
}


def _offers(
    asked: Asked, interfaces: InterfaceFacts, policy: Policy, stack: StackIdentity
) -> Mapping[str, Offer]:
    """The services that some VPC goes without, or has without private DNS: of all others nobody
    has to know. Private ones and those of other Regions take a call each.
    """
    everywhere = Situation(interfaces, replace(policy, skip_tags={}), stack, InterfaceRequest())
    wanted = {
        name
        for each in interfaces_desired.desired_in(everywhere).endpoints
        if not any(e.private_dns for e in (each.existing, *each.others) if e)
        for name in each.names
    }
    names = interfaces_desired.asked_in(policy, stack, interfaces.vpcs)
    open_ones = {name: regions for name, regions in names.items() if name in wanted}
    if not open_ones:
        return {}
    nothing: Mapping[str, Offer] = {}
    return asked.one(
        "offered services", lambda: interface_facts.offered(open_ones, stack.region), nothing
    )


def _recalled(seen: ConnectionFacts, rows: _Partitions, stack: StackIdentity) -> ConnectionFacts:
    """With what the ledger remembers, and where it doesn't, the connections' own tags."""
    holds = map(hold_row, rows.get(HOLDS, ()))
    known = replace(
        seen,
        memory={row.key.sk: remembered(row) for row in rows.get(CONNECTIONS, ())},
        holds={row.endpoint_id: row for row in holds},
    )
    return with_marks(known, stack.owner)


def _looked_at(
    asked: Asked,
    seen: NetworkFacts,
    rows: _Partitions,
    policy: Policy,
    stack: StackIdentity,
    now: datetime,
) -> Look:
    """What the network workflow would see now, with what it remembers."""
    if not asked.unread.keys().isdisjoint(_PLANNED_FROM):
        return Look(seen, desired_in(seen, policy, stack), NextLook())
    read_before = _ReadBefore(seen, asked)
    return network.look(NetworkRequest(), read_before, snapshot(rows), policy, stack, now)


@dataclass(frozen=True)
class _ReadBefore:
    """The network as it was read, for the workflow's look."""

    facts: NetworkFacts
    asked: Asked

    def survey(self, _scope: object) -> NetworkFacts:
        """All of it."""
        return self.facts

    def of_vpc(self, _vpc_id: str) -> NetworkFacts:
        """All of it, too."""
        return self.facts

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The only question that nobody has asked before the look."""
        nothing: Mapping[str, frozenset[str]] = {}
        return self.asked.one("network interfaces", lambda: network.busy_subnets(vpc_ids), nothing)
