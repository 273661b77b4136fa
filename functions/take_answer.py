"""Take answer: a person's answer from the hub. Whether it counts is decided here, not there.

It takes `AskedAnswer` and returns `Answered` (autopilot.fleet.wire). The function's policy admits
the hub's one role; what became of the answer is told in the spoke's news.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from autopilot.aws import belonging, holds, taking
from autopilot.aws.step import ledger, logger, now
from autopilot.fleet.belongs import Belongs
from autopilot.fleet.taking import NotTaken
from autopilot.fleet.wire import Answered
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import encode


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    ledger: Callable[[], Rows] = ledger,
    belongs: Callable[[], Belongs | None] = belonging.belongs,
    end: holds.End = holds.end,
    now: Callable[[], datetime] = now,
) -> Any:
    """Give it to the hold, or say why not. Raises AwsErrors: then it may be asked again."""
    id_, why = str(event.get("id", ""))[:64], ""
    try:
        taking.take(event, belongs(), ledger(), end, now())
    except NotTaken as refused:
        why = str(refused)
    logger.info("hub's answer", id=id_, taken=not why, why=why, by=str(event.get("by"))[:200])
    return encode(Answered(id_, not why, why))
