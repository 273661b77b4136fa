"""Who is told: the ops topic, the event bus, and of a spoke the hub of its fleet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from autopilot.aws.outlets import Puts
from autopilot.notify.ledger import Rows

if TYPE_CHECKING:  # most looks have nothing to tell, and don't load what writes mails
    from autopilot.notify.notice import Notice, Place
    from autopilot.notify.render import Message


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
    """Where news go, and where it is remembered that they went. `hub`: a spoke's."""

    ledger: Rows
    ops: Publishes
    bus: Puts
    hub: Hears | None = None
