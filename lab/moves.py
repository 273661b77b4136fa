"""Redrive of dead-letter queues, StartMessageMoveTask and ListMessageMoveTasks: not in MiniStack.

A task is over when it has been started; AWS takes its time (invented).
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from ministack.services import sqs

Task = dict[str, Any]
#: What AWS tells of (API reference, ListMessageMoveTasks).
_MOST = 10
_NO_QUEUE = "The resource that you specified for the {0} parameter doesn't exist."
_tasks: dict[str, list[Task]] = {}


def install() -> None:
    """Give SQS both operations."""
    sqs._HANDLERS.update(StartMessageMoveTask=_start, ListMessageMoveTasks=_list)


def _start(data: dict[str, Any], _url: str) -> dict[str, Any]:
    source, target = data.get("SourceArn", ""), data.get("DestinationArn")
    dead = _queue(source, "SourceArn")
    if target:
        _queue(target, "DestinationArn")
    if not _is_dead_letter_queue(source):
        words = "Source queue must be configured as a Dead Letter Queue."
        raise sqs._Err("InvalidParameterValue", words, 400)
    with sqs._queues_lock:
        task = _move(dead, target)
    handle = uuid.uuid4().hex
    _tasks.setdefault(source, []).insert(0, {**task, "SourceArn": source})
    return {"TaskHandle": handle}


def _list(data: dict[str, Any], _url: str) -> dict[str, Any]:
    source = data.get("SourceArn", "")
    _queue(source, "SourceArn")
    most = min(int(data.get("MaxResults") or 1), _MOST)
    return {"Results": _tasks.get(source, [])[:most]}


def _move(dead: dict[str, Any], target: str | None) -> Task:
    """Move until a message can't be: SQS developer guide, "dead-letter queue redrive issues"."""
    task: Task = {
        "Status": "COMPLETED",
        "ApproximateNumberOfMessagesMoved": 0,
        "ApproximateNumberOfMessagesToMove": len(dead["messages"]),
        "StartedTimestamp": int(time.time() * 1000),
        **({"DestinationArn": target} if target else {}),
    }
    for message in list(dead["messages"]):
        arn = target or message.get("sys", {}).get("DeadLetterQueueSourceArn")
        queue = sqs._queue_by_arn(arn) if arn else None
        if queue is None:
            why = "AWS.SimpleQueueService.NonExistentQueue" if arn else _UNKNOWN
            return {**task, "Status": "FAILED", "FailureReason": why}
        dead["messages"].remove(message)
        fresh = {"receive_count": 0, "receipt_handle": None, "visible_at": time.time()}
        queue["messages"].append({**message, **fresh})
        task["ApproximateNumberOfMessagesMoved"] += 1
    sqs.esm_wake.set()
    return task


# What was sent to the queue directly has no queue to go back to.
_UNKNOWN = "CouldNotDetermineMessageSource"


def _queue(arn: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] | None = sqs._queue_by_arn(arn)
    if found is None:
        raise sqs._Err("ResourceNotFoundException", _NO_QUEUE.format(name), 404)
    return found


def _is_dead_letter_queue(arn: str) -> bool:
    policies = [q["attributes"].get("RedrivePolicy") or "{}" for q in list(sqs._queues.values())]
    return any(json.loads(policy).get("deadLetterTargetArn") == arn for policy in policies)
