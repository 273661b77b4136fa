"""A batch from the intake queue, sorted: what to look at, what to put aside, what isn't for us."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.core import wakeup as network
from autopilot.core.cloudtrail import BadEvent
from autopilot.core.connections import wakeup as connections
from autopilot.core.connections.wakeup import ConnectionWakeup
from autopilot.core.wakeup import Wakeup
from autopilot.core.withdrawal import wakeup as withdrawal
from autopilot.core.withdrawal.wakeup import WithdrawalWakeup


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
    withdrawals: Mapping[str, WithdrawalWakeup]
    unreadable: tuple[Unreadable, ...]
    not_for_us: tuple[str, ...]


_READERS: Mapping[str, Callable[[str], Any]] = {
    "network": network.read,
    "connections": connections.read,
    "withdraw": withdrawal.read,
}


def sort(records: Iterable[Mapping[str, Any]]) -> Batch:
    """Sort the records that Lambda hands over from SQS."""
    woken: dict[str, dict[str, Any]] = {workflow: {} for workflow in _READERS}
    unreadable: list[Unreadable] = []
    not_for_us: list[str] = []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            found = {workflow: read(body) for workflow, read in _READERS.items()}
        except BadEvent as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
            continue
        for workflow, wakeup in found.items():
            if wakeup:
                woken[workflow][message_id] = wakeup
        if not any(found.values()):
            not_for_us.append(message_id)
    return Batch(
        wakeups=woken["network"],
        connections=woken["connections"],
        withdrawals=woken["withdraw"],
        unreadable=tuple(unreadable),
        not_for_us=tuple(not_for_us),
    )
