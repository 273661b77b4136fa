"""A batch from the intake queue, sorted: what to look at, what to put aside, what isn't for us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.core.cloudtrail import BadEvent
from autopilot.core.wakeup import Wakeup, read


@dataclass(frozen=True)
class Unreadable:
    """A message that holds no event that anybody could act on, and why."""

    message_id: str
    body: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """The messages of one batch; `wakeups` by the id of the message that holds the event."""

    wakeups: Mapping[str, Wakeup]
    unreadable: tuple[Unreadable, ...]
    not_for_us: tuple[str, ...]


def sort(records: Iterable[Mapping[str, Any]]) -> Batch:
    """Sort the records that Lambda hands over from SQS."""
    wakeups: dict[str, Wakeup] = {}
    unreadable: list[Unreadable] = []
    not_for_us: list[str] = []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            wakeup = read(body)
        except BadEvent as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
            continue
        if wakeup is None:
            not_for_us.append(message_id)
        else:
            wakeups[message_id] = wakeup
    return Batch(wakeups, tuple(unreadable), tuple(not_for_us))
