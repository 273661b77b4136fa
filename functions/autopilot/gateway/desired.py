"""Which route tables have no endpoint that the policy wants, and the changes that give them one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.plan import Action, Cause, Item, Left
from autopilot.policy.document import FULL_ACCESS, same
from autopilot.policy.model import GatewayService, Policy
from autopilot.policy.names import proper_name, service_name
from autopilot.policy.tags import has_any
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.withdrawn import route_key


@dataclass(frozen=True)
class DesiredEndpoint:
    """What is missing in one VPC for one service.

    `ours`: our living endpoint that takes tables, the oldest if there are several; None if there
    is none. `drifted`: ours whose policy isn't the wanted one; `foreign`: others' living ones with
    another policy, where the policy file names a document. `broken`: ours that failed. `others`:
    whether a living endpoint of somebody else's serves any table. `taken`: tables without a route
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

    @property
    def ours_id(self) -> str | None:
        """Our endpoint's id."""
        return self.ours.id if self.ours else None


def why_not_vpc(vpc: Vpc, policy: Policy, us: StackIdentity) -> Left | None:
    """Why a VPC is none of our business; None if it is."""
    if vpc.owner != us.account:
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
    living = [e for e in endpoints if e.lives]
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
    living = [e for e in facts.endpoints_for(vpc.id, name) if e.lives]
    covered = {t for e in living for t in e.route_table_ids if "ipv6" in e.families}
    return tuple(t for t in tables if vpc.ipv6 and t.id not in covered)


def _is_ours(endpoint: Endpoint, us: StackIdentity) -> bool:
    return owned_by(endpoint.tags, us.owner) and not endpoint.requester_managed


def changes(
    need: DesiredEndpoint, tables: Sequence[str], policy: Policy, expect: frozenset[str]
) -> Iterator[Item]:
    """The changes that give `tables` their route and each of our endpoints its policy.

    Our oldest endpoint takes the tables; with none there, one is made. `expect` holds the
    ids that events called new.
    """
    if need.ours is None:
        if tables:
            yield _item(need, None, tables, True, policy, expect)
        return
    if tables or need.ours in need.drifted:
        yield _item(need, need.ours, tables, need.ours in need.drifted, policy, expect)
    for other in need.drifted:
        if other != need.ours:
            yield _item(need, other, (), True, policy, expect)


def in_order(creates: Iterable[Item], facts: Facts) -> tuple[Item, ...]:
    """Creations, those first that complete a VPC which has an endpoint for another service.

    The quota cuts this list: better a VPC done than two half done.
    """
    served = {e.vpc_id for e in facts.endpoints if e.lives}
    return tuple(sorted(creates, key=lambda item: item.vpc_id not in served))


def _item(
    need: DesiredEndpoint,
    endpoint: Endpoint | None,
    tables: Sequence[str],
    set_policy: bool,
    policy: Policy,
    expect: frozenset[str],
) -> Item:
    wanted = policy.gateway_endpoints.endpoint_policy
    cause = _cause(need, endpoint, tables, expect)
    action: Action = "create" if endpoint is None else "modify"
    further = endpoint is not None and endpoint != need.ours
    reason = _reason(need.service, cause, len(tables))
    if set_policy and endpoint is not None:
        reason += f", its policy isn't the wanted one ({wanted or 'full access'})"
    return Item(
        id=f"{need.subject}/{endpoint.id}" if endpoint and further else need.subject,
        action=action,
        vpc_id=need.vpc_id,
        service=need.service,
        service_name=need.service_name,
        endpoint_id=None if endpoint is None else endpoint.id,
        route_table_ids=tuple(sorted(tables)),
        endpoint_policy=wanted,
        set_policy=set_policy,
        reason=reason,
        cause=cause,
    )


def _cause(
    need: DesiredEndpoint, endpoint: Endpoint | None, tables: Sequence[str], expect: frozenset[str]
) -> Cause:
    if not tables:
        return "policy-drift"
    if need.vpc_id in expect:
        return "new-vpc"
    if expect.intersection(tables):
        return "new-table"
    return "no-endpoint" if endpoint is None else "table-without-route"


def _reason(service: str, cause: Cause, tables: int) -> str:
    """One sentence, without the ids: they stand beside it."""
    whose = {
        "new-vpc": "the VPC is new",
        "new-table": "a route table is new",
        "no-endpoint": "there is no endpoint of ours",
        "table-without-route": "our endpoint is there but doesn't reach every route table",
        "policy-drift": "our endpoint is there",
    }[cause]
    if not tables:
        return whose
    many = "1 route table is" if tables == 1 else f"{tables} route tables are"
    return f"{whose}, {many} without a route to {proper_name(service)}"
