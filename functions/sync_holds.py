"""Sync holds: starts an execution for each new hold, and ends those that are needless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from autopilot.aws import holds, settings
from autopilot.aws.step import ledger, logger, now, step
from autopilot.connections.request import HoldsRequest
from autopilot.notify.ledger import Rows


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the state machine of holds."""

    hold_machine_arn: str


@step(HoldsRequest)
def handler(
    asked: HoldsRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    waiting: holds.Waiting = holds,
    now: Callable[[], datetime] = now,
) -> dict[str, int]:
    """Start holds, end others; how many. May be done again at any time. Raises AwsErrors."""
    machine = settings.read(Settings).hold_machine_arn
    counts = holds.sync(asked, machine, ledger(), waiting, now())
    logger.info("holds synced", started=counts["started"], closed=counts["closed"])
    return counts
