"""Which route tables have no endpoint that the policy wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.plan import Left, NextLook
from autopilot.policy.model import GatewayService, Policy
from autopilot.policy.names import service_name
from autopilot.policy.tags import has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.withdrawn import route_key


@dataclass(frozen=True)
class DesiredEndpoint:
    """What is missing in one VPC for one service.

    `kept`: our living endpoints that take tables, oldest first. `broken`: ours that failed.
    `others`: the other living ones. `taken`: tables without a route since somebody takes it away
    again and again.
    """

    vpc_id: str
    service: GatewayService
    service_name: str
    missing: tuple[RouteTable, ...]
    kept: tuple[Endpoint, ...] = ()
    broken: tuple[Endpoint, ...] = ()
    others: tuple[Endpoint, ...] = ()
    taken: tuple[RouteTable, ...] = ()

    @property
    def subject(self) -> str:
        """What findings and items call it: "vpc-1/s3"."""
        return f"{self.vpc_id}/{self.service}"

    @property
    def ours(self) -> Endpoint | None:
        """The endpoint that takes the tables; None if there is none."""
        return next(iter(self.kept), None)

    @property
    def ours_id(self) -> str | None:
        """Our endpoint's id."""
        return self.ours.id if self.ours else None

    @property
    def served_by_others(self) -> bool:
        """Whether a living endpoint of somebody else's serves any table."""
        return any(endpoint.route_table_ids for endpoint in self.others)


@dataclass(frozen=True)
class Desired:
    """Every endpoint in order of VPC and of the policy's services, and how much was left alone."""

    endpoints: tuple[DesiredEndpoint, ...]
    left: Mapping[Left, int]

    @property
    def missing(self) -> frozenset[str]:
        """The route keys of what has no route."""
        return frozenset(route_key(t.id, e.service) for e in self.endpoints for t in e.missing)

    def vpcs_to_probe(self, policy: Policy) -> tuple[str, ...]:
        """The VPCs whose network interfaces decide something: a table has no endpoint there."""
        if policy.gateway_endpoints.busy_route_tables == "now":
            return ()
        return tuple(dict.fromkeys(e.vpc_id for e in self.endpoints if e.missing))

    def without(self, in_grace: Collection[str]) -> Desired:
        """The same, but that these tables want nothing until an endpoint of others' is there."""
        endpoints = tuple(
            e
            if e.served_by_others
            else replace(e, missing=tuple(t for t in e.missing if t.id not in in_grace))
            for e in self.endpoints
        )
        left = Counter(self.left)
        for before, after in zip(self.endpoints, endpoints, strict=True):
            left["in grace"] += len(before.missing) - len(after.missing)
        return Desired(endpoints, left)


@dataclass(frozen=True)
class Look:
    """What a look worked out: how things stand, what is desired there, when to look again."""

    facts: Facts
    desired: Desired
    again: NextLook


def why_not_vpc(vpc: Vpc, policy: Policy, stack: StackIdentity) -> Left | None:
    """Why a VPC is none of our business; None if it is."""
    if vpc.owner != stack.account:
        return "shared by another account"
    if vpc.state.lower() == "deleting":
        return "VPC being deleted"
    return "VPC opted out by tag" if has_any(vpc.tags, policy.skip_tags) else None


def why_not_table(table: RouteTable, policy: Policy) -> Left | None:
    """Why a route table takes none of our endpoints; None if it does.

    A table associated with a gateway accepts no endpoint's route (PrivateLink guide).
    """
    if table.edge:
        return "edge table"
    return "table opted out by tag" if has_any(table.tags, policy.skip_tags) else None


def desired_in(facts: Facts, policy: Policy, stack: StackIdentity) -> Desired:
    """What the policy wants there."""
    left: Counter[Left] = Counter()
    found: list[DesiredEndpoint] = []
    for vpc in sorted(facts.vpcs, key=lambda vpc: vpc.id):
        if reason := why_not_vpc(vpc, policy, stack):
            left[reason] += 1
        elif vpc.id in facts.withdrawn:
            left["stepped aside"] += 1
        else:
            found.extend(_of_vpc(facts, vpc, policy, stack, left))
    return Desired(tuple(found), left)


def _of_vpc(
    facts: Facts, vpc: Vpc, policy: Policy, stack: StackIdentity, left: Counter[Left]
) -> Iterator[DesiredEndpoint]:
    tables = []
    for table in facts.tables_of(vpc.id):
        if reason := why_not_table(table, policy):
            left[reason] += 1
        else:
            tables.append(table)
    for service in dict.fromkeys(policy.gateway_endpoints.services):
        ours = [t for t in tables if route_key(t.id, service) not in facts.withdrawn]
        desired = _endpoint(facts, vpc.id, service, ours, stack)
        left["stepped aside"] += len(tables) - len(ours)
        left["IPv6 without a route"] += len(_without_six(facts, vpc, desired.service_name, ours))
        left["already covered"] += len(ours) - len(desired.missing) - len(desired.taken)
        left["taken away again and again"] += len(desired.taken)
        yield desired


def _endpoint(
    facts: Facts,
    vpc_id: str,
    service: GatewayService,
    tables: list[RouteTable],
    stack: StackIdentity,
) -> DesiredEndpoint:
    name = service_name(stack.region, service)
    endpoints = facts.endpoints_for(vpc_id, name)
    living = [e for e in endpoints if e.lives]
    covered = {t for e in living for t in e.route_table_ids if "ipv4" in e.families}
    without = [table for table in tables if table.id not in covered]
    taken = tuple(t for t in without if route_key(t.id, service) in facts.contested)
    kept = tuple(e for e in living if _is_ours(e, stack) and "ipv4" in e.families)
    return DesiredEndpoint(
        vpc_id=vpc_id,
        service=service,
        service_name=name,
        missing=tuple(table for table in without if table not in taken),
        kept=kept,
        broken=tuple(e for e in endpoints if e.standing == "broken" and _is_ours(e, stack)),
        others=tuple(e for e in living if e not in kept),
        taken=taken,
    )


def _without_six(
    facts: Facts, vpc: Vpc, name: str, tables: list[RouteTable]
) -> tuple[RouteTable, ...]:
    """The tables of a VPC with IPv6 from which IPv6 takes no endpoint to the service.

    Ours are for IPv4: S3 alone has others (gardener-extension-provider-aws #1601).
    """
    living = [e for e in facts.endpoints_for(vpc.id, name) if e.lives]
    covered = {t for e in living for t in e.route_table_ids if "ipv6" in e.families}
    return tuple(t for t in tables if vpc.ipv6 and t.id not in covered)


def _is_ours(endpoint: Endpoint, stack: StackIdentity) -> bool:
    return owned_by(endpoint.tags, stack.owner) and not endpoint.requester_managed
