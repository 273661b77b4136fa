"""What of a planned change still stands right before the call: minutes may have passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from autopilot.gateway.busy import is_busy, may_change_busy
from autopilot.gateway.desired import why_not_table, why_not_vpc
from autopilot.gateway.facts import Facts, RouteTable
from autopilot.gateway.plan import Item, Left
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.withdrawn import route_key

GONE: Left = "gone meanwhile"


class Remaining(NamedTuple):
    """The change as it still stands, None if nothing of it does; `left`: tables, and why not."""

    item: Item | None
    left: Mapping[str, Left] = {}

    @property
    def why(self) -> str:
        """The reasons with how many tables each holds for, for operators."""
        counted = sorted(Counter(self.left.values()).items())
        return ", ".join(f"{count} {reason}" for reason, count in counted)


def asks_who_is_busy(item: Item, policy: Policy, now: datetime) -> bool:
    """Whether the VPC's network interfaces decide anything about the change."""
    return bool(item.route_table_ids) and not may_change_busy(policy.gateway_endpoints, now)


def still_stands(
    item: Item, facts: Facts, policy: Policy, us: StackIdentity, now: datetime
) -> Remaining:
    """The change without the tables that must not be attached any more.

    `facts`: the item's VPC, its tables, what is withdrawn, and who is busy where that is asked.
    What is covered by now is no reason: AWS refuses it, and the next look tells by whom.
    """
    reasons = {id_: _why_not(id_, item, facts, policy, us, now) for id_ in item.route_table_ids}
    left = {id_: reason for id_, reason in reasons.items() if reason}
    tables = tuple(id_ for id_ in item.route_table_ids if id_ not in left)
    nothing = bool(left) and not tables
    if nothing or _why_no_vpc(item, facts, policy, us):
        return Remaining(None, left)
    return Remaining(_narrowed(item, tables, left), left)


def _narrowed(item: Item, tables: tuple[str, ...], left: Mapping[str, Left]) -> Item:
    if not left:
        return item
    why = Remaining(None, left).why
    return replace(item, route_table_ids=tables, reason=f"{item.reason}; left alone: {why}")


def _why_not(
    id_: str, item: Item, facts: Facts, policy: Policy, us: StackIdentity, now: datetime
) -> Left | None:
    table = next((t for t in facts.tables_of(item.vpc_id) if t.id == id_), None)
    if reason := _why_no_vpc(item, facts, policy, us):
        return reason
    if table is None:
        return GONE
    if route_key(id_, item.service) in facts.withdrawn:
        return "stepped aside"
    return why_not_table(table, policy) or _busy(table, facts, policy, now)


def _why_no_vpc(item: Item, facts: Facts, policy: Policy, us: StackIdentity) -> Left | None:
    vpc = next((vpc for vpc in facts.vpcs if vpc.id == item.vpc_id), None)
    if vpc is None:
        return GONE
    return "stepped aside" if vpc.id in facts.withdrawn else why_not_vpc(vpc, policy, us)


def _busy(table: RouteTable, facts: Facts, policy: Policy, now: datetime) -> Left | None:
    waits = not may_change_busy(policy.gateway_endpoints, now) and is_busy(facts, table)
    return "busy" if waits else None
