"""Coverage: how each subnet reaches S3, DynamoDB and the services of its VPC's profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.gateway.facts import RouteTable
from autopilot.gateway.facts import Vpc as NetworkVpc
from autopilot.interfaces.facts import Subnet
from autopilot.policy.model import GatewayService
from autopilot.view.endpoints import Wanted, families_of, wanted_endpoints
from autopilot.view.model import SubnetView, VpcView
from autopilot.view.routes import Routes
from autopilot.view.seen import Seen, Source, name_of
from autopilot.view.stand import Stand, rank

# Without these nobody can say how a subnet stands towards a service.
_OF_GATEWAYS: tuple[Source, ...] = ("route tables", "VPC endpoints")
_OF_INTERFACES: tuple[Source, ...] = ("VPC endpoints",)


def coverage(seen: Seen, routes: Routes) -> tuple[VpcView, ...]:
    """Every VPC with a line for each of its subnets and services, the worst first."""
    wanted = wanted_endpoints(seen)
    found = [_vpc(vpc, wanted.get(vpc.id, ()), routes) for vpc in seen.network.vpcs]
    return tuple(sorted(found, key=lambda vpc: (rank(vpc.worst), vpc.id)))


def _vpc(vpc: NetworkVpc, wanted: tuple[Wanted, ...], routes: Routes) -> VpcView:
    seen = routes.seen
    if unread := seen.unread.get("subnets"):
        lines = list(_without_subnets(wanted, unread, seen))
    else:
        named, main = _tables(vpc.id, seen.network)
        spots = (
            _Spot(vpc, subnet, named.get(subnet.id, main), routes)
            for subnet in seen.interfaces.subnets_of(vpc.id)
        )
        lines = [line for spot in spots for line in spot.lines(wanted)]
    ranked = sorted(lines, key=lambda line: (rank(line.reach), line.subnet_id, line.service))
    return VpcView(vpc.id, name_of(vpc), tuple(ranked))


def _tables(
    vpc_id: str, network: NetworkFacts
) -> tuple[Mapping[str, RouteTable], RouteTable | None]:
    """The route table of each subnet that one names, and the main one, of all others."""
    there = network.tables_of(vpc_id)
    named = {id_: table for table in there for id_ in table.subnet_ids}
    return named, next((table for table in there if table.main), None)


def _without_subnets(wanted: Iterable[Wanted], unread: str, seen: Seen) -> Iterator[SubnetView]:
    services = (*seen.policy.gateway_endpoints.services, *(each.service for each in wanted))
    for service in dict.fromkeys(services):
        reason = f"the VPC's subnets can't be read: {unread}"
        yield SubnetView("", "", "", "", service, "unknown", reason)


@dataclass(frozen=True)
class _Spot:
    """One subnet; `table` None: no table that can be seen is its own."""

    vpc: NetworkVpc
    subnet: Subnet
    table: RouteTable | None
    routes: Routes

    def lines(self, wanted: Iterable[Wanted]) -> Iterator[SubnetView]:
        """How it stands towards each service."""
        seen = self.routes.seen
        for service in dict.fromkeys(seen.policy.gateway_endpoints.services):
            yield self._line(service, self._by_gateway(service))
        for each in wanted:
            stand = _unread(_OF_INTERFACES, seen) or each.stand(self.subnet, self._by_gateway)
            yield self._line(each.service, stand)

    def _by_gateway(self, service: GatewayService) -> Stand:
        if unread := _unread(_OF_GATEWAYS, self.routes.seen):
            return unread
        if self.table is None:
            return self.routes.without_table(self.vpc)
        families = families_of(self.subnet)
        return self.routes.stand(self.vpc, self.table, service, families)

    def _line(self, service: str, stand: Stand) -> SubnetView:
        return SubnetView(
            subnet_id=self.subnet.id,
            name=name_of(self.subnet),
            zone_id=self.subnet.zone_id,
            route_table_id=self.table.id if self.table else "",
            service=service,
            reach=stand.reach,
            reason=stand.reason,
            endpoint_id=stand.endpoint_id,
        )


def _unread(sources: Iterable[Source], seen: Seen) -> Stand | None:
    found = ((source, seen.unread[source]) for source in sources if source in seen.unread)
    return next((Stand("unknown", f"{what} can't be read: {why}") for what, why in found), None)
