"""Answer hold: a person's answer to a request that waits; IAM decides who may invoke this.

    aws lambda invoke --function-name <this> --cli-binary-format raw-in-base64-out \
        --payload '{"endpoint_id": "vpce-…", "answer": "accept", "by": "<you>", "reason": "…"}' \
        /dev/stdout

What it needs (actions, on what, why):
- dynamodb:Query, dynamodb:PutItem on the ledger table: who answered what, before it is carried out.
- states:SendTaskSuccess on *: the token says whose task it is.
Environment: LEDGER_TABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from autopilot.aws import connection_memory, hold_workflow, settings
from autopilot.aws.errors import HoldUnknown
from autopilot.aws.ledger import Ledger
from autopilot.connections.hold_answers import answered, same_answer, spoken
from autopilot.connections.holds import HoldAnswer, HoldRow, put
from autopilot.notify.ledger import Rows
from aws_lambda_powertools import Logger

logger = Logger()


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
    """Answer the hold of `event["endpoint_id"]`. The same answer may be given again.

    A Lambda isn't told who invokes it, so the person says it: `by` is required.
    Raises HoldUnknown if there is no such hold, or it is over; ValueError for what it can't read.
    """
    endpoint_id, said = spoken(event, now())
    rows = ledger()
    row = _row(endpoint_id, rows)
    if not same_answer(row, said):
        if row.state != "open":
            raise HoldUnknown(f"{endpoint_id} doesn't wait: {_state(row)}")
        if rows.write([put(answered(row, said), row, now())]):
            raise HoldUnknown(f"{endpoint_id}: somebody else answered at the same moment")
    if not end(row.token, said):
        raise HoldUnknown(f"{endpoint_id}: its time was just over; look at the endpoint's state")
    logger.info("hold answered", endpoint_id=endpoint_id, answer=said.answer, by=said.by)
    return {"endpoint_id": endpoint_id, "answer": said.answer, "by": said.by}


def _row(endpoint_id: str, ledger: Rows) -> HoldRow:
    found = connection_memory.holds(ledger, endpoint_id).get(endpoint_id)
    if found is None:
        raise HoldUnknown(f"no request of {endpoint_id} waits for an answer")
    return found


def _state(row: HoldRow) -> str:
    match row.state:
        case "opening":
            return "its hold is only being opened; try again in a few seconds"
        case "answered" | "closed":
            return f"{row.answer} by {row.by or 'nobody'}: {row.reason}"
        case _:
            return row.state
