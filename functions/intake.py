"""Intake: turns a batch of events into one look at the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autopilot.aws import queue, settings, workflow
from autopilot.aws.errors import AwsError
from autopilot.core.batch import Batch, sort
from autopilot.core.wakeup import Wakeup, merge
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: an ARN and a URL."""

    state_machine_arn: str
    dead_letter_queue_url: str


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    start: Callable[[str, Wakeup], bool] = workflow.start,
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


def _start(batch: Batch, start: Callable[[str, Wakeup], bool]) -> list[str]:
    if not batch.wakeups:
        return []
    wakeup = merge(batch.wakeups.values())
    try:
        started = start(_settings().state_machine_arn, wakeup)
    except AwsError:
        logger.exception("look not started", execution=wakeup.name)
        return list(batch.wakeups)
    logger.info(
        "look started" if started else "look started before",
        execution=wakeup.name,
        scope=wakeup.scope.to_json(),
        expect=wakeup.expect,
        events=len(wakeup.event_ids),
    )
    return []
