"""Has AWS tell our topic of the connections to endpoint services."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from autopilot.aws.errors import AwsError, NotFound, ServiceUnavailable, Throttled
from autopilot.aws.pages import call
from autopilot.aws.step import logger
from autopilot.connections.facts import EVENTS
from autopilot.connections.plan import Registration, RegistrationOutcome
from autopilot.connections.request import RegisterRequest

Register = Callable[[Registration, str, str], None]


def register(registration: Registration, topic: str, execution: str) -> None:
    """Have AWS tell `topic` of the service's connections. Repeatable within an execution."""
    if registration.notification_id:
        call(
            "ec2",
            "ModifyVpcEndpointConnectionNotification",
            ConnectionNotificationId=registration.notification_id,
            ConnectionEvents=list(EVENTS),
        )
        return
    token = sha256(f"{execution}\n{registration.service_id}\n{topic}".encode()).hexdigest()[:32]
    call(
        "ec2",
        "CreateVpcEndpointConnectionNotification",
        ServiceId=registration.service_id,
        ConnectionNotificationArn=topic,
        ConnectionEvents=list(EVENTS),
        ClientToken=token,
    )


def register_all(
    asked: RegisterRequest, topic: str, register: Register
) -> tuple[RegistrationOutcome, ...]:
    """What became of each. One that AWS refuses keeps no other back.

    Raises Throttled and ServiceUnavailable, after which all of it can be done again.
    """
    made = [_outcome(each, topic, asked.execution, register) for each in asked.register]
    return tuple(outcome for outcome in made if outcome)


def _outcome(
    registration: Registration, topic: str, execution: str, register: Register
) -> RegistrationOutcome | None:
    """None if the service or the notification is gone: the next look will see."""
    try:
        register(registration, topic, execution)
    except (Throttled, ServiceUnavailable):
        raise
    except NotFound:
        return None
    except AwsError as error:
        logger.exception("notification not registered", service_id=registration.service_id)
        name = type(error).__name__
        return RegistrationOutcome(registration.service_id, "failed", name, str(error))
    return RegistrationOutcome(registration.service_id, "done")
