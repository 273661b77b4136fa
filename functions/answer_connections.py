"""Answer connections: accepts, rejects or cuts what still is to be, checked right before the call.

What it needs (actions, on what, why):
- ec2:AcceptVpcEndpointConnections, ec2:RejectVpcEndpointConnections on the account's
  vpc-endpoint-service/*.
- ec2:DescribeVpcEndpointConnections, ec2:DescribeVpcEndpointServicePermissions on *: the second
  look at both locks; ec2:DescribeVpcEndpointServiceConfigurations where rules speak of tags.
- ec2:CreateTags on vpc-endpoint-connection/*, our owner tag only: who was let in by a rule.
- dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem on the ledger table: it claims what it is
  about to answer, so that no crash can make its own answer look like a person's, or the reverse.
Environment: OWNER, ACCOUNT_ID, AWS_REGION, LEDGER_TABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import settings
from autopilot.aws.answers import Answers
from autopilot.aws.errors import AwsError, NotFound, ServiceUnavailable
from autopilot.aws.ledger import Ledger
from autopilot.connections.answering import (
    OTHERWISE_NOW,
    PendingAnswer,
    by_person,
    by_policy,
    claim_writes,
    claims,
    done_before,
    outcome,
    settle_writes,
    speaks_of_tags,
)
from autopilot.connections.attribution import mark, with_marks
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import ConnectionFacts, Service
from autopilot.connections.hold_answers import carried_out, timely
from autopilot.connections.holds import Hold, HoldAnswer, HoldRow, put
from autopilot.connections.organization import Organization
from autopilot.connections.plan import Answer, AnswerItem, AnswerOutcome
from autopilot.connections.remembered import AUTOPILOT, Remembered
from autopilot.connections.request import UNSUCCESSFUL
from autopilot.notify.ledger import Key, Write
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account and Region, a table."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str


class Calls(Protocol):
    """Reads and answers the connections of one service."""

    def facts(self, service: Service, read_service: bool) -> ConnectionFacts:
        """How things stand with the service, and what is remembered."""

    def organization(self, now: datetime) -> Organization:
        """What the planning step learned."""

    def hold(self, endpoint_id: str) -> HoldRow | None:
        """The endpoint's hold."""

    def call(self, verdict: Answer, service_id: str, ids: Collection[str]) -> Mapping[str, str]:
        """Give the answer; those that AWS lists as unsuccessful, with its words."""

    def mark(self, connection_ids: Collection[str], tags: Mapping[str, str]) -> None:
        """Tag connections as accepted by us."""

    def write(self, writes: Sequence[Write]) -> Collection[Key]:
        """Write what may be written; the keys of what may not."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@cache
def _answers() -> Answers:
    return Answers(Ledger(_settings().ledger_table))


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    answers: Callable[[], Calls] = _answers,
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Carry out `event["item"]`, or `event["answer"]` to `event["hold"]`; the outcome.

    Raises the AwsErrors that make it no outcome yet.
    """
    logger.set_correlation_id(event["execution"])
    known, calls = _settings(), answers()
    us = StackIdentity(known.owner, known.account_id, known.aws_region)
    law = DecisionContext(policy(), us, calls.organization(now()), now(), event["execution"])
    if "hold" in event:
        hold, said = Hold.from_json(event["hold"]), HoldAnswer.from_json(event["answer"])
        made = _answer_hold(hold, said, calls, law)
    else:
        made = _answer_item(AnswerItem.from_json(event["item"]), calls, law)
    logger.info("answer given", words=made.message, **{k: made.to_json()[k] for k in _LOGGED})
    return made.to_json()


_LOGGED = ("id", "verdict", "endpoint_ids", "stale", "result", "error", "by")


def _answer_item(item: AnswerItem, calls: Calls, law: DecisionContext) -> AnswerOutcome:
    facts = _facts(Service(item.service_id, item.service_name), calls, law)
    return _answer(by_policy(item, facts, law), facts, calls, law)


def _facts(service: Service, calls: Calls, law: DecisionContext) -> ConnectionFacts:
    return with_marks(calls.facts(service, speaks_of_tags(law)), law.us.owner)


def _answer_hold(hold: Hold, said: HoldAnswer, calls: Calls, law: DecisionContext) -> AnswerOutcome:
    """What ends a hold; its row is closed then, so that another one may follow."""
    row = calls.hold(hold.endpoint_id)
    facts = _facts(Service(hold.service_id, hold.service_name), calls, law)
    facts = replace(facts, holds={})  # the person's answer that we carry out must not stop us
    said = timely(said, hold, row)
    made = _answer(by_person(hold, said, row, facts, law), facts, calls, law)
    if row and row.name == hold.name:
        calls.write([put(carried_out(row, said, law.now), row, law.now)])
    return made


def _answer(
    attempt: PendingAnswer, facts: ConnectionFacts, calls: Calls, law: DecisionContext
) -> AnswerOutcome:
    before = done_before(attempt.item, facts, law)
    claimed = claims(attempt, law)
    refused = calls.write(claim_writes(attempt, claimed)) if claimed else ()
    ours = {key.sk for key in refused}
    attempt = replace(
        attempt, kept=tuple(d for d in attempt.kept if d.case.connection.subject not in ours)
    )
    if not attempt.kept:
        return outcome(attempt, before, OTHERWISE_NOW, attempt.moved, law)
    return _call(attempt, claimed, before, calls, law)


def _call(
    attempt: PendingAnswer,
    claimed: dict[str, Remembered],
    before: Collection[str],
    calls: Calls,
    law: DecisionContext,
) -> AnswerOutcome:
    """Call; if AWS certainly did nothing, take the claims back, so that nobody waits for them."""
    item, ids = attempt.item, [each.endpoint_id for each in attempt.kept]
    try:
        missed = calls.call(item.verdict, item.service_id, ids)
    except ServiceUnavailable:
        raise  # it may have worked: the claims tell the next try
    except NotFound as error:
        calls.write(settle_writes(attempt, claimed, ()))
        return outcome(attempt, before, NotFound.__name__, str(error), law)
    except AwsError:
        calls.write(settle_writes(attempt, claimed, ()))
        raise
    done = {id_ for id_ in ids if id_ not in missed}
    calls.write(settle_writes(attempt, claimed, done))
    _mark(attempt, claimed, done, calls, law)
    if missed:
        words = "; ".join(f"{id_}: {why}" for id_, why in sorted(missed.items()))
        return outcome(attempt, {*before, *done}, UNSUCCESSFUL, words[:500], law)
    return outcome(attempt, {*before, *done}, OTHERWISE_NOW, attempt.moved, law)


def _mark(
    attempt: PendingAnswer,
    claimed: dict[str, Remembered],
    done: Collection[str],
    calls: Calls,
    law: DecisionContext,
) -> None:
    """Have AWS remember, too, whom a rule let in. Where it doesn't take that, the ledger does."""
    if attempt.item.verdict != "accept" or attempt.by != AUTOPILOT:
        return
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for each in attempt.kept:
        connection = each.case.connection
        if each.endpoint_id in done and connection.id:
            tags = mark(law.us.owner, claimed[connection.subject])
            alike.setdefault(tuple(tags.items()), []).append(connection.id)
    try:
        for tags_, ids in alike.items():
            calls.mark(ids, dict(tags_))
    except AwsError as error:
        logger.warning("connections not marked", error=str(error))
