"""What costs are worked out from: one look at endpoints and networks, and what CloudWatch measured.

Names are the fields of the workflows' own facts: nothing is listed a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autopilot.connections.facts import ConnectionFacts
from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity


@dataclass(frozen=True)
class Measured:
    """Bytes in the last `days`, as CloudWatch summed them up.

    `endpoints`: by interface endpoint; `nats`: by NAT gateway, both ways. One that is missing
    wasn't measured, which isn't 0.
    """

    days: int = 0
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

    def nats_of(self, vpc_id: str) -> tuple[str, ...]:
        """The NAT gateways to which default routes of a VPC lead, perhaps in another VPC."""
        ways = {table.way_out for table in self.network.tables_of(vpc_id)}
        return tuple(sorted(way for way in ways if way.startswith("nat-")))


def named(thing: Any) -> str:
    """The Name tag of whatever has tags; "" without."""
    return str(thing.tags.get("Name", ""))
