"""Plan the network: looks at how things stand and says what to change.

From the ledger it takes what was withdrawn and may not be put back yet, and what is new: that waits
for an endpoint of its own tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from autopilot.aws import network, quotas
from autopilot.aws.logs import log_plan
from autopilot.aws.network import Network, look
from autopilot.aws.step import bundled_policy, identity, ledger, now, step
from autopilot.gateway.plan import NetworkPlan, NetworkRequest
from autopilot.gateway.planning import draft, limit_matters, plan
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of, owners_of
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit


@step(NetworkRequest)
def handler(
    request: NetworkRequest,
    *,
    network: Network = network,
    limit: Callable[[], Limit] = quotas.gateway_endpoints,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> NetworkPlan:
    """Look and plan. Raises NotVisibleYet while the survey is missing what must be there."""
    wanted, stack, at = policy(), identity(), now()
    seen = look(request, network, ledger(), wanted, stack, at)
    drafted = draft(seen, wanted, at, frozenset(request.expect))
    quota = limit() if limit_matters(drafted, seen.facts) else GATEWAYS_IN_A_REGION
    made = plan(drafted, seen, request, wanted, stack, quota)
    spoken, there = (made.findings, made.items, request.outcomes), seen.facts
    things = (there.vpcs, there.route_tables, there.endpoints)
    owners = owners_of(wanted.notify.owner_tag, spoken, *things)
    made = replace(made, names=names_of(spoken, *things), owners=owners)
    log_plan(request, made, again=made.again.seconds)
    return made
