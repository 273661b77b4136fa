"""A batch from the intake queue, sorted: what to look at, what to put aside, what isn't for us."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.connections import events as connections
from autopilot.connections.events import ConnectionWakeup
from autopilot.gateway import events as network
from autopilot.gateway.events import Wakeup
from autopilot.interfaces import events as interfaces
from autopilot.interfaces.events import InterfaceWakeup
from autopilot.reconcile.cloudtrail import BadEvent
from autopilot.services import events as publishing
from autopilot.services.events import PublishWakeup
from autopilot.withdraw import events as withdrawal
from autopilot.withdraw.events import WithdrawalWakeup


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
    interfaces: Mapping[str, InterfaceWakeup]
    withdrawals: Mapping[str, WithdrawalWakeup]
    unreadable: tuple[Unreadable, ...]
    not_for_us: tuple[str, ...]


_READERS: Mapping[str, Callable[[str], Any]] = {
    "wakeups": network.read,
    "connections": connections.read,
    "interfaces": interfaces.read,
    "services": publishing.read,
    "withdrawals": withdrawal.read,
}
"""Who reads an event, by the batch's field for its wake-ups."""


def sort(records: Iterable[Mapping[str, Any]]) -> Batch:
    """Sort the records that Lambda hands over from SQS."""
    found: dict[str, dict[str, Any]] = {name: {} for name in _READERS}
    unreadable: list[Unreadable] = []
    not_for_us: list[str] = []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            woken = {name: wakeup for name, read in _READERS.items() if (wakeup := read(body))}
        except BadEvent as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
            continue
        for name, wakeup in woken.items():
            found[name][message_id] = wakeup
        if not woken:
            not_for_us.append(message_id)
    return Batch(**found, unreadable=tuple(unreadable), not_for_us=tuple(not_for_us))
