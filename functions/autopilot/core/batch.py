"""A batch from the intake queue, sorted: what to look at, what to put aside, what isn't for us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from autopilot.core import wakeup as network
from autopilot.core.cloudtrail import BadEvent
from autopilot.core.connections import wakeup as connections
from autopilot.core.connections.wakeup import ConnectionWakeup
from autopilot.core.publishing import wakeup as publishing
from autopilot.core.publishing.wakeup import PublishWakeup
from autopilot.core.wakeup import Wakeup

W = TypeVar("W", Wakeup, ConnectionWakeup, PublishWakeup)


@dataclass(frozen=True)
class Unreadable:
    """A message that holds no event that anybody could act on, and why."""

    message_id: str
    body: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """The messages of one batch; wake-ups by the id of the message that holds the event.

    `wakeups` are for the network; an event may wake several workflows.
    """

    wakeups: Mapping[str, Wakeup]
    connections: Mapping[str, ConnectionWakeup]
    services: Mapping[str, PublishWakeup]
    unreadable: tuple[Unreadable, ...]
    not_for_us: tuple[str, ...]


def sort(records: Iterable[Mapping[str, Any]]) -> Batch:
    """Sort the records that Lambda hands over from SQS."""
    for_network: dict[str, Wakeup] = {}
    for_connections: dict[str, ConnectionWakeup] = {}
    for_services: dict[str, PublishWakeup] = {}
    unreadable: list[Unreadable] = []
    not_for_us: list[str] = []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            one, other, third = network.read(body), connections.read(body), publishing.read(body)
        except BadEvent as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
            continue
        filed = [
            _filed(message_id, one, for_network),
            _filed(message_id, other, for_connections),
            _filed(message_id, third, for_services),
        ]
        if not any(filed):
            not_for_us.append(message_id)
    return Batch(for_network, for_connections, for_services, tuple(unreadable), tuple(not_for_us))


def _filed(message_id: str, wakeup: W | None, among: dict[str, W]) -> bool:
    if wakeup is not None:
        among[message_id] = wakeup
    return wakeup is not None
