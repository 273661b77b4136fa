"""Intake: turns a batch of events into one look at the network, one at the connections, and one
at what of ours is in others' way.

What it needs (actions, on what, why):
- states:StartExecution on the three state machines.
- sqs:SendMessage on the dead-letter queue, for what can't be read.
Environment: STATE_MACHINE_ARN, CONNECTIONS_MACHINE_ARN, WITHDRAW_MACHINE_ARN,
DEAD_LETTER_QUEUE_URL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autopilot.aws import queue, settings, workflow
from autopilot.aws.errors import AwsError
from autopilot.aws.workflow import Wakes
from autopilot.core import wakeup as network
from autopilot.core.batch import Batch, sort
from autopilot.core.connections import wakeup as connections
from autopilot.core.withdrawal import wakeup as withdrawal
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: each workflow's machine, and a URL."""

    state_machine_arn: str
    connections_machine_arn: str
    withdraw_machine_arn: str
    dead_letter_queue_url: str


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    start: Callable[[str, Wakes], bool] = workflow.start,
    put_aside: Callable[[str, str, str], None] = queue.put_aside,
) -> dict[str, Any]:
    """Serve a batch of SQS messages; the answer names those that SQS must deliver again."""
    batch = sort(event["Records"])
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
            metrics.add_metric("UnreadableEvents", MetricUnit.Count, 1)
            metrics.flush_metrics()
    return again


def _start(batch: Batch, start: Callable[[str, Wakes], bool]) -> list[str]:
    """Start what the batch asks for; the messages whose look could not be started.

    One that woke several workflows may start a look a second time, under the name it had.
    """
    again = list[str]()
    for machine, messages, wakeup in _asked(batch):
        if not _started(machine, wakeup, start):
            again += (id_ for id_ in messages if id_ not in again)
    return again


def _asked(batch: Batch) -> Iterator[tuple[str, Collection[str], Wakes]]:
    """Each machine that the batch wakes, by which messages, and for what."""
    machines = _settings()
    if batch.wakeups:
        looks = network.merge(batch.wakeups.values())
        yield machines.state_machine_arn, batch.wakeups, looks
    if batch.connections:
        asked = connections.merge(batch.connections.values())
        yield machines.connections_machine_arn, batch.connections, asked
    if batch.withdrawals:
        refused = withdrawal.merge(batch.withdrawals.values())
        yield machines.withdraw_machine_arn, batch.withdrawals, refused


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
