"""Answer connections: accepts, rejects or cuts, after a second look right before the call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autopilot.aws import connection_answers, connections
from autopilot.aws.step import bundled_policy, identity, ledger, logger, now, step
from autopilot.connections.answering import pending_answer
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Organization
from autopilot.connections.plan import AnswerOutcome
from autopilot.connections.request import AnswerRequest
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode

_LOGGED = ("id", "verdict", "endpoint_ids", "stale", "result", "error", "by")


@step(AnswerRequest)
def handler(
    asked: AnswerRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> AnswerOutcome:
    """Carry out an item, or the answer to a hold. Raises AwsErrors if it is no outcome yet."""
    rows = ledger()
    context = DecisionContext(policy(), identity(), Organization(), now(), asked.execution)
    facts, context = connections.look_at(asked.service, context, rows)
    pending = pending_answer(asked, facts, context)
    made = connection_answers.give(pending, context, rows)
    if pending.closing:
        rows.write(pending.closing)
    told = encode(made)
    logger.info("answer given", words=made.message, **{name: told[name] for name in _LOGGED})
    return made
