"""Plan the answers: looks at how connections stand and says whom to accept, reject, hold or cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from autopilot.aws import connection_answers, connections, settings
from autopilot.aws.step import bundled_policy, identity, ledger, log_plan, now, step
from autopilot.connections.decision import DecisionContext
from autopilot.connections.plan import ConnectionPlan
from autopilot.connections.planning import light, plan
from autopilot.connections.remembered import Organization
from autopilot.connections.request import LookRequest
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the topic that notifications are to go to."""

    connection_topic_arn: str


@step(LookRequest)
def handler(
    request: LookRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> ConnectionPlan:
    """Look and plan. Raises NotSettledYet while AWS doesn't show what was answered."""
    if made := light(request):
        connections.look_again(request)
    else:
        context = DecisionContext(policy(), identity(), Organization(), now(), request.execution)
        facts, context = connections.look(request, context, ledger())
        made = plan(facts, request, context, settings.read(Settings).connection_topic_arn)
        spoken = (made.findings, made.items, made.holds, request.outcomes)
        made = replace(made, names=names_of(spoken, facts.services))
        connection_answers.tidy(facts, context, ledger())
    holds, reasons = [hold.endpoint_id for hold in made.holds], made.reasons
    log_plan(request, made, holds=holds, reasons=reasons)
    return made
