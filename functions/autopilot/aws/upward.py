"""The way up of a spoke: what it tells goes to its own bus, from where a rule takes it to the hub.

Loaded only in a spoke.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from autopilot.aws.outlets import Puts
from autopilot.fleet.upward import event_of, news_of

if TYPE_CHECKING:
    from autopilot.aws.outlets import Publishes
    from autopilot.notify.notice import Notice, Place
    from autopilot.notify.render import Message


class Hub:
    """Who hears everything that a spoke's ops are told."""

    def __init__(self, bus: Puts) -> None:
        self._bus = bus

    def tell(self, notice: Notice, message: Message, place: Place) -> None:
        """Put a message on the bus as news. Raises as the bus does; it may be done twice."""
        self._bus.put([event_of(news_of(notice, message, place))])


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
