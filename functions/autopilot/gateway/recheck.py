"""What of a planned change still stands right before the call: minutes may have passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

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


def still_stands(
    item: Item, facts: Facts, policy: Policy, stack: StackIdentity, *, busy_waits: bool
) -> Remaining:
    """The change without the tables that must not be attached any more.

    `facts`: the item's VPC, its tables, what is withdrawn, and, where busy tables have to wait, who
    is busy. What is covered by now is no reason: AWS refuses it, and the next look tells by whom.
    """
    no_vpc = _why_no_vpc(item, facts, policy, stack)
    there = {table.id: table for table in facts.tables_of(item.vpc_id)}
    reasons = {
        id_: no_vpc or _why_not(there.get(id_), item, facts, policy, busy_waits)
        for id_ in item.route_table_ids
    }
    left = {id_: reason for id_, reason in reasons.items() if reason}
    tables = tuple(id_ for id_ in item.route_table_ids if id_ not in left)
    if no_vpc or (left and not tables):
        return Remaining(None, left)
    return Remaining(_narrowed(item, tables, left), left)


def _narrowed(item: Item, tables: tuple[str, ...], left: Mapping[str, Left]) -> Item:
    if not left:
        return item
    why = Remaining(None, left).why
    return replace(item, route_table_ids=tables, reason=f"{item.reason}; left alone: {why}")


def _why_not(
    table: RouteTable | None, item: Item, facts: Facts, policy: Policy, busy_waits: bool
) -> Left | None:
    if table is None:
        return GONE
    if route_key(table.id, item.service) in facts.withdrawn:
        return "stepped aside"
    busy: Left | None = "busy" if busy_waits and facts.is_busy(table) else None
    return why_not_table(table, policy) or busy


def _why_no_vpc(item: Item, facts: Facts, policy: Policy, stack: StackIdentity) -> Left | None:
    vpc = next((vpc for vpc in facts.vpcs if vpc.id == item.vpc_id), None)
    if vpc is None:
        return GONE
    return "stepped aside" if vpc.id in facts.withdrawn else why_not_vpc(vpc, policy, stack)
