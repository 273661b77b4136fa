"""Recall memory: takes over who was let in, from the table that an earlier deployment has left.

Deleting a stack keeps its ledger. This is a custom resource, made with the stack and its new ledger
before anything is woken: else nobody whom a rule let in would ever be cut again (decision 0009). In
a fleet other stacks may stand beside this one: every hour it takes over what they have noted, and
notes which of them stand (decision 0032).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from autopilot.aws import settings
from autopilot.aws.custom_resource import Send, logger, patiently, serve
from autopilot.aws.ledger import Ledger
from autopilot.aws.step import now
from autopilot.aws.succession import Account, stacks_like, take_over, youngest_first
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Rows
from autopilot.reconcile.beside import Stack


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
    stacks: Callable[[str, str], Sequence[Stack]] = stacks_like,
    ledger: Callable[[str], Rows] = Ledger,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = now,
) -> None:
    """Answer CloudFormation's request; a stack that can't remember is not made, and says why."""

    known = settings.read(Settings)

    def account() -> Account:
        own = known.ledger_table
        return Account(own, stacks(known.ledger_prefix, own), ledger, now())

    def work() -> None:
        if known.of_fleet:
            patiently(lambda: account().begin(), pause)
        else:
            before = partial(earlier, known.ledger_prefix, known.ledger_table)
            take_over(CONNECTIONS, ledger(known.ledger_table), lambda: map(ledger, before()), pause)

    if event.get("trigger") == "again":
        account().look_about()
        return
    serve(event, "Create", work, send)
