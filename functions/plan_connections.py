"""Plan the answers: looks at how connections stand and says whom to accept, reject, hold or cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from autopilot.aws import connection_answers, connections, organizations, settings, zones
from autopilot.aws.logs import log_plan
from autopilot.aws.step import bundled_policy, identity, ledger, now, step
from autopilot.connections.decision import DecidedFacts, DecisionContext
from autopilot.connections.desired import decided
from autopilot.connections.facts import ConnectionFacts, Organization
from autopilot.connections.plan import ConnectionPlan
from autopilot.connections.planning import light, plan
from autopilot.connections.request import LookRequest
from autopilot.connections.zoning import accepted_where_zones_fit
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import with_names, with_owners

LookAt = Callable[[LookRequest, str, Rows], ConnectionFacts]


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
        topic = settings.read(Settings).connection_topic_arn
        seen, made = planned(request, context, ledger(), topic)
        connection_answers.tidy(seen.facts, seen.context, ledger())
    holds, reasons = [hold.endpoint_id for hold in made.holds], made.reasons
    log_plan(request, made, holds=holds, reasons=reasons)
    return made


def planned(
    request: LookRequest,
    context: DecisionContext,
    ledger: Rows,
    topic: str,
    *,
    look: LookAt = connections.look,
    known: Callable[..., Organization] = organizations.known,
) -> tuple[DecidedFacts, ConnectionPlan]:
    """How connections stand, each with its verdict, and the plan. `topic`: its ARN, "" for none.

    `./autopilot plan` calls it too. Raises NotSettledYet, other AwsErrors.
    """
    facts = look(request, context.stack.owner, ledger)
    seen = decided(facts, context, partial(known, context, ledger))
    if context.policy.zones.before_accepting == "hold":
        seen = accepted_where_zones_fit(seen, request, zones.consumer_sides)
    made = plan(seen, request, topic)
    named, tag = with_names(made, request, seen.facts.services), context.policy.notify.owner_tag
    return seen, with_owners(named, request, tag, seen.facts.services)
