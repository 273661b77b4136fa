"""Open hold: notes how the execution that waits can be reached, so that somebody may answer it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from autopilot.aws import holds
from autopilot.aws.step import ledger, logger, now, step
from autopilot.connections.request import OpenHoldRequest
from autopilot.notify.ledger import Rows


@step(OpenHoldRequest)
def handler(
    asked: OpenHoldRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    end: holds.End = holds.end,
    now: Callable[[], datetime] = now,
) -> dict[str, Any]:
    """Note the token of the hold's execution. Raises AwsErrors."""
    over = holds.note(asked, ledger(), now())
    if over is not None:
        end(asked.token, over)
    logger.info("hold opened", endpoint_id=asked.hold.endpoint_id, needless=over is not None)
    return {}
