"""Answers connections to our endpoint services, and marks whom a rule let in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import AwsError, NotFound, ServiceUnavailable, aws_errors
from autopilot.aws.pages import call
from autopilot.aws.step import logger
from autopilot.connections.answering import PendingAnswer
from autopilot.connections.claims import Claim, claims_for, ends, outcome, to_mark, unsuccessful
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.plan import AnswerOutcome
from autopilot.connections.remembered import MARKS, to_forget, to_unmark
from autopilot.notify.ledger import Rows


def give(pending: PendingAnswer, context: DecisionContext, ledger: Rows) -> AnswerOutcome:
    """Claim, answer, and remember. Raises the AwsErrors after which there is no outcome yet."""
    wanted = claims_for(pending, context)
    refused = ledger.write([claim.take for claim in wanted]) if wanted else ()
    claims = [claim for claim in wanted if claim.take.key not in refused]
    if not claims:
        return outcome(pending, (), (), context)
    try:
        missed = _call(pending, claims)
    except ServiceUnavailable:
        raise  # it may have worked: the claims tell the next try
    except NotFound as error:
        ledger.write(ends(claims, ()))
        name = NotFound.__name__
        return outcome(pending, claims, (), context, error=name, message=str(error))
    except AwsError:
        ledger.write(ends(claims, ()))  # so that nobody waits for them
        raise
    done = {claim.of.endpoint_id for claim in claims} - set(missed)
    ledger.write(ends(claims, done))
    _mark(claims, done)
    return outcome(pending, claims, done, context, **unsuccessful(missed))


def _call(pending: PendingAnswer, claims: Sequence[Claim]) -> Mapping[str, str]:
    call = accept if pending.item.verdict == "accept" else reject
    return call(pending.item.service_id, [claim.of.endpoint_id for claim in claims])


def _mark(claims: Sequence[Claim], done: Collection[str]) -> None:
    """Have AWS remember, too, whom a rule let in. Where it doesn't take that, the ledger does."""
    try:
        for tags, ids in to_mark(claims, done):
            mark(ids, tags)
    except AwsError as error:
        logger.warning("connections not marked", error=str(error))


def tidy(facts: ConnectionFacts, context: DecisionContext, ledger: Rows) -> None:
    """Forget what is over; take our tags from what isn't ours to cut.

    Where AWS doesn't take them, the next look tries again; until then the ledger goes before them.
    Raises AwsErrors, of the ledger's only.
    """
    if over := to_forget(facts, context.now):
        ledger.write(over)
    marked = to_unmark(facts, context.stack.owner) if context.policy.mode == "enforce" else ()
    try:
        if marked:
            unmark(marked, MARKS)
    except AwsError as error:
        logger.warning("connections still marked", error=str(error))


def accept(service_id: str, endpoint_ids: Collection[str]) -> Mapping[str, str]:
    """Accept the endpoints; those that AWS lists as unsuccessful, with its words."""
    call = client("ec2").accept_vpc_endpoint_connections
    return _answer("AcceptVpcEndpointConnections", call, service_id, endpoint_ids)


def reject(service_id: str, endpoint_ids: Collection[str]) -> Mapping[str, str]:
    """Reject the endpoints, which cuts those that are live; the unsuccessful, with AWS's words."""
    call = client("ec2").reject_vpc_endpoint_connections
    return _answer("RejectVpcEndpointConnections", call, service_id, endpoint_ids)


def mark(connection_ids: Collection[str], tags: Mapping[str, str]) -> None:
    """Tag connections (their own ids). Raises AwsErrors, ValueError for no id."""
    _named(connection_ids)
    call(
        "ec2",
        "CreateTags",
        Resources=sorted(connection_ids),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def unmark(connection_ids: Collection[str], keys: Collection[str]) -> None:
    """Take tags away again. Raises AwsErrors, ValueError for no id."""
    _named(connection_ids)
    call(
        "ec2",
        "DeleteTags",
        Resources=sorted(connection_ids),
        Tags=[{"Key": key} for key in sorted(keys)],
    )


def _named(connection_ids: Collection[str]) -> None:
    if not connection_ids or not all(connection_ids):
        raise ValueError("no connection id: whose tags?")


def _answer(
    operation: str, call: Callable[..., Any], service_id: str, endpoint_ids: Collection[str]
) -> Mapping[str, str]:
    if not service_id or not endpoint_ids or not all(endpoint_ids):
        raise ValueError(f"{operation} needs a service and endpoints, each with its id")
    with aws_errors("ec2", operation):
        answer = call(ServiceId=service_id, VpcEndpointIds=sorted(endpoint_ids))
    return {
        item.get("ResourceId", ""): f"{_error(item, 'Code')}: {_error(item, 'Message')}"
        for item in answer.get("Unsuccessful", ())
    }


def _error(item: Mapping[str, Any], part: str) -> str:
    return str(item.get("Error", {}).get(part, ""))
