"""What costs are worked out from: one look at endpoints and networks, and what CloudWatch measured.

Names are the fields of the workflows' own facts: nothing is listed a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from autopilot.connections.facts import ConnectionFacts
from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.interfaces.idle import Verdict
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity


@dataclass(frozen=True)
class Measured:
    """Bytes since `start`, as CloudWatch summed them up; None: it couldn't be asked.

    `endpoints`: by interface endpoint; `nats`: by NAT gateway, both ways. One that is missing
    wasn't measured, which isn't 0.
    """

    start: datetime | None = None
    endpoints: Mapping[str, int] = field(default_factory=dict)
    nats: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unused:
    """What the policy's window calls idle: an endpoint, or one of its zones (`subnet_id`).

    `why`: a sentence for people.
    """

    endpoint_id: str
    why: str
    subnet_id: str = ""


@dataclass(frozen=True)
class Facts:
    """One look. `unread`: what couldn't be read, with AWS's words, by what it is."""

    stack: StackIdentity
    policy: Policy
    now: datetime
    interfaces: InterfaceFacts = field(default_factory=InterfaceFacts)
    network: NetworkFacts = field(default_factory=NetworkFacts)
    connections: ConnectionFacts = field(default_factory=ConnectionFacts)
    measured: Measured = field(default_factory=Measured)
    unused: tuple[Unused, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """The policy's window, 0 if CloudWatch couldn't be asked about it."""
        return self.policy.idle.after_days if self.measured.start else 0

    def hours_since(self, since: datetime | None) -> int:
        """The whole hours of the window that are after `since`, or all for None."""
        start = self.measured.start
        if start is None:
            return 0
        return max(timedelta(), self.now - max(start, since or start)) // timedelta(hours=1)

    def nats_of(self, vpc_id: str) -> tuple[str, ...]:
        """The NAT gateways to which default routes of a VPC lead, perhaps in another VPC."""
        ways = {table.way_out for table in self.network.tables_of(vpc_id)}
        return tuple(sorted(way for way in ways if way.startswith("nat-")))


def named(thing: Any) -> str:
    """The Name tag of whatever has tags; "" without."""
    return str(thing.tags.get("Name", ""))


def unused_of(verdicts: Iterable[Verdict]) -> tuple[Unused, ...]:
    """What the verdicts call idle; of an idle endpoint the zones aren't named once more."""
    return tuple(each for verdict in verdicts for each in _unused(verdict))


def _unused(verdict: Verdict) -> Iterator[Unused]:
    if verdict.word == "idle":
        yield Unused(verdict.endpoint_id, verdict.reason)
        return
    for zone in verdict.zones:
        if zone.word == "idle":
            yield Unused(verdict.endpoint_id, zone.reason, zone.subnet_id)
