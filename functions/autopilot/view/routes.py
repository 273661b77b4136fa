"""How each route table stands towards S3 and DynamoDB: as the network's plan would have it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from autopilot.gateway import messages
from autopilot.gateway.desired import Look, why_not_table, why_not_vpc
from autopilot.gateway.facts import Endpoint, RouteTable, Vpc
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.limits import waits_until
from autopilot.gateway.plan import Item, Left, NextLook
from autopilot.gateway.planning import Draft, draft
from autopilot.notify.finding import Finding
from autopilot.notify.phrases import moment
from autopilot.policy.model import GatewayService
from autopilot.policy.names import proper_name, service_name
from autopilot.reconcile.tags import owned_by
from autopilot.reconcile.withdrawn import WITHDRAWN, route_key
from autopilot.view.seen import Seen, Source
from autopilot.view.stand import Stand

# Without one of these nobody can say how a table that has no route stands.
_DECIDING: tuple[Source, ...] = ("the ledger", "network interfaces")


@dataclass(frozen=True)
class Routes:
    """Every route table's standing. `plan`: what the network workflow would do now."""

    seen: Seen
    plan: Draft

    @cached_property
    def _items(self) -> Mapping[tuple[str, str], Item]:
        """By table and service the change that would give it its route."""
        items = (*self.plan.modifies, *self.plan.creates)
        return {(id_, item.service): item for item in items for id_ in item.route_table_ids}

    @cached_property
    def _told(self) -> Mapping[tuple[str, str], Finding]:
        """What the plan says of tables that it leaves without a route, by table and service."""
        return {
            (id_, each.subject.partition("/")[2]): each
            for each in self.plan.findings
            for id_ in each.data.get("route_table_ids", ())
        }

    @cached_property
    def _failed(self) -> Mapping[str, Finding]:
        """By "vpc-1/s3" our endpoint that failed."""
        kind = messages.ENDPOINT_FAILED.kind
        return {each.subject: each for each in self.plan.findings if each.kind == kind}

    @cached_property
    def _serving(self) -> Mapping[tuple[str, str], tuple[Endpoint, ...]]:
        found: dict[tuple[str, str], tuple[Endpoint, ...]] = {}
        for endpoint in self.seen.network.endpoints:
            for id_ in endpoint.route_table_ids if endpoint.lives else ():
                key = id_, endpoint.service_name
                found[key] = (*found.get(key, ()), endpoint)
        return found

    @property
    def _limit(self) -> int | None:
        """The quota, as it was asked for or as ops were told of it; None: it is far away."""
        kinds = (messages.QUOTA_REACHED.kind, messages.QUOTA_NEAR.kind)
        told = (self.seen.findings.get(f"{kind}/{self.seen.stack.region}") for kind in kinds)
        found = (int(each[0].data["limit"]) for each in told if each)
        return self.seen.limit or next(found, None)

    @cached_property
    def _beyond_quota(self) -> frozenset[str]:
        """The ids of the creations that the quota leaves undone."""
        if self._limit is None:
            return frozenset()
        room = max(0, self._limit - self.seen.network.in_use)
        return frozenset(item.id for item in self.plan.creates[room:])

    @cached_property
    def _ends(self) -> Mapping[str, str]:
        """When what waits may be served, by table (its grace), VPC and route key (we stepped
        aside)."""
        return {
            row.key.sk: str(row.body["until"])
            for pk in (FIRST_SEEN, WITHDRAWN)
            for row in self.seen.rows.get(pk, ())
        }

    def serving(self, table_id: str, service: GatewayService) -> tuple[Endpoint, ...]:
        """The living endpoints with a route in a table, anybody's."""
        name = service_name(self.seen.stack.region, service)
        return self._serving.get((table_id, name), ())

    def stand(
        self, vpc: Vpc, table: RouteTable, service: GatewayService, families: frozenset[str]
    ) -> Stand:
        """How subnets that use `table` reach a service. `families`: of their addresses."""
        there = self.serving(table.id, service)
        wanted = "ipv4" if "ipv4" in families else "ipv6"
        if endpoint := next((e for e in there if wanted in e.families), None):
            both = frozenset(family for each in there for family in each.families)
            return Stand("private", self._served(table, endpoint, families - both), endpoint.id)
        if wanted == "ipv6":
            return self._ipv6_only(vpc, table, there)
        stand = self._without(vpc, table, service)
        meanwhile = _way_out(table) if stand.reach in ("not private", "waiting") else ""
        return stand._replace(reason=f"{stand.reason}{meanwhile}")

    def _served(self, table: RouteTable, endpoint: Endpoint, without: frozenset[str]) -> str:
        whose = "" if owned_by(endpoint.tags, self.seen.stack.owner) else ", somebody else's"
        other = "; traffic by IPv6 takes no endpoint" if "ipv6" in without else ""
        return f"{table.id} has its route to {endpoint.id}{whose}{other}"

    def _ipv6_only(self, vpc: Vpc, table: RouteTable, there: tuple[Endpoint, ...]) -> Stand:
        if left := self._left_alone(vpc, table):
            return left
        why = f"{there[0].id} serves IPv4 only" if there else "the automation's are for IPv4"
        return Stand("not private", f"the subnet is IPv6-only, and {why}")

    def _without(self, vpc: Vpc, table: RouteTable, service: GatewayService) -> Stand:
        """Why a table has no route, and whether it gets one."""
        if stand := self._left_alone(vpc, table) or self._undecided(table):
            return stand
        if item := self._items.get((table.id, service)):
            return self._planned(item, table)
        if told := self._told.get((table.id, service)):
            return self._put_off(told, table, service)
        if failed := self._failed.get(f"{vpc.id}/{service}"):
            id_ = failed.data["endpoint_id"]
            return Stand("not private", f"{id_} of the automation's has failed: delete it", id_)
        return self._waits(vpc, table, service)

    def _undecided(self, table: RouteTable) -> Stand | None:
        """Where nobody can say what becomes of a table without a route."""
        unread = (self.seen.unread[each] for each in _DECIDING if each in self.seen.unread)
        if why := next(unread, None):
            reason = f"{table.id} has no route; what becomes of it isn't known: {why}"
            return Stand("unknown", reason)
        return None

    def without_table(self, vpc: Vpc) -> Stand:
        """How a subnet stands whose route table can't be seen: the VPC may be somebody else's."""
        reason = why_not_vpc(vpc, self.seen.policy, self.seen.stack)
        if reason:
            return left_alone(reason, vpc.owner, "")
        return Stand("unknown", "no route table of the VPC shows that the subnet uses it")

    def _left_alone(self, vpc: Vpc, table: RouteTable) -> Stand | None:
        policy, stack = self.seen.policy, self.seen.stack
        reason = why_not_vpc(vpc, policy, stack) or why_not_table(table, policy)
        return left_alone(reason, vpc.owner, table.id) if reason else None

    def _planned(self, item: Item, table: RouteTable) -> Stand:
        what = f"{table.id} has no route to {proper_name(item.service)}"
        if self.seen.policy.mode == "audit":
            return Stand("not private", f"{what}; the mode is audit, else it would get one")
        if obstacle := self._obstacle(item):
            return Stand("not private", f"{what}: {obstacle}")
        return Stand("waiting", f"{what} yet; the next look gives it one")

    def _obstacle(self, item: Item) -> str:
        """What kept the change from being made so far, as ops were told; "" for nothing."""
        told = self.seen.findings
        if found := told.get(f"{messages.CHANGE_FAILED.kind}/{item.id}"):
            data = found[0].data
            return f"the change failed ({data.get('error')})"
        if item.id in self._beyond_quota:
            return f"the quota of {self._limit} gateway endpoints is used up"
        return ""

    def in_grace(self, table: RouteTable) -> tuple[GatewayService, ...]:
        """The services whose routes a new table waits for."""
        vpc = next((vpc for vpc in self.seen.network.vpcs if vpc.id == table.vpc_id), None)
        wanted = dict.fromkeys(self.seen.policy.gateway_endpoints.services)
        ipv4 = frozenset({"ipv4"})
        return tuple(s for s in wanted if vpc and self.stand(vpc, table, s, ipv4).graced)

    def _put_off(self, told: Finding, table: RouteTable, service: GatewayService) -> Stand:
        if told.kind == messages.ROUTE_TAKEN_AWAY.kind:
            times = told.data["times"]
            reason = f"somebody took the route away {times} times, so {table.id} is left so"
            return Stand("not private", reason)
        drops = "attaching it drops open connections"
        if until := waits_until(self.seen.policy.gateway_endpoints, self.seen.now):
            when = f"{table.id} is busy ({drops}); it gets its route {moment(until)}"
            return Stand("waiting", when, until=until)
        name = proper_name(service)
        return Stand(
            "not private",
            f"{table.id} is busy ({drops}); without a change window its route to {name} waits for"
            " your decision",
        )

    def _waits(self, vpc: Vpc, table: RouteTable, service: GatewayService) -> Stand:
        key = route_key(table.id, service)
        away = next((k for k in (vpc.id, key) if k in self.seen.network.withdrawn), None)
        until = self._ends.get(away or table.id, "")
        whose = (
            "the automation has stepped aside for somebody's change"
            if away
            else f"{table.id} is new, and its own tool may bring an endpoint"
        )
        if self.seen.policy.mode == "audit":
            reason = f"{whose}; the mode is audit, else it would be served {_from(until)}"
            return Stand("not private", reason, graced=not away)
        reason = f"{whose}; it is served {_from(until)}"
        return Stand("waiting", reason, until=until, graced=not away)


