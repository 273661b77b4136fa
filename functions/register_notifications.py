"""Register notifications: has AWS tell our topic of connections to endpoint services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autopilot.aws import notifications, settings
from autopilot.aws.notifications import Register
from autopilot.aws.step import logger, step
from autopilot.connections.request import RegisterRequest
from autopilot.reconcile.codec import encode


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the topic's ARN."""

    connection_topic_arn: str


@step(RegisterRequest)
def handler(
    asked: RegisterRequest, *, register: Register = notifications.register
) -> dict[str, Any]:
    """What became of each. Raises Throttled and ServiceUnavailable: all of it can be done again."""
    topic = settings.read(Settings).connection_topic_arn
    made = notifications.register_all(asked, topic, register)
    logger.info("notifications registered", outcomes=encode(made))
    return {"registered": made}
