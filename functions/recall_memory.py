"""Recall memory: takes over who was let in, from the table that an earlier deployment has left.

Deleting a stack keeps its ledger. This is a custom resource, made with the stack and its new ledger
before anything is woken: else nobody whom a rule let in would ever be cut again (decision 0009).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.aws import settings
from autopilot.aws.custom_resource import Send, logger, serve
from autopilot.aws.ledger import Ledger, take_over, youngest_first
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Rows


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the ledger, and how its predecessors' names begin."""

    ledger_table: str
    ledger_prefix: str


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    earlier: Callable[[str, str], Iterable[str]] = youngest_first,
    ledger: Callable[[str], Rows] = Ledger,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Answer CloudFormation's request; a stack that can't remember is not made, and says why."""

    def work() -> None:
        known = settings.read(Settings)
        own, prefix = known.ledger_table, known.ledger_prefix
        take_over(CONNECTIONS, ledger(own), lambda: map(ledger, earlier(prefix, own)), pause)

    serve(event, "Create", work, send)
