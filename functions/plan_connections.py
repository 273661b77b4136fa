"""Plan the answers: looks at how connections stand and says whom to accept, reject, hold or cut."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from autopilot.aws import connection_answers, connections, organizations, settings, zones
from autopilot.aws.logs import log_plan
from autopilot.aws.step import bundled_policy, identity, ledger, now, step
from autopilot.connections.decision import DecisionContext
from autopilot.connections.desired import decided
from autopilot.connections.facts import Organization
from autopilot.connections.plan import ConnectionPlan
from autopilot.connections.planning import light, plan
from autopilot.connections.request import LookRequest
from autopilot.connections.zoning import accepted_where_zones_fit
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of, owners_of


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
    if request.is_light:
        connections.look_again(request)
        made = light(request)
    else:
        context = DecisionContext(policy(), identity(), Organization(), now(), request.execution)
        facts = connections.look(request, context.stack.owner, ledger())

        def ask(owners: Collection[str], units: bool) -> Organization:
            return organizations.known(owners, units, context, ledger())

        seen = decided(facts, context, ask)
        if context.policy.zones.before_accepting == "hold":
            seen = accepted_where_zones_fit(seen, request, zones.consumer_sides)
        made = plan(seen, request, settings.read(Settings).connection_topic_arn)
        spoken = (made.findings, made.items, made.holds, request.outcomes)
        names = names_of(spoken, seen.facts.services)
        tag, told = context.policy.notify.owner_tag, (*spoken, made.register, made.zones)
        made = replace(made, names=names, owners=owners_of(tag, told, seen.facts.services))
        connection_answers.tidy(seen.facts, seen.context, ledger())
    holds, reasons = [hold.endpoint_id for hold in made.holds], made.reasons
    log_plan(request, made, holds=holds, reasons=reasons)
    return made
