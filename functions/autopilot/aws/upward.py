"""The way up of a spoke: what it tells goes to its own bus, from where a rule takes it to the hub.

Loaded only in a spoke.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from autopilot.aws.errors import AwsError
from autopilot.aws.outlets import Puts
from autopilot.aws.pages import call
from autopilot.aws.step import logger
from autopilot.fleet.upward import event_of, news_of
from autopilot.notify.bus import SOURCE

if TYPE_CHECKING:
    from autopilot.aws.outlets import Publishes
    from autopilot.notify.notice import Notice, Place
    from autopilot.notify.render import Message


Keep = Callable[[str], None]
"""Keeps an event, as JSON, until a heartbeat sends it again."""


class Hub:
    """Who hears everything that a spoke's ops are told."""

    def __init__(self, bus: Puts, keep: Keep) -> None:
        self._bus, self._keep = bus, keep

    def tell(self, notice: Notice, message: Message, place: Place) -> None:
        """Put a message on the bus as news; it may be done twice.

        What the bus doesn't take is kept: were it tried again from the beginning, the spoke's own
        topic would hear the same at each try. Raises AwsErrors where it can't be kept either.
        """
        event = event_of(news_of(notice, message, place))
        try:
            self._bus.put([event])
        except AwsError as error:
            logger.exception("news not put on the bus")
            said = {"detail-type": event.detail_type, "detail": event.detail, "error": str(error)}
            who = {"source": SOURCE, "account": place.account, "region": place.region}
            self._keep(json.dumps({**who, **said}))


def keeping(queue_url: str) -> Keep:
    """Keeps it where EventBridge puts what the hub's bus doesn't take."""
    return lambda letter: call("sqs", "SendMessage", QueueUrl=queue_url, MessageBody=letter)


class HeardByHub:
    """A spoke's ops topic: somebody listens always, since the hub does."""

    def __init__(self, topic: Publishes) -> None:
        self._topic = topic

    def listens(self) -> bool:
        """It does; nobody has to be asked."""
        return True

    def heard_partly_by(self, addresses: Collection[str]) -> HeardByHub:
        """The same topic: who hears of some owner's things only is nobody's only listener."""
        return HeardByHub(self._topic.heard_partly_by(addresses))

    def publish(self, message: Message) -> None:
        """Publish one message, for whoever has subscribed to the spoke itself."""
        self._topic.publish(message)
