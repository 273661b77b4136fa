"""A batch from the intake queue, sorted: what to look at, what to put aside, what isn't for us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.core import wakeup as network
from autopilot.core.cloudtrail import BadEvent
from autopilot.core.connections import wakeup as connections
from autopilot.core.connections.wakeup import ConnectionWakeup
from autopilot.core.wakeup import Wakeup


@dataclass(frozen=True)
class Unreadable:
    """A message that holds no event that anybody could act on, and why."""

    message_id: str
    body: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """The messages of one batch; wake-ups by the id of the message that holds the event.

    `wakeups` are for the network; an event may wake both workflows.
    """

    wakeups: Mapping[str, Wakeup]
    connections: Mapping[str, ConnectionWakeup]
    unreadable: tuple[Unreadable, ...]
    not_for_us: tuple[str, ...]


def sort(records: Iterable[Mapping[str, Any]]) -> Batch:
    """Sort the records that Lambda hands over from SQS."""
    for_network: dict[str, Wakeup] = {}
    for_connections: dict[str, ConnectionWakeup] = {}
    unreadable: list[Unreadable] = []
    not_for_us: list[str] = []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            one, other = network.read(body), connections.read(body)
        except BadEvent as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
            continue
        if one:
            for_network[message_id] = one
        if other:
            for_connections[message_id] = other
        if not one and not other:
            not_for_us.append(message_id)
    return Batch(for_network, for_connections, tuple(unreadable), tuple(not_for_us))
