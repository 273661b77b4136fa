"""Intake: turns a batch of events into one look for each workflow that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from autopilot.aws import executions, queue, settings
from autopilot.aws.errors import AwsError
from autopilot.aws.executions import Wakes
from autopilot.connections import events as connections
from autopilot.gateway import events as network
from autopilot.interfaces import events as interfaces
from autopilot.reconcile.batch import Unreadable, sort
from autopilot.reconcile.cloudtrail import Event
from autopilot.services import events as services
from autopilot.withdraw import events as withdraw
from aws_lambda_powertools import Logger

logger = Logger()


class Events(Protocol):
    """What a workflow makes of events."""

    @property
    def read(self) -> Callable[[Event], Any]:
        """The wake-up in an event, None if there is none."""

    @property
    def merge(self) -> Callable[[Iterable[Any]], Wakes]:
        """One wake-up for all of several."""


WORKFLOWS: Mapping[str, Events] = {
    "network": network,
    "connections": connections,
    "services": services,
    "withdraw": withdraw,
    "interfaces": interfaces,
}
READERS = {name: events.read for name, events in WORKFLOWS.items()}


# What of an input says where to look: all but what has a length of its own.
_LOGGED = ("scope", "expect", "look", "demands")


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the workflows' machines, and a URL.

    `interfaces_machine_arn` empty: the policy wants no interface endpoints.
    """

    network_machine_arn: str
    connections_machine_arn: str
    services_machine_arn: str
    withdraw_machine_arn: str
    dead_letter_queue_url: str
    interfaces_machine_arn: str = ""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    start: Callable[[str, Wakes], bool] = executions.start,
    put_aside: Callable[[str, str, str], None] = queue.put_aside,
) -> dict[str, Any]:
    """Serve a batch of SQS messages; the answer names those that SQS must deliver again.

    One that woke several workflows may start a look a second time, under the name it had.
    """
    batch = sort(event["Records"], READERS)
    if batch.not_for_us:
        logger.info("events not for us", count=len(batch.not_for_us))
    again = [each.message_id for each in batch.unreadable if not _put_aside(each, put_aside)]
    for name, woken in batch.woken.items():
        machine = getattr(_settings(), f"{name}_machine_arn")
        if machine and woken and not _start(machine, WORKFLOWS[name].merge(woken.values()), start):
            again += woken
    return {"batchItemFailures": [{"itemIdentifier": each} for each in dict.fromkeys(again)]}


def _put_aside(message: Unreadable, put_aside: Callable[[str, str, str], None]) -> bool:
    try:
        put_aside(_settings().dead_letter_queue_url, message.body, message.reason)
    except AwsError:
        logger.exception("event neither read nor put aside", message_id=message.message_id)
        return False
    logger.warning("event put aside", message_id=message.message_id, reason=message.reason)
    return True


def _start(machine: str, wakeup: Wakes, start: Callable[[str, Wakes], bool]) -> bool:
    try:
        started = start(machine, wakeup)
    except AwsError:
        logger.exception("look not started", execution=wakeup.name)
        return False
    where = {key: value for key, value in wakeup.document().items() if key in _LOGGED}
    words = "look started" if started else "look started before"
    logger.info(words, execution=wakeup.name, **where)
    return True
