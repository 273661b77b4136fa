"""Open hold: notes how the execution that waits can be reached, so that somebody may answer it.

What it needs (actions, on what, why):
- dynamodb:Query, dynamodb:PutItem on the ledger table: the task's token.
- states:SendTaskSuccess on *, should the hold be needless already.
Environment: LEDGER_TABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from autopilot.aws import connection_memory, hold_workflow, settings
from autopilot.aws.errors import Throttled
from autopilot.aws.ledger import Ledger
from autopilot.connections.hold_answers import needless, opened
from autopilot.connections.holds import Hold, HoldAnswer, put
from autopilot.notify.ledger import Rows
from aws_lambda_powertools import Logger

logger = Logger()
_TRIES = 3


@dataclass(frozen=True)
class Settings:
    """What the environment tells: a table."""

    ledger_table: str


@cache
def _ledger() -> Ledger:
    return Ledger(settings.read(Settings).ledger_table)


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    ledger: Callable[[], Rows] = _ledger,
    end: Callable[[str, HoldAnswer], bool] = hold_workflow.end,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Note `event["token"]` for `event["hold"]`. Raises AwsError's subclasses."""
    hold, token, execution = Hold.from_json(event["hold"]), event["token"], event["execution"]
    logger.set_correlation_id(execution)
    over = _note(hold, token, execution, ledger(), now())
    if over is not None:
        end(token, over)
    logger.info("hold opened", endpoint_id=hold.endpoint_id, needless=over is not None)
    return {}


def _note(hold: Hold, token: str, execution: str, ledger: Rows, now: datetime) -> HoldAnswer | None:
    """Put the token into the hold's row; what ends the hold at once, if anything does."""
    for _ in range(_TRIES):
        row = connection_memory.holds(ledger, hold.endpoint_id).get(hold.endpoint_id)
        if over := needless(hold, row):
            return over
        if not ledger.write([put(opened(hold, row, token, execution, now), row, now)]):
            return None
    raise Throttled("dynamodb:TransactWriteItems: others write the same hold")
