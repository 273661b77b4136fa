"""Hub ask: puts a question to a spoke, by the function that its heartbeat names.

    {"spoke": "111111111111/us-east-1", "ask": "look", "payload": {…}}
    {"spoke": …, "ask": "answer", "payload": {"endpoint_id": "vpce-…", "hold": "hold-…",
     "answer": "accept", "by": "<you>", "reason": "…", "minutes": 60}}

It returns `Told` (autopilot.fleet.asking): the spoke's answer, or a refusal by name and in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from autopilot.aws import asking, hub, spokes
from autopilot.aws.errors import AwsError
from autopilot.aws.step import ledger, logger, now
from autopilot.fleet.asking import Refused, Told
from autopilot.fleet.roster import Roster
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import encode


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    ledger: Callable[[], Rows] = ledger,
    roster: Callable[[], Roster] = hub.roster,
    ask: asking.AskSpoke = spokes.ask,
    now: Callable[[], datetime] = now,
) -> Any:
    """Ask. Twice the same answer is one, so whoever got no reply asks again."""
    spoke = str(event.get("spoke", ""))[:40]
    try:
        told = asking.put_to(event, ledger(), roster(), ask, now())
    except Refused as refused:
        told = Told(spoke, refused=refused.name, why=str(refused))
    except AwsError as error:
        told = Told(spoke, refused=type(error).__name__, why=str(error))
    logger.info("asked", spoke=spoke, ask=event.get("ask"), refused=told.refused, why=told.why)
    return encode(told)
