"""Intake: turns a batch of events into one look for each workflow that it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autopilot.aws import executions, queue, settings
from autopilot.aws.errors import AwsError
from autopilot.aws.executions import Wakes
from autopilot.connections import events as connections
from autopilot.gateway import events as network
from autopilot.interfaces import events as interfaces
from autopilot.reconcile.batch import Readers, Unreadable, sort
from autopilot.reconcile.wakeup import merge
from autopilot.services import events as services
from autopilot.withdraw import events as withdraw
from aws_lambda_powertools import Logger

logger = Logger()

# What of an input says where to look; the rest has a length of its own.
_LOGGED = frozenset({"scope", "expect", "look", "demands"})
READERS: Readers = {
    "network": network.read,
    "connections": connections.read,
    "services": services.read,
    "withdraw": withdraw.read,
    "interfaces": interfaces.read,
}


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
    """Serve a batch of SQS messages; the answer names those that SQS must deliver again."""
    batch, known = sort(event["Records"], READERS), _settings()
    if batch.not_for_us:
        logger.info("events not for us", count=len(batch.not_for_us))
    again = dict.fromkeys(
        each.message_id for each in batch.unreadable if not _put_aside(each, put_aside)
    )
    for workflow, woken in batch.woken.items():
        machine = getattr(known, f"{workflow}_machine_arn")
        # Who woke several workflows may start a look a second time, under the name it had.
        if machine and woken and not _started(machine, merge(woken.values()), start):
            again |= dict.fromkeys(woken)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _put_aside(message: Unreadable, put_aside: Callable[[str, str, str], None]) -> bool:
    try:
        put_aside(_settings().dead_letter_queue_url, message.body, message.reason)
    except AwsError:
        logger.exception("event neither read nor put aside", message_id=message.message_id)
        return False
    logger.warning("event put aside", message_id=message.message_id, reason=message.reason)
    return True


def _started(machine: str, wakeup: Wakes, start: Callable[[str, Wakes], bool]) -> bool:
    try:
        started = start(machine, wakeup)
    except AwsError:
        logger.exception("look not started", execution=wakeup.name)
        return False
    logger.info(
        "look started" if started else "look started before",
        execution=wakeup.name,
        **{name: value for name, value in wakeup.document().items() if name in _LOGGED},
    )
    return True
