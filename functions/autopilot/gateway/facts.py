"""How things stand: what one survey of the network saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, assert_never

from autopilot.gateway.plan import NetworkOutcome
from autopilot.reconcile.visible import HasState


@dataclass(frozen=True)
class Vpc:
    """A VPC; `owner` is the account that made it, another one's if it is shared with us.

    `ipv6`: whether it has an IPv6 block.
    """

    id: str
    owner: str
    state: str = "available"
    tags: Mapping[str, str] = field(default_factory=dict)
    ipv6: bool = False


@dataclass(frozen=True)
class RouteTable:
    """A route table with the subnets associated with it by name (`main`: all others too).

    `edge`: associated with a gateway, so that it routes what comes in. `way_out`: where its default
    IPv4 route leads ("nat-1"), "" without one; for people only, nothing is decided by it.
    """

    id: str
    vpc_id: str
    main: bool = False
    edge: bool = False
    subnet_ids: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    way_out: str = ""


@dataclass(frozen=True)
class Endpoint(HasState):
    """A gateway endpoint. `created` is an ISO instant, `policy` the document's JSON text.

    `address_type`: its IpAddressType; one for IPv4 serves no IPv6, and the other way round
    (PrivateLink guide, gateway endpoints).
    """

    id: str
    vpc_id: str
    service_name: str
    state: str = "available"
    created: str = ""
    route_table_ids: tuple[str, ...] = ()
    policy: str = ""
    requester_managed: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    address_type: str = "ipv4"

    @property
    def families(self) -> frozenset[str]:
        """The address families that it routes."""
        both = frozenset({"ipv4", "ipv6"})
        return both if self.address_type == "dualstack" else frozenset({self.address_type})


@dataclass(frozen=True)
class Facts:
    """One survey: VPCs and their tables as far as looked at, gateway endpoints of the whole Region.

    `looked_at`: every VPC of the account in the Region, or these. `busy_subnets`: subnets with a
    network interface, by VPC; those that nobody asked about are left out. `withdrawn`: what stepped
    aside and may not come back yet (see `autopilot.reconcile.withdrawn`). `contested`: route keys
    that somebody takes away again and again (see `autopilot.gateway.rivals`).
    """

    vpcs: tuple[Vpc, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    looked_at: Literal["all"] | tuple[str, ...] = "all"
    busy_subnets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    contested: frozenset[str] = frozenset()

    def looks_at(self, vpc_id: str) -> bool:
        """Whether the survey was for this VPC too."""
        return self.looked_at == "all" or vpc_id in self.looked_at

    def tables_of(self, vpc_id: str) -> tuple[RouteTable, ...]:
        """The route tables of a VPC, by id."""
        return tuple(self._tables.get(vpc_id, ()))

    def endpoints_for(self, vpc_id: str, service_name: str) -> tuple[Endpoint, ...]:
        """The gateway endpoints of a VPC for a service, oldest first."""
        return tuple(self._endpoints.get((vpc_id, service_name), ()))

    def is_busy(self, table: RouteTable) -> bool:
        """Whether a network interface that opens connections lives in a subnet that uses `table`.

        The main table is used by every subnet that no table of the VPC names (VPC guide, "Route
        table concepts"). Where nobody asked for the interfaces, the answer is yes: the safe one.
        """
        occupied = self.busy_subnets.get(table.vpc_id)
        if occupied is None:
            return True
        if occupied.intersection(table.subnet_ids):
            return True
        named = {subnet for each in self.tables_of(table.vpc_id) for subnet in each.subnet_ids}
        return table.main and bool(occupied - named)

    @property
    def in_use(self) -> int:
        """How many endpoints count for the quota, anyone's; one being deleted still does."""
        return sum(endpoint.state.lower() != "deleted" for endpoint in self.endpoints)

    @cached_property
    def seen(self) -> frozenset[str]:
        """The ids of all that it shows."""
        every = (self.vpcs, self.route_tables, self.endpoints)
        return frozenset(each.id for things in every for each in things)

    @property
    def serving(self) -> frozenset[str]:
        """The endpoints that hold routes."""
        return frozenset(endpoint.id for endpoint in self.endpoints if endpoint.route_table_ids)

    def shows(self, outcome: NetworkOutcome) -> bool:
        """Whether it shows what became of a change: else the same would be planned again."""
        match outcome.result:
            case "done":
                return self._holds(outcome)
            case "stale":
                return self._explains(outcome)
            case "failed":
                return True
            case _:
                assert_never(outcome.result)

    def _holds(self, outcome: NetworkOutcome) -> bool:
        """Whether the endpoint is there with its tables; those that are gone ask for nothing."""
        wanted = self.seen.intersection(outcome.item.route_table_ids)
        endpoint = next((e for e in self.endpoints if e.id == outcome.item.endpoint_id), None)
        if endpoint is None:
            return not wanted
        return not endpoint.lives or wanted <= set(endpoint.route_table_ids)

    def _explains(self, outcome: NetworkOutcome) -> bool:
        """Whether it shows why the change didn't fit.

        The errors are those of `autopilot.aws.errors`; the others need no waiting.
        """
        wanted = self.seen.intersection(outcome.item.route_table_ids)
        if outcome.error == "RouteAlreadyExists":
            served = {t for e in self.endpoints if _serves(e, outcome) for t in e.route_table_ids}
            return not wanted or bool(wanted & served)
        if outcome.error == "NotFound":
            named = {outcome.item.vpc_id, *outcome.item.route_table_ids}
            living = {e.id for e in self.endpoints if e.lives}
            return not named <= self.seen or (outcome.item.endpoint_id or "") not in {"", *living}
        return True

    # Indexed once: a thousand VPCs, each searching all tables, would take seconds.

    @cached_property
    def _tables(self) -> Mapping[str, list[RouteTable]]:
        found: dict[str, list[RouteTable]] = {}
        for table in sorted(self.route_tables, key=lambda table: table.id):
            found.setdefault(table.vpc_id, []).append(table)
        return found

    @cached_property
    def _endpoints(self) -> Mapping[tuple[str, str], list[Endpoint]]:
        found: dict[tuple[str, str], list[Endpoint]] = {}
        for endpoint in sorted(self.endpoints, key=lambda e: (e.created, e.id)):
            found.setdefault((endpoint.vpc_id, endpoint.service_name), []).append(endpoint)
        return found


def _serves(endpoint: Endpoint, outcome: NetworkOutcome) -> bool:
    """Whether it is a living endpoint for the outcome's service; one being deleted blocks only."""
    return (
        endpoint.lives
        and endpoint.vpc_id == outcome.item.vpc_id
        and endpoint.service_name.endswith(f".{outcome.item.service}")
    )
