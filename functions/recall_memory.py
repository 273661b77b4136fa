"""Recall memory: takes over who was let in, from the table that an earlier deployment has left.

Deleting a stack keeps its ledger. This is a custom resource, made with the stack and its new ledger
before anything is woken: else nobody whom a rule let in would ever be cut again (decision 0009). In
a fleet the earlier stack may still be there for a while: it is told that it is followed, and looked
after every hour for a day (decision 0026).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.aws import settings
from autopilot.aws.custom_resource import Send, logger, patiently, serve
from autopilot.aws.ledger import Ledger
from autopilot.aws.step import now
from autopilot.aws.succession import give_back, look_after, succeed, take_over, youngest_first
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Rows


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the ledger, how its predecessors' names begin, and whether their
    stacks may still be there."""

    ledger_table: str
    ledger_prefix: str
    of_fleet: str = ""


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    earlier: Callable[[str, str], Iterable[str]] = youngest_first,
    ledger: Callable[[str], Rows] = Ledger,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = now,
) -> None:
    """Answer CloudFormation's request; a stack that can't remember is not made, and says why."""

    known = settings.read(Settings)

    def before() -> Iterable[Rows]:
        return map(ledger, earlier(known.ledger_prefix, known.ledger_table))

    def work() -> None:
        if event["RequestType"] == "Delete":
            give_back(known.ledger_table, before())
            return
        own = ledger(known.ledger_table)
        if known.of_fleet:
            patiently(lambda: succeed(own, known.ledger_table, before, now()), pause)
        take_over(CONNECTIONS, own, before, pause)

    if event.get("trigger") == "again":
        look_after(ledger(known.ledger_table), before, now())
        return
    serve(event, ("Create", "Delete") if known.of_fleet else "Create", work, send)
