"""Which route tables have no endpoint for a service although the policy wants one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.plan import Left
from autopilot.policy.document import FULL_ACCESS, same
from autopilot.policy.model import GatewayService, Policy
from autopilot.policy.names import service_name
from autopilot.policy.tags import has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.withdrawn import route_key


@dataclass(frozen=True)
class DesiredEndpoint:
    """What one VPC lacks for one service.

    `ours`: our living endpoint that takes tables, the oldest if there are several; None if there
    is none. `drifted`: those of ours whose policy isn't the wanted one; `foreign`: living ones of
    others likewise, where the policy file names a document. `broken`: ours that failed. `others`:
    whether a living endpoint of somebody else's serves any table. `taken`: tables that lack a route
    since somebody takes it away again and again.
    """

    vpc_id: str
    service: GatewayService
    service_name: str
    missing: tuple[RouteTable, ...]
    ours: Endpoint | None
    drifted: tuple[Endpoint, ...]
    broken: tuple[Endpoint, ...]
    foreign: tuple[Endpoint, ...] = ()
    others: bool = False
    taken: tuple[RouteTable, ...] = ()

    @property
    def subject(self) -> str:
        """What findings and items call it: "vpc-1/s3"."""
        return f"{self.vpc_id}/{self.service}"


def why_not_vpc(vpc: Vpc, policy: Policy, us: StackIdentity) -> Left | None:
    """Why a VPC is none of our business; None if it is."""
    if vpc.owner != us.account:
        return "shared by another account"
    if vpc.state.lower() == "deleting":
        return "VPC being deleted"
    return "VPC opted out by tag" if has_any(vpc.tags, policy.skip_tags) else None


def why_not_table(table: RouteTable, policy: Policy) -> Left | None:
    """Why a route table takes no endpoint of ours; None if it does.

    A table associated with a gateway accepts no endpoint's route (PrivateLink guide).
    """
    if table.edge:
        return "edge table"
    return "table opted out by tag" if has_any(table.tags, policy.skip_tags) else None


def needs(
    facts: Facts, policy: Policy, us: StackIdentity
) -> tuple[tuple[DesiredEndpoint, ...], Counter[Left]]:
    """Every need in order of VPC and of the policy's services, and how much was left alone."""
    left: Counter[Left] = Counter()
    found: list[DesiredEndpoint] = []
    for vpc in sorted(facts.vpcs, key=lambda vpc: vpc.id):
        if reason := why_not_vpc(vpc, policy, us):
            left[reason] += 1
        elif vpc.id in facts.withdrawn:
            left["stepped aside"] += 1
        else:
            found.extend(_of_vpc(facts, vpc, policy, us, left))
    return tuple(found), left


def _of_vpc(
    facts: Facts, vpc: Vpc, policy: Policy, us: StackIdentity, left: Counter[Left]
) -> Iterator[DesiredEndpoint]:
    tables = []
    for table in facts.tables_of(vpc.id):
        if reason := why_not_table(table, policy):
            left[reason] += 1
        else:
            tables.append(table)
    for service in dict.fromkeys(policy.gateway_endpoints.services):
        ours = [t for t in tables if route_key(t.id, service) not in facts.withdrawn]
        left["stepped aside"] += len(tables) - len(ours)
        need = _need(facts, vpc.id, service, ours, policy, us)
        left["IPv6 without a route"] += len(_without_six(facts, vpc, need.service_name, ours))
        left["already covered"] += len(ours) - len(need.missing)
        yield _leaving(need, facts, left)


def _leaving(need: DesiredEndpoint, facts: Facts, left: Counter[Left]) -> DesiredEndpoint:
    """The need without what waits for its own tool, and what somebody takes away time and again."""
    taken = tuple(t for t in need.missing if route_key(t.id, need.service) in facts.contested)
    rest = tuple(t for t in need.missing if t not in taken)
    missing = tuple(t for t in rest if need.others or t.id not in facts.in_grace)
    left["taken away again and again"] += len(taken)
    left["in grace"] += len(rest) - len(missing)
    return replace(need, missing=missing, taken=taken)


def _need(
    facts: Facts,
    vpc_id: str,
    service: GatewayService,
    tables: list[RouteTable],
    policy: Policy,
    us: StackIdentity,
) -> DesiredEndpoint:
    name = service_name(us.region, service)
    endpoints = facts.endpoints_for(vpc_id, name)
    living = [e for e in endpoints if e.standing == "living"]
    covered = {t for e in living for t in e.route_table_ids if "ipv4" in e.families}
    mine = [e for e in living if _is_ours(e, us) and "ipv4" in e.families]
    named = policy.document(policy.gateway_endpoints.endpoint_policy)
    return DesiredEndpoint(
        vpc_id=vpc_id,
        service=service,
        service_name=name,
        missing=tuple(table for table in tables if table.id not in covered),
        ours=mine[0] if mine else None,
        drifted=tuple(e for e in mine if not same(named or FULL_ACCESS, e.policy)),
        broken=tuple(e for e in endpoints if e.standing == "broken" and _is_ours(e, us)),
        foreign=tuple(e for e in living if named and e not in mine and not same(named, e.policy)),
        others=any(e not in mine and e.route_table_ids for e in living),
    )


def _without_six(
    facts: Facts, vpc: Vpc, name: str, tables: list[RouteTable]
) -> tuple[RouteTable, ...]:
    """The tables of a VPC with IPv6 from which IPv6 takes no endpoint to the service.

    Ours are for IPv4: S3 alone has others (gardener-extension-provider-aws #1601).
    """
    living = [e for e in facts.endpoints_for(vpc.id, name) if e.standing == "living"]
    covered = {t for e in living for t in e.route_table_ids if "ipv6" in e.families}
    return tuple(t for t in tables if vpc.ipv6 and t.id not in covered)


def _is_ours(endpoint: Endpoint, us: StackIdentity) -> bool:
    return owned_by(endpoint.tags, us.owner) and not endpoint.requester_managed
