"""Plan the network: looks at how things stand and says what to change.

From the ledger it takes what was withdrawn and may not be put back yet, and what is new: that waits
for an endpoint of its own tool.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autopilot.aws import network, quotas
from autopilot.aws.logs import log_plan
from autopilot.aws.network import Network, look
from autopilot.aws.step import acting_policy, identity, ledger, now, step
from autopilot.gateway.desired import Look
from autopilot.gateway.plan import NetworkPlan, NetworkRequest
from autopilot.gateway.planning import Draft, draft, limit_matters, plan
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.naming import with_names, with_owners
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit

Planned = Callable[
    [NetworkRequest, Policy, StackIdentity, Rows, datetime],
    tuple[Look, Draft, Limit, NetworkPlan],
]


def planned(
    request: NetworkRequest,
    policy: Policy,
    stack: StackIdentity,
    ledger: Rows,
    now: datetime,
    *,
    network: Network = network,
    limit: Callable[[], Limit] = quotas.gateway_endpoints,
) -> tuple[Look, Draft, Limit, NetworkPlan]:
    """What the look worked out, all that the policy wants, the quota, and the plan of it.

    `./autopilot plan` calls it too. Raises NotVisibleYet, other AwsErrors.
    """
    seen = look(request, network, ledger, policy, stack, now)
    drafted, there = draft(seen, policy, now, frozenset(request.expect)), seen.facts
    quota = limit() if limit_matters(drafted, there) else GATEWAYS_IN_A_REGION
    made = plan(drafted, seen, request, policy, stack, quota)
    things = (there.vpcs, there.route_tables, there.endpoints)
    named = with_names(made, request, *things)
    return seen, drafted, quota, with_owners(named, request, policy.notify.owner_tag, *things)


@step(NetworkRequest)
def handler(
    request: NetworkRequest,
    *,
    planned: Planned = planned,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = acting_policy,
    now: Callable[[], datetime] = now,
) -> NetworkPlan:
    """Look and plan. Raises NotVisibleYet while the survey is missing what must be there."""
    made = planned(request, policy(), identity(), ledger(), now())[-1]
    log_plan(request, made, again=made.again.seconds)
    return made
