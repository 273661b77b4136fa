"""Where news go: told to ops at once, or kept while nobody listens and told in one digest then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aws_lambda_powertools import Logger

from autopilot.aws.errors import AwsError, ServiceUnavailable, Throttled
from autopilot.notify import audience
from autopilot.notify.audience import AUDIENCE, UNTOLD
from autopilot.notify.bus import BusEvent
from autopilot.notify.delta import Delta
from autopilot.notify.ledger import Delivery, Key, Memory, Rows
from autopilot.notify.notice import Place
from autopilot.notify.remembered import FINDINGS
from autopilot.notify.render import Message, message
from autopilot.notify.telling import bus_errand, tellings

logger = Logger()


class Publishes(Protocol):
    """The ops topic."""

    def listens(self) -> bool:
        """Whether anybody has confirmed a subscription."""

    def publish(self, message: Message) -> None:
        """Publish one message."""


class Puts(Protocol):
    """The event bus."""

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put all events."""


@dataclass(frozen=True)
class Outlets:
    """Where news go, and where it is remembered that they went."""

    ledger: Rows
    ops: Publishes
    bus: Puts


def tell(
    news: Delta, memory: Memory, to: Outlets, place: Place, *, mode: str, now: datetime
) -> int:
    """Tell what is new, or keep it for whoever will listen; how many messages went out.

    Raises AwsErrors; nothing is lost by repeating.
    """
    if audience.asked_for(news, memory):
        if not somebody_listens(to.ops, memory):
            _keep(news, memory, to, place, now)
            return 0
        if audience.welcome_is_due(memory) and (delivery := _claimed(memory, to, place, now)):
            _keep(news, memory, to, place, now)
            _welcome(delivery, to, place, mode, now)
            return 1
    return _tell(news, to, place)


def look_who_listens(to: Outlets, place: Place, *, mode: str, now: datetime) -> int:
    """Welcome who has begun to listen, note when nobody does; how many messages went out."""
    # Every few minutes, for as long as nobody listens: what waits is not read for that.
    row = {row.key.sk: row for row in to.ledger.rows(UNTOLD, AUDIENCE.sk)}
    if not somebody_listens(to.ops, Memory(untold=row)):
        to.ledger.write(audience.muted(Memory(untold=row), now))
        return 0
    memory = remembered(to.ledger)
    if not audience.welcome_is_due(memory, at_first=True):
        return 0
    if delivery := _claimed(memory, to, place, now):
        _welcome(delivery, to, place, mode, now)
        return 1
    return 0


def remembered(ledger: Rows) -> Memory:
    """What ops know, and what waits to be told."""
    return Memory(
        findings={row.key.sk: row for row in ledger.rows(FINDINGS)},
        untold={row.key.sk: row for row in ledger.rows(UNTOLD)},
    )


def somebody_listens(ops: Publishes, memory: Memory) -> bool:
    """Whether somebody listens; yes if AWS doesn't say: no news is kept back for a permission.

    While AWS is busy it is as it was: what was done unheard is told once, not to nobody.
    """
    try:
        return ops.listens()
    except (Throttled, ServiceUnavailable):
        logger.exception("not known whether anybody listens")
        return not audience.nobody_listened(memory)
    except AwsError:
        logger.exception("not known whether anybody listens")
        return True


def _claimed(memory: Memory, to: Outlets, place: Place, now: datetime) -> Delivery | None:
    """The errand to welcome, if nobody else has it."""
    delivery = audience.to_welcome(memory, place.execution, now)
    if delivery and delivery.claim and to.ledger.write([delivery.claim]):
        return None
    return delivery


def _keep(news: Delta, memory: Memory, to: Outlets, place: Place, now: datetime) -> None:
    claim = news.on_the_bus.claim if news.on_the_bus else None
    refused = to.ledger.write([write for write in (news.remember, claim) if write])
    to.ledger.write(audience.kept(news, memory, place, now))
    _put_on_bus(news, refused, to)


def _welcome(delivery: Delivery, to: Outlets, place: Place, mode: str, now: datetime) -> None:
    telling = audience.welcome(remembered(to.ledger), place, mode, now)
    to.ops.publish(message(telling.notice, place))
    to.ledger.write(telling.settle)
    to.ledger.write([delivery.settle])
    logger.info("welcomed", findings=sum(telling.notice.counts.values()))


def _tell(news: Delta, to: Outlets, place: Place) -> int:
    """Publish, then note that ops know: a crash in between tells twice, never not at all.

    One message that doesn't get through keeps no other back; its error is raised at the end.
    """
    refused = to.ledger.write(news.claims)
    told, errors = 0, list[AwsError]()
    for telling in tellings(news, refused, place):
        try:
            to.ops.publish(message(telling.notice, place))
            to.ledger.write(telling.settle)
            told += 1
        except AwsError as error:
            logger.exception("message not published", kind=telling.notice.kind)
            errors.append(error)
    _put_on_bus(news, refused, to)
    if errors:
        raise errors[0]
    to.ledger.write(news.silent)
    if refused:
        logger.info("told elsewhere", count=len(refused))
    return told


def _put_on_bus(news: Delta, refused: Collection[Key], to: Outlets) -> None:
    if delivery := bus_errand(news, refused):
        to.bus.put(delivery[1])
        to.ledger.write([delivery[0].settle])
