"""Relay: puts PrivateLink's connection notifications, which come by SNS, on the event bus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from autopilot.aws.outlets import Bus, Puts
from autopilot.connections.events import DETAIL_TYPE, notification_in
from autopilot.notify.bus import BusEvent
from aws_lambda_powertools import Logger

logger = Logger()


@cache
def _bus() -> Bus:
    return Bus()


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any], _context: object, *, bus: Callable[[], Puts] = _bus
) -> dict[str, Any]:
    """Put each of SNS's records on the bus, whatever is in it.

    Raises AwsErrors: SNS delivers again, and at last to the dead-letter queue.
    """
    details = [notification_in(record) for record in event.get("Records", ())]
    bus().put([BusEvent(DETAIL_TYPE, tuple(d["service_ids"]), d) for d in details])
    logger.info("notifications relayed", notifications=details)
    return {}
