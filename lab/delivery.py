"""Delivers CloudTrail events and connection notifications, as badly as it was told to."""

from __future__ import annotations

import heapq
import itertools
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from lab.checks import BadInputError, checked, number, object_of, whole

SHUFFLE_SECONDS = 2.0
logger = logging.getLogger(__name__)

_RULES = {
    "delay_seconds": ("a number from 0 to 3600", number(0, 3600)),
    "duplicates": ("a probability from 0 to 1, or a whole number of extra copies", number(0, 100)),
    "loss": ("a probability from 0 to 1", number(0, 1)),
    "shuffle": (
        "true, false or a number of seconds up to 600",
        lambda value: isinstance(value, bool) or number(0, 600)(value),
    ),
    "seed": ("a whole number", whole(-(2**63), 2**63)),
}


@dataclass(frozen=True)
class Delivery:
    """How events arrive.

    `delay_seconds` later; `loss` is the probability that an event never arrives; `duplicates` is,
    up to 1, the probability of one extra copy, above that the number of extra copies; `shuffle` is
    the window in seconds over which arrivals scatter (true stands for SHUFFLE_SECONDS). `seed`
    makes it all repeatable.
    """

    delay_seconds: float = 0
    duplicates: float = 0
    loss: float = 0
    shuffle: float = 0
    seed: int = 0

    def delays(self, chance: random.Random) -> list[float]:
        """Return the delay in seconds of each copy of the next event; none when it is lost.

        Draws the same number of random numbers for every event, so that one setting doesn't move
        what another one does.
        """
        lost, doubled = chance.random() < self.loss, chance.random() < self.duplicates
        copies = 1 + (int(self.duplicates) if self.duplicates > 1 else int(doubled))
        scatter = [chance.uniform(0, self.shuffle) for _ in range(copies)]
        return [] if lost else [self.delay_seconds + late for late in scatter]


def parse(data: Any) -> Delivery:
    """Return the posted delivery; what isn't named is undisturbed. Raises BadInputError."""
    said = dict(checked(data, _RULES))
    duplicates = said.get("duplicates", 0)
    if duplicates > 1 and duplicates != int(duplicates):
        raise BadInputError(
            f"duplicates: {duplicates!r} given, should be {_RULES['duplicates'][0]}"
        )
    if said.get("shuffle") is True:
        said["shuffle"] = SHUFFLE_SECONDS
    return Delivery(**{**said, "shuffle": float(said.get("shuffle", 0))})


@dataclass(frozen=True)
class Deliveries:
    """How CloudTrail events arrive, and how PrivateLink's notifications do."""

    events: Delivery = Delivery()
    notifications: Delivery = Delivery()


def parse_all(data: Any, seed: int = 0) -> Deliveries:
    """Return the posted delivery of events and, under `notifications`, that of notifications.

    Events go by `seed` unless they name one, notifications by the events' unless they do. Raises
    BadInputError.
    """
    said = {"seed": seed, **object_of(data)}
    notifications = said.pop("notifications", {})
    events = parse(said)
    try:
        return Deliveries(events, parse({"seed": events.seed, **object_of(notifications)}))
    except BadInputError as mistake:
        raise BadInputError(f"notifications: {mistake}") from mistake


Send = Callable[[], None]


class Postman:
    """Delivers events in a thread of its own, in the order in which they are due."""

    def __init__(self) -> None:
        self._delivery = Delivery()
        self._chance = random.Random(0)  # noqa: S311 - disturbs deliveries, guards nothing
        self._due: list[tuple[float, int, Send]] = []
        self._count = itertools.count()
        self._sending = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="lab-postman", daemon=True).start()

    def disturb(self, delivery: Delivery) -> None:
        """Deliver like this from now on; events already on their way stay as they are."""
        with self._changed:
            self._delivery = delivery
            self._chance = random.Random(delivery.seed)  # noqa: S311 - as above

    def seed(self, number: int) -> None:
        """Begin anew with this seed."""
        with self._changed:
            delivery = replace(self._delivery, seed=number)
        self.disturb(delivery)

    def state(self) -> dict[str, Any]:
        """Return the present delivery, and how many copies are on their way."""
        with self._changed:
            return {**asdict(self._delivery), "on_their_way": len(self._due) + self._sending}

    def post(self, send: Send) -> None:
        """Have `send` called when each copy of an event is due."""
        with self._changed:
            now = time.monotonic()
            for delay in self._delivery.delays(self._chance):
                heapq.heappush(self._due, (now + delay, next(self._count), send))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or (wait := self._due[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait if self._due else None)
                send = heapq.heappop(self._due)[2]
                self._sending = 1  # it hasn't arrived before `send` is done
            try:
                send()
            except Exception:  # one bad event must not stop the others
                logger.exception("an event could not be delivered")
            with self._changed:
                self._sending = 0


class Post:
    """The two ways on which AWS tells of things, each disturbed for itself."""

    def __init__(self) -> None:
        self.events, self.notifications = Postman(), Postman()

    def seed(self, number: int) -> None:
        """Begin anew with this seed; how things arrive stays as it is otherwise."""
        for postman in (self.events, self.notifications):
            postman.seed(number)

    def disturb(self, deliveries: Deliveries) -> None:
        """Deliver like this from now on; what is on its way already stays as it is."""
        self.events.disturb(deliveries.events)
        self.notifications.disturb(deliveries.notifications)

    def state(self) -> dict[str, Any]:
        """Return the present deliveries, and how many copies are on their way."""
        return {**self.events.state(), "notifications": self.notifications.state()}
