"""Apply one change of the plan to one endpoint, as far as it still stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autopilot.aws import errors, gateway_endpoints, network
from autopilot.aws.gateway_endpoints import Endpoints
from autopilot.aws.logs import log_outcome
from autopilot.aws.network import Network, look_again
from autopilot.aws.step import bundled_policy, identity, ledger, now, step
from autopilot.gateway.plan import Item, NetworkOutcome
from autopilot.gateway.recheck import still_stands
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.request import Change

# The plan no longer fits how things stand: another look tells what does.
_STALE = (
    *(errors.RouteAlreadyExists, errors.NotFound, errors.ParameterMismatch),
    *(errors.NotOurs, errors.NoLongerWanted),
)


@step(Change[Item])
def handler(
    change: Change[Item],
    *,
    endpoints: Endpoints = gateway_endpoints,
    network: Network = network,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> NetworkOutcome:
    """Carry out one item; its outcome. Raises the AwsErrors that make it no outcome yet."""
    item, wanted = change.item, policy()
    facts, busy_waits = look_again(item, network, ledger(), wanted, now())
    standing = still_stands(item, facts, wanted, identity(), busy_waits=busy_waits)
    try:
        outcome = gateway_endpoints.carry_out(standing, wanted, change.execution, endpoints)
    except _STALE as error:
        outcome = NetworkOutcome(item, "stale", type(error).__name__, str(error))
    tables, left = outcome.item.route_table_ids, dict(standing.left)
    endpoint = outcome.item.endpoint_id
    log_outcome(outcome, action=item.action, endpoint_id=endpoint, tables=tables, left=left)
    return outcome
