"""Puts aside, in the dead-letter queue, what nobody can read."""

from __future__ import annotations

from autopilot.aws.pages import call

_MOST_REASON = 256


def put_aside(queue_url: str, body: str, reason: str) -> None:
    """Send `body` to the queue, with the reason as a message attribute."""
    call(
        "sqs",
        "SendMessage",
        QueueUrl=queue_url,
        MessageBody=body,
        MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:_MOST_REASON]}},
    )
