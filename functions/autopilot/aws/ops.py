"""The ops topic."""

from __future__ import annotations

from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import aws_errors
from autopilot.notify.render import Message


class OpsTopic:
    """Publishes notices to one SNS topic, every protocol in its own format."""

    def __init__(self, arn: str, sns: Any = None) -> None:
        self._arn = arn
        self._sns = sns or client("sns")

    def listens(self) -> bool:
        """Whether anybody has confirmed a subscription; a message to nobody is lost.

        Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws.
        """
        with aws_errors("sns", "GetTopicAttributes"):
            answer = self._sns.get_topic_attributes(TopicArn=self._arn)
        return str(answer["Attributes"].get("SubscriptionsConfirmed")) != "0"

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
