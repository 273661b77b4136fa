"""The ops topic."""

from __future__ import annotations

from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import aws_errors
from autopilot.core.render import Message


class OpsTopic:
    """Publishes notices to one SNS topic, every protocol in its own format."""

    def __init__(self, arn: str, sns: Any = None) -> None:
        self._arn = arn
        self._sns = sns or client("sns")

    def publish(self, message: Message) -> None:
        """Publish `message`. Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws."""
        attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in message.attributes.items()
        }
        with aws_errors("sns", "Publish"):
            self._sns.publish(
                TopicArn=self._arn,
                Subject=message.subject,
                Message=message.body,
                MessageStructure="json",
                MessageAttributes=attributes,
            )
