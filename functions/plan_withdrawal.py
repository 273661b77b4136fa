"""Plan a withdrawal: looks at what others' refused calls are about, and says what gives way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autopilot.aws.errors import NotSettledYet
from autopilot.aws.logs import log_plan
from autopilot.aws.step import acting_policy, identity, ledger, now, step
from autopilot.aws.vpc_contents import survey
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import with_names, with_owners
from autopilot.reconcile.withdrawn import in_vain
from autopilot.withdraw.plan import WithdrawalPlan, WithdrawalRequest
from autopilot.withdraw.planning import plan


@step(WithdrawalRequest)
def handler(
    request: WithdrawalRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = acting_policy,
    now: Callable[[], datetime] = now,
) -> WithdrawalPlan:
    """Look and plan. Raises NotSettledYet while something that is going isn't gone."""
    stack, at = identity(), now()
    network, wanted = survey(request.demands, stack.owner), policy()
    made = plan(request, network, wanted, stack, at, in_vain(ledger(), at))
    made = with_names(made, request, network.vpcs)
    made = with_owners(made, request, wanted.notify.owner_tag, network.vpcs)
    if made.waiting and not made.items and request.patient:
        raise NotSettledYet(f"not gone yet: {', '.join(made.waiting)}")
    log_plan(request, made, demands=[f"{demand.kind} {demand.id}" for demand in request.demands])
    return made
