"""Sync holds: starts an execution for each new hold, and ends those that are needless.

What it needs (actions, on what, why):
- states:StartExecution on the hold workflow's state machine.
- states:SendTaskSuccess on *: the token says whose task it is.
- dynamodb:Query, dynamodb:PutItem on the ledger table: it claims a hold before it starts one, so
  that two looks at the same time don't ask twice.
Environment: LEDGER_TABLE, HOLD_MACHINE_ARN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import connection_memory, hold_workflow, settings
from autopilot.aws.ledger import Ledger
from autopilot.connections.hold_answers import closed
from autopilot.connections.holds import Hold, HoldAnswer, HoldClosure, HoldRow, opening, put
from autopilot.notify.ledger import Rows
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: a table and a state machine."""

    ledger_table: str
    hold_machine_arn: str


class Waiting(Protocol):
    """The executions that wait."""

    def start(self, state_machine: str, hold: Hold) -> bool:
        """Start one; False if it was started before."""

    def end(self, token: str, answer: HoldAnswer) -> bool:
        """Give one its answer; False if it doesn't wait any more."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@cache
def _ledger() -> Ledger:
    return Ledger(_settings().ledger_table)


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    ledger: Callable[[], Rows] = _ledger,
    waiting: Waiting = hold_workflow,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Start `event["holds"]`, end `event["close_holds"]`; how many. May be done again at any time.

    Raises AwsError's subclasses.
    """
    execution, rows = event["execution"], ledger()
    logger.set_correlation_id(execution)
    known = connection_memory.holds(rows)
    holds = [Hold.from_json(hold) for hold in event["holds"]]
    closures = [HoldClosure.from_json(closure) for closure in event["close_holds"]]
    started = _start(holds, known, rows, waiting, execution, now())
    ended = sum(_close(each, known, rows, waiting, now()) for each in closures)
    logger.info("holds synced", started=started, closed=ended)
    return {"started": started, "closed": ended}


def _start(
    holds: Sequence[Hold],
    known: Mapping[str, HoldRow],
    ledger: Rows,
    waiting: Waiting,
    execution: str,
    now: datetime,
) -> int:
    """Claim, then start: what another look claimed is left to it; a retry finds its own claims."""
    free = [hold for hold in holds if _is_free(hold, known.get(hold.endpoint_id), now)]
    refused = ledger.write(
        [put(opening(hold, execution, now), known.get(hold.endpoint_id), now) for hold in free]
    )
    lost = {key.sk for key in refused}
    ours = [hold for hold in free if hold.endpoint_id not in lost]
    ours += [hold for hold in holds if _is_begun(hold, known.get(hold.endpoint_id), execution)]
    return sum(waiting.start(_settings().hold_machine_arn, hold) for hold in ours)


def _is_free(hold: Hold, row: HoldRow | None, now: datetime) -> bool:
    return row is None or (row.name != hold.name and not row.stands(now))


def _is_begun(hold: Hold, row: HoldRow | None, execution: str) -> bool:
    """Whether an earlier try of this step claimed it and may have died before it started it."""
    claimed = row is not None and row.state == "opening" and row.claimed_by == execution
    return claimed and row is not None and row.name == hold.name


def _close(
    closure: HoldClosure,
    known: Mapping[str, HoldRow],
    ledger: Rows,
    waiting: Waiting,
    now: datetime,
) -> bool:
    """Note that it is over, then end the waiting: an execution that is only about to ask sees it.

    A person who answers at the same moment was faster if the note is refused.
    """
    row = known.get(closure.endpoint_id)
    if row is None or row.service_id != closure.service_id or row.state == "closed":
        return _end_again(row, closure, waiting)
    if ledger.write([put(closed(row, closure, now), row, now)]):
        return False
    return bool(row.token) and waiting.end(row.token, _answer(closure))


def _end_again(row: HoldRow | None, closure: HoldClosure, waiting: Waiting) -> bool:
    """What was noted and perhaps not done, by a try that died."""
    noted = row is not None and row.state == "closed" and row.answer == closure.answered
    return (
        noted and row is not None and bool(row.token) and waiting.end(row.token, _answer(closure))
    )


def _answer(closure: HoldClosure) -> HoldAnswer:
    return HoldAnswer("closed", by=closure.by, reason=closure.why, answered=closure.answered)
