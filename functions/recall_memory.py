"""Recall memory: takes over who was let in, from the table that an earlier deployment has left.

Deleting a stack keeps its ledger. CloudFormation calls this as a custom resource when the stack has
been made, with a new ledger, and before anything is woken: without it nobody whom a rule let in
would ever be cut again. Decision 0009.

What it needs (actions, on what, why):
- dynamodb:ListTables on *; dynamodb:DescribeTable and dynamodb:Query on tables named as the ledger
  is; dynamodb:PutItem on the ledger: only rows of connections, and none that is there already.
Environment: LEDGER_TABLE, LEDGER_PREFIX.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.aws import custom_resource, ledger, settings
from autopilot.aws.errors import AccessDenied
from autopilot.aws.ledger import Ledger
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Rows, Write
from aws_lambda_powertools import Logger

logger = Logger()

# Seconds. The role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the ledger, and how its predecessors' names begin."""

    ledger_table: str
    ledger_prefix: str


Earlier = Callable[[str, str], Iterable[str]]


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    earlier: Earlier = ledger.youngest_first,
    ledger: Callable[[str], Rows] = Ledger,
    send: custom_resource.Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Answer CloudFormation's request; a stack that can't remember is not made, and says why."""

    def work() -> None:
        if event["RequestType"] == "Create":
            known = settings.read(Settings)
            _patiently(lambda: _recall(known, earlier, ledger), pause)

    failed = custom_resource.serve(event, work, send)
    logger.info("cloudformation answered", request=event["RequestType"], failed=failed)


def _patiently(work: Callable[[], None], pause: Callable[[float], None]) -> None:
    """Do what may be done twice; what is denied at first may be allowed in a moment."""
    for seconds in _PATIENCE:
        try:
            return work()
        except AccessDenied as error:
            logger.warning("denied so far", error=str(error))
            pause(seconds)
    return work()


def _recall(known: Settings, earlier: Earlier, ledger: Callable[[str], Rows]) -> None:
    """Copy from the youngest table that remembers anything: each took over its predecessor's."""
    for name in earlier(known.ledger_prefix, known.ledger_table):
        if rows := ledger(name).rows(CONNECTIONS):
            there = ledger(known.ledger_table).write([Write(r.key, r, None) for r in rows])
            logger.info("memory recalled", table=name, rows=len(rows), there=len(there))
            return
