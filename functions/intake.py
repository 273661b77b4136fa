"""Intake: turns a batch of events into one look for each workflow that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from autopilot.aws import executions, queue, settings
from autopilot.aws.errors import AwsError
from autopilot.aws.executions import Wakes
from autopilot.connections import events as connections
from autopilot.gateway import events as network
from autopilot.interfaces import events as interfaces
from autopilot.reconcile.batch import Batch, sort
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


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the workflows' machines, and a URL.

    `interfaces_machine_arn` empty: the policy wants no interface endpoints.
    """

    state_machine_arn: str
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
    """Serve a batch of SQS messages; the answer names those that SQS must deliver again."""
    batch = sort(event["Records"], READERS)
    if batch.not_for_us:
        logger.info("events not for us", count=len(batch.not_for_us))
    again = [*_put_aside(batch, put_aside), *_start(batch, start)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _put_aside(batch: Batch, put_aside: Callable[[str, str, str], None]) -> list[str]:
    again = []
    for message in batch.unreadable:
        try:
            put_aside(_settings().dead_letter_queue_url, message.body, message.reason)
        except AwsError:
            logger.exception("event neither read nor put aside", message_id=message.message_id)
            again.append(message.message_id)
        else:
            logger.warning("event put aside", message_id=message.message_id, reason=message.reason)
    return again


def _start(batch: Batch, start: Callable[[str, Wakes], bool]) -> list[str]:
    """Start what the batch asks for; the messages whose look could not be started.

    One that woke several workflows may start a look a second time, under the name it had.
    """
    again = dict[str, None]()
    for machine, wakeup, message_ids in _looks(batch):
        if not _started(machine, wakeup, start):
            again |= dict.fromkeys(message_ids)
    return list(again)


def _looks(batch: Batch) -> Iterator[tuple[str, Wakes, Iterable[str]]]:
    """The machine to start, for what, and the messages that ask for it."""
    known = _settings()
    machines = {
        "network": known.state_machine_arn,
        "connections": known.connections_machine_arn,
        "services": known.services_machine_arn,
        "withdraw": known.withdraw_machine_arn,
        "interfaces": known.interfaces_machine_arn,
    }
    for name, machine in machines.items():
        if machine and (woken := batch.woken[name]):
            yield machine, WORKFLOWS[name].merge(woken.values()), woken


def _started(machine: str, wakeup: Wakes, start: Callable[[str, Wakes], bool]) -> bool:
    try:
        started = start(machine, wakeup)
    except AwsError:
        logger.exception("look not started", execution=wakeup.name)
        return False
    logger.info(
        "look started" if started else "look started before",
        execution=wakeup.name,
        **_logged(wakeup),
    )
    return True


# What of an input says where to look.
_LOGGED = ("scope", "expect", "look", "demands")


def _logged(wakeup: Wakes) -> dict[str, Any]:
    """All of the input but what has a length of its own."""
    document = wakeup.document()
    return {name: document[name] for name in _LOGGED if name in document}
