"""Withdraw one thing of ours: notes it in the ledger first, so that no look puts it back.

What it needs (actions, on what, why):
- ec2:DescribeVpcEndpoints, DescribeSecurityGroups on *: whose it is, right before the call.
- ec2:DeleteVpcEndpoints, ModifyVpcEndpoint, DeleteSecurityGroup on what bears the owner tag.
- dynamodb:Query, PutItem on the ledger's rows of what is withdrawn.
Environment: OWNER, AWS_REGION, LEDGER_TABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from autopilot.aws import removals, settings
from autopilot.aws.errors import NotOurs, StillServing
from autopilot.aws.ledger import Ledger
from autopilot.notify.ledger import Rows
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.withdrawn import note
from aws_lambda_powertools import Logger

logger = Logger()

# The plan no longer fits how things stand: another look tells what does.
_STALE = (NotOurs, StillServing)
Remove = Callable[[Removal, str], bool]


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, a table."""

    owner: str
    ledger_table: str


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@cache
def _ledger() -> Rows:
    return Ledger(_settings().ledger_table)


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    endpoint: Remove = removals.endpoint,
    group: Remove = removals.group,
    ledger: Callable[[], Rows] = _ledger,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Carry out `event["item"]`; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item, execution = Removal.from_json(event["item"]), event["execution"]
    logger.set_correlation_id(execution)
    if item.remember:
        note(ledger(), item.remember, item.until, execution=execution, now=now())
    outcome = _remove(item, group if item.action == "delete group" else endpoint)
    logger.info("removal applied", id=item.id, result=outcome.result, deleted=outcome.deleted)
    return outcome.to_json()


def _remove(item: Removal, remove: Remove) -> RemovalOutcome:
    try:
        return RemovalOutcome(item, "done", deleted=remove(item, _settings().owner))
    except _STALE as error:
        return RemovalOutcome(item, "stale", error=type(error).__name__, message=str(error))
