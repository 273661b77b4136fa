"""What the connections workflow would do: whom it accepts, rejects, cuts and holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from plan_connections import LookAt, planned

from autopilot.aws import connections, organizations
from autopilot.connections.decision import DecidedFacts, DecidedRequest, DecisionContext
from autopilot.connections.facts import Organization
from autopilot.connections.items import to_open
from autopilot.connections.plan import ConnectionPlan
from autopilot.connections.request import LookRequest
from autopilot.foreseen.missing import missing_in
from autopilot.foreseen.model import Action, Part, named
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity

_VERBS = {"accept": "accept", "reject": "reject", "cut": "cut the connection of"}


def foresee(
    policy: Policy,
    us: StackIdentity,
    ledger: Rows,
    now: datetime,
    *,
    topic: str = "",
    look: LookAt = connections.look,
    known: Callable[..., Organization] = organizations.known,
) -> Part:
    """Everything, also what one execution leaves to the next. Raises AwsErrors.

    `topic`: the ARN of the stack's topic for notifications, "" while there is none.
    """
    context = DecisionContext(policy, us, Organization(), now)
    seen, made = planned(LookRequest(), context, ledger, topic, look=look, known=known)
    return Part(
        "connections",
        actions=(*map(_answer, seen.to_answer), *_holds(seen), *_others(made)),
        findings=made.findings,
        unseen=missing_in("who belongs to the organization", seen.context.organization.why),
        names={service.id: named(service.tags) for service in seen.facts.services},
        left=made.left,
    )


def _answer(each: DecidedRequest) -> Action:
    verdict = each.verdict
    rule = f" (rule: {verdict.rule})" if verdict.rule else ""
    return _action(
        each, verdict.action, f"{_VERBS[verdict.action]} {each.endpoint_id} of {each.owner}", rule
    )


def _holds(seen: DecidedFacts) -> Iterator[Action]:
    """Those that no execution waits for yet."""
    waiting = {each.endpoint_id: each for each in seen.held}
    for hold in to_open(waiting.values(), seen.facts.holds, seen.context):
        each, days = waiting[hold.endpoint_id], hold.hold_for_seconds / 86400
        what = f"hold the request of {hold.endpoint_id} of {hold.owner} for a person, {days:g} days"
        yield _action(each, "hold", what, "")


def _action(each: DecidedRequest, verb: str, what: str, rule: str) -> Action:
    return Action(
        "connections",
        place=each.service_id,
        service=each.endpoint_id,
        verb=verb,
        id=f"{each.subject}/{verb}",
        what=what,
        reason=f"{each.verdict.reason}{rule}",
        content={"verb": verb, "endpoint_id": each.endpoint_id},
    )


def _others(made: ConnectionPlan) -> Iterator[Action]:
    for each in made.register:
        yield Action(
            "connections",
            place=each.service_id,
            service="notifications",
            verb="register",
            id=f"{each.service_id}/register",
            what="have AWS tell the stack of its connections",
            reason="its notifications don't reach the stack's topic",
            content={"verb": "register", "notification_id": each.notification_id},
        )
    for closure in made.close_holds:
        yield Action(
            "connections",
            place=closure.service_id,
            service=closure.endpoint_id,
            verb="end hold",
            id=f"{closure.service_id}/{closure.endpoint_id}/end hold",
            what=f"end the waiting of {closure.endpoint_id}",
            reason=closure.why,
            content={"verb": "end hold", "endpoint_id": closure.endpoint_id},
        )
