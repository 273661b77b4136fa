"""Apply one change of the plan to one endpoint, as far as it still stands.

Minutes may have passed since the plan, so the VPC, its tables and who is busy are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from autopilot.aws import gateway_endpoints, survey
from autopilot.aws.errors import (
    NoLongerWanted,
    NotFound,
    NotOurs,
    ParameterMismatch,
    RouteAlreadyExists,
)
from autopilot.aws.gateway_endpoints import Endpoints
from autopilot.aws.step import bundled_policy, identity, ledger, logger, now, step
from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import Item, NetworkOutcome
from autopilot.gateway.recheck import Standing, asks_who_is_busy, still_stands
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.request import Change
from autopilot.reconcile.withdrawn import withdrawn

# The plan no longer fits how things stand: another look tells what does.
_STALE = (RouteAlreadyExists, NotFound, ParameterMismatch, NotOurs, NoLongerWanted)


class Network(Protocol):
    """Reads how one VPC stands."""

    def of_vpc(self, vpc_id: str) -> Facts:
        """The VPC and its route tables."""

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The subnets with a network interface, by VPC."""


@step(Change[Item])
def handler(
    change: Change[Item],
    *,
    endpoints: Endpoints = gateway_endpoints,
    network: Network = survey,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> NetworkOutcome:
    """Carry out one item; its outcome. Raises the AwsErrors that make it no outcome yet."""
    item, wanted = change.item, policy()
    standing = _standing(item, network, ledger(), wanted, now())
    try:
        outcome = gateway_endpoints.carry_out(standing, wanted, change.execution, endpoints)
    except _STALE as error:
        outcome = NetworkOutcome(item, "stale", type(error).__name__, str(error))
    logger.info(
        "change applied",
        id=item.id,
        action=item.action,
        endpoint_id=outcome.item.endpoint_id,
        route_table_ids=outcome.item.route_table_ids,
        left=dict(standing.left),
        result=outcome.result,
        error=outcome.error,
        reason=outcome.item.reason,
    )
    return outcome


def _standing(
    item: Item, network: Network, ledger: Rows, policy: Policy, now: datetime
) -> Standing:
    facts = replace(network.of_vpc(item.vpc_id), withdrawn=withdrawn(ledger, now))
    if asks_who_is_busy(item, policy, now):
        facts = replace(facts, busy_subnets=network.busy_subnets([item.vpc_id]))
    return still_stands(item, facts, policy, identity(), now)
