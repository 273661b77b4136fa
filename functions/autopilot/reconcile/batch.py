"""A batch from the intake queue, sorted: what to look at, what to put aside, what isn't for us."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.reconcile.cloudtrail import BadEvent, Event, event_in

Readers = Mapping[str, Callable[[Event], Any]]
"""Who makes a wake-up of an event, or None, by the workflow that it wakes."""


@dataclass(frozen=True)
class Unreadable:
    """A message that holds no event that anybody could act on, and why."""

    message_id: str
    body: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """The messages of one batch.

    `woken`: by workflow its wake-ups, by the id of the message that holds the event; an event may
    wake several workflows.
    """

    woken: Mapping[str, Mapping[str, Any]]
    unreadable: tuple[Unreadable, ...]
    not_for_us: tuple[str, ...]


def sort(records: Iterable[Mapping[str, Any]], readers: Readers) -> Batch:
    """Sort the records that Lambda hands over from SQS."""
    found: dict[str, dict[str, Any]] = {name: {} for name in readers}
    unreadable: list[Unreadable] = []
    not_for_us: list[str] = []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            event = event_in(body)
            woken = {name: wakeup for name, read in readers.items() if (wakeup := read(event))}
        except BadEvent as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
            continue
        for name, wakeup in woken.items():
            found[name][message_id] = wakeup
        if not woken:
            not_for_us.append(message_id)
    return Batch(found, tuple(unreadable), tuple(not_for_us))
