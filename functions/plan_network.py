"""Plan the network: looks at how things stand and says what to change.

From the ledger it takes what was withdrawn and may not be put back yet, and what is new: that waits
for an endpoint of its own tool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from autopilot.aws import quotas, survey
from autopilot.aws.network import Network, look
from autopilot.aws.step import bundled_policy, identity, ledger, log_plan, now, step
from autopilot.gateway.plan import NetworkPlan, NetworkRequest
from autopilot.gateway.planning import draft, limit_matters, plan
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit


@step(NetworkRequest)
def handler(
    request: NetworkRequest,
    *,
    network: Network = survey,
    limit: Callable[[], Limit] = quotas.gateway_endpoints,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> NetworkPlan:
    """Look and plan. Raises NotVisibleYet while the survey is missing what must be there."""
    us, wanted, at = identity(), policy(), now()
    facts, again = look(request, network, ledger(), wanted, us, at)
    drafted = draft(facts, wanted, us, at, frozenset(request.expect))
    quota = limit() if limit_matters(drafted, facts) else GATEWAYS_IN_A_REGION
    made = replace(plan(drafted, request, facts, wanted, us, quota), again=again)
    spoken = (made.findings, made.items, request.outcomes)
    names = names_of(spoken, facts.vpcs, facts.route_tables, facts.endpoints)
    made = replace(made, names=names)
    log_plan(request, made, again=again.seconds)
    return made
