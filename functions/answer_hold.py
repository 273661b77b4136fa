"""Answer hold: a person's answer to a request that waits; IAM decides who may invoke this.

    aws lambda invoke --function-name <this> --cli-binary-format raw-in-base64-out \
        --payload '{"endpoint_id": "vpce-…", "answer": "accept", "by": "<you>", "reason": "…"}' \
        /dev/stdout
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from autopilot.aws import holds
from autopilot.aws.step import ledger, logger, now
from autopilot.connections.holds import spoken
from autopilot.notify.ledger import Rows


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    ledger: Callable[[], Rows] = ledger,
    end: holds.End = holds.end,
    now: Callable[[], datetime] = now,
) -> dict[str, Any]:
    """Answer the endpoint's hold. A Lambda isn't told who invokes it, so `by` is required.

    Raises HoldUnknown if there is no such hold, or it is over; ValueError for what it can't read.
    """
    endpoint_id, said = spoken(event, now())
    holds.answer(endpoint_id, said, ledger(), end, now())
    logger.info("hold answered", endpoint_id=endpoint_id, answer=said.answer, by=said.by)
    return {"endpoint_id": endpoint_id, "answer": said.answer, "by": said.by}
