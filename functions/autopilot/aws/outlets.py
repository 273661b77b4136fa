"""Where news go: the ops topic, and the account's default event bus."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from autopilot.aws.clients import client
from autopilot.aws.errors import aws_errors
from autopilot.notify.bus import SOURCE, BusEvent

if TYPE_CHECKING:  # most looks have nothing to tell, and don't load what writes mails
    from autopilot.notify.finding import Catalog
    from autopilot.notify.ledger import Rows
    from autopilot.notify.notice import Notice, Place
    from autopilot.notify.render import Message

# PutEvents takes that many entries (EventBridge API reference).
_AT_ONCE = 10


class Puts(Protocol):
    """The event bus."""

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put all events."""


class Publishes(Protocol):
    """The ops topic."""

    def listens(self) -> bool:
        """Whether anybody has confirmed a subscription."""

    def heard_partly_by(self, addresses: Collection[str]) -> Publishes:
        """The topic, knowing who hears of some owner's things only and is no listener."""

    def publish(self, message: Message) -> None:
        """Publish one message."""


class Hears(Protocol):
    """The hub of a fleet."""

    def tell(self, notice: Notice, message: Message, place: Place) -> None:
        """Hand it what ops are told."""


@dataclass(frozen=True)
class Outlets:
    """Where news go, and where it is remembered that they went. `hub`: a spoke's.

    `catalog`: of the kinds that there may be, None for the workflows'.
    """

    ledger: Rows
    ops: Publishes
    bus: Puts
    hub: Hears | None = None
    catalog: Catalog | None = None


class OpsTopic:
    """Publishes notices to one SNS topic, every protocol in its own format."""

    def __init__(self, arn: str, sns: Any = None, partly: Collection[str] = ()) -> None:
        self._arn, self._partly = arn, {address.lower() for address in partly}
        self._sns = sns or client("sns")

    def heard_partly_by(self, addresses: Collection[str]) -> OpsTopic:
        """The topic, knowing who hears of some owner's things only and is no listener."""
        return OpsTopic(self._arn, self._sns, addresses)

    def listens(self) -> bool:
        """Whether anybody who hears everything has confirmed a subscription; a message to nobody is
        lost.

        Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws.
        """
        if self._partly:
            return any(each.lower() not in self._partly for each in self._confirmed())
        with aws_errors("sns", "GetTopicAttributes"):
            answer = self._sns.get_topic_attributes(TopicArn=self._arn)
        return str(answer["Attributes"].get("SubscriptionsConfirmed")) != "0"

    def _confirmed(self) -> Iterator[str]:
        """Who has confirmed: the others' subscriptions have no ARN yet (SNS API reference)."""
        more: dict[str, str] = {}
        while True:
            with aws_errors("sns", "ListSubscriptionsByTopic"):
                answer = self._sns.list_subscriptions_by_topic(TopicArn=self._arn, **more)
            for each in answer.get("Subscriptions", ()):
                if each["SubscriptionArn"].startswith("arn:"):
                    yield each["Endpoint"]
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}

    def publish(self, message: Message) -> None:
        """Publish `message`. Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws."""
        attributes = {
            name: {"DataType": "String", "StringValue": value}
            if isinstance(value, str)
            else {"DataType": "String.Array", "StringValue": json.dumps(value, ensure_ascii=False)}
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


class Bus:
    """Puts events with our own source on the bus."""

    def __init__(self, events: Any = None) -> None:
        self._events = events or client("events")

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put all of `events`.

        PutEvents answers 200 even when it took none: what it left out raises the named error for
        its code, Throttled, ServiceUnavailable, AccessDenied or RefusedByAws.
        """
        for start in range(0, len(events), _AT_ONCE):
            with aws_errors("events", "PutEvents"):
                answer = self._events.put_events(
                    Entries=[_entry(event) for event in events[start : start + _AT_ONCE]]
                )
                _check(answer)


def _entry(event: BusEvent) -> dict[str, Any]:
    return {
        "Source": SOURCE,
        "DetailType": event.detail_type,
        "Detail": json.dumps(event.detail),
        "Resources": list(event.resources),
    }


def _check(answer: Mapping[str, Any]) -> None:
    """Raise what AWS would have, had it refused the whole call."""
    failed = [entry for entry in answer["Entries"] if entry.get("ErrorCode")]
    if not answer["FailedEntryCount"] or not failed:
        return
    code = failed[0]["ErrorCode"]
    words = f"{len(failed)} of {len(answer['Entries'])} events: {failed[0].get('ErrorMessage')}"
    status = 500 if code.startswith("Internal") else 400
    refusal: Any = {
        "Error": {"Code": code, "Message": words},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    raise ClientError(refusal, "PutEvents")