def routes(seen: Seen) -> Routes:
    """How every route table stands, with what the network workflow would do now."""
    look = Look(seen.network, seen.desired, NextLook())
    made = draft(look, seen.policy, seen.now, frozenset())
    return Routes(seen, made)


def left_alone(reason: Left, owner: str, table_id: str) -> Stand:
    """What the policy leaves alone for good."""
    said: dict[Left, str] = {
        "shared by another account": f"the VPC is shared by account {owner}, whose endpoints can't"
        " be seen from here",
        "VPC being deleted": "the VPC is being deleted",
        "VPC opted out by tag": "the VPC bears a tag of vpcs.skip_tags",
        "table opted out by tag": f"{table_id} bears a tag of vpcs.skip_tags",
        "edge table": f"{table_id} is a gateway's table, which takes no endpoint's route",
    }
    return Stand("left alone", said.get(reason, reason))


def _from(until: str) -> str:
    return f"from {moment(until)} on" if until else "after that"


def _way_out(table: RouteTable) -> str:
    """Where traffic goes meanwhile, as far as the table says."""
    if not table.way_out:
        return "; its table has no default route"
    return f"; meanwhile traffic goes by {table.way_out}"


def waiting_tables(plan: Draft) -> Iterator[Finding]:
    """The busy tables of a plan, as the finding of each VPC and service."""
    return (each for each in plan.findings if each.kind == messages.ROUTE_TABLE_BUSY.kind)
