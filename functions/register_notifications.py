"""Register notifications: has AWS tell our topic of connections to endpoint services.

What it needs (actions, on what, why):
- ec2:CreateVpcEndpointConnectionNotification, ec2:ModifyVpcEndpointConnectionNotification on the
  account's vpc-endpoint-service/*.
Environment: CONNECTION_TOPIC_ARN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from autopilot.aws import privatelink, settings
from autopilot.aws.errors import AwsError, NotFound, ServiceUnavailable, Throttled
from autopilot.connections.plan import Registration, RegistrationOutcome
from aws_lambda_powertools import Logger

logger = Logger()

Register = Callable[[Registration, str, str], None]


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the topic's ARN."""

    connection_topic_arn: str


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any], _context: object, *, register: Register = privatelink.register
) -> dict[str, Any]:
    """Register each of `event["register"]`; what became of them.

    One that AWS refuses keeps no other back. Raises Throttled and ServiceUnavailable, after which
    all of it can be done again.
    """
    logger.set_correlation_id(event["execution"])
    wanted = [Registration.from_json(each) for each in event["register"]]
    made = [_register(each, event["execution"], register) for each in wanted]
    known = [asdict(each) for each in made if each is not None]
    logger.info("notifications registered", outcomes=known)
    return {"registered": known}


def _register(
    registration: Registration, execution: str, register: Register
) -> RegistrationOutcome | None:
    """The outcome; None if the service or the notification is gone: the next look will see."""
    try:
        register(registration, _settings().connection_topic_arn, execution)
    except (Throttled, ServiceUnavailable):
        raise
    except NotFound:
        return None
    except AwsError as error:
        logger.exception("notification not registered", service_id=registration.service_id)
        return RegistrationOutcome(
            registration.service_id, "failed", type(error).__name__, str(error)
        )
    return RegistrationOutcome(registration.service_id, "done")
