"""Reads what the ops topic says, through a queue that subscribes to it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.process import LabError


@dataclass(frozen=True)
class OpsMessage:
    """What ops were told: the body (JSON if it is JSON, else text) and the message attributes."""

    body: Any
    attributes: dict[str, str]


class Ops:
    """Reads an ops topic through a queue of its own."""

    def __init__(self, sns: Any, sqs: Any, topic: str) -> None:
        self._sqs = sqs
        name = f"ops-reader-{uuid.uuid4().hex[:12]}"
        self._queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        asked = sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}}
        allow |= {"Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        self.seen: list[OpsMessage] = []

    def read(self, wait_seconds: int = 0) -> list[OpsMessage]:
        """Return the messages that are there, waiting up to `wait_seconds` for the first."""
        new: list[OpsMessage] = []
        while batch := self._receive(0 if new else wait_seconds):
            new += batch
        self.seen += new
        return new

    def wait_for(self, wanted: Callable[[OpsMessage], bool], seconds: float = 30) -> OpsMessage:
        """Return the first message, seen already or new, that is wanted; raises LabError."""
        end = time.monotonic() + seconds
        while True:
            for message in self.seen:
                if wanted(message):
                    return message
            if time.monotonic() > end:
                raise LabError(f"ops were not told within {seconds} s; they heard: {self.seen}")
            self.read(1)

    def _receive(self, wait_seconds: int) -> list[OpsMessage]:
        received = self._sqs.receive_message(
            QueueUrl=self._queue,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=wait_seconds,
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        for message in received:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return [_ops_message(message) for message in received]


def _ops_message(message: Mapping[str, Any]) -> OpsMessage:
    attributes = message.get("MessageAttributes") or {}
    values = {name: str(value.get("StringValue")) for name, value in attributes.items()}
    try:
        return OpsMessage(json.loads(message["Body"]), values)
    except ValueError:
        return OpsMessage(message["Body"], values)
