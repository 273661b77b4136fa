"""Busy route tables: attaching an endpoint to one drops open connections to the service."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from autopilot.gateway.facts import Facts, RouteTable
from autopilot.gateway.window import is_open, next_opening
from autopilot.policy.model import GatewayPolicy


def may_change_busy(policy: GatewayPolicy, now: datetime) -> bool:
    """Whether the policy lets a busy table change at this moment."""
    match policy.busy_route_tables:
        case "now":
            return True
        case "window":
            return policy.change_window is not None and is_open(policy.change_window, now)
        case "audit":
            return False
        case _:
            assert_never(policy.busy_route_tables)


def waits_until(policy: GatewayPolicy, now: datetime) -> str | None:
    """The ISO instant when the policy lets busy tables change next; None: when somebody decides."""
    if policy.busy_route_tables != "window" or policy.change_window is None:
        return None
    return next_opening(policy.change_window, now).isoformat()


def is_busy(facts: Facts, table: RouteTable) -> bool:
    """Whether a network interface that opens connections lives in a subnet that uses `table`.

    The main table is used by every subnet that no table of the VPC names (VPC guide, "Route table
    concepts"). Where nobody asked for the interfaces, the answer is yes: it is the safe one.
    """
    occupied = facts.busy_subnets.get(table.vpc_id)
    if occupied is None:
        return True
    if occupied.intersection(table.subnet_ids):
        return True
    return table.main and bool(occupied - _named(facts, table.vpc_id))


def _named(facts: Facts, vpc_id: str) -> set[str]:
    return {subnet for table in facts.tables_of(vpc_id) for subnet in table.subnet_ids}
