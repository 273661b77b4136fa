"""What a view is made of: how the account stands, and what the ledger remembers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.holds import HOLDS
from autopilot.connections.remembered import CONNECTIONS
from autopilot.connections.zone_rows import ZONES
from autopilot.gateway.desired import Desired, desired_in
from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.rivals import RESTORED
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.interfaces.retirement import RETIRED
from autopilot.notify import notice
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import FINDINGS, Row, finding_of, has_expired
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.model import Part, Unknown

PARTITIONS = (FINDINGS, CONNECTIONS, HOLDS, WITHDRAWN, RESTORED, FIRST_SEEN, ZONES, RETIRED)
"""Those of the ledger that a view is made of."""

Source = Literal[
    "VPCs",
    "subnets",
    "route tables",
    "VPC endpoints",
    "network interfaces",
    "offered services",
    "endpoint services",
    "connections",
    "the ledger",
    "metrics",
]
"""What is read."""
NEEDED_BY: Mapping[Source, tuple[Part, ...]] = {
    "VPCs": ("vpcs", "waiting"),
    "subnets": ("vpcs",),
    "route tables": ("vpcs", "waiting"),
    "VPC endpoints": ("vpcs", "waiting"),
    "network interfaces": ("vpcs", "waiting"),
    "offered services": ("vpcs",),
    "endpoint services": ("services", "waiting"),
    "connections": ("services", "waiting"),
    "the ledger": ("vpcs", "services", "waiting", "problems"),
    "metrics": (),
}
"""Which parts of the view nobody can tell without it."""
_HELPS: Mapping[Source, tuple[Part, ...]] = {
    "VPCs": ("problems",),
    "subnets": ("services", "waiting"),
    "VPC endpoints": ("services",),
    "endpoint services": ("problems",),
}
"""Which others it helps: with names, with zones of the account's own consumers."""


def sources_of(parts: Collection[Part]) -> frozenset[Source]:
    """What to read for these parts."""
    asked = set(parts)
    return frozenset(s for s, needed in NEEDED_BY.items() if asked & {*needed, *_HELPS.get(s, ())})


@dataclass(frozen=True)
class Seen:
    """All that a view is made of.

    `network` bears what the ledger says of it, and so do `connections`. `ungraced`: what is desired
    of it, without what is in grace; None: nothing is. `rows`: the ledger's, by
    partition. `unread`: what couldn't be read, with AWS's words.
    `limit`: the quota of gateway endpoints, None where nobody asked for it.
    """

    stack: StackIdentity
    policy: Policy
    now: datetime
    network: NetworkFacts = field(default_factory=NetworkFacts)
    ungraced: Desired | None = None
    interfaces: InterfaceFacts = field(default_factory=InterfaceFacts)
    connections: ConnectionFacts = field(default_factory=ConnectionFacts)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    unread: Mapping[Source, str] = field(default_factory=dict)
    limit: int | None = None

    @cached_property
    def desired(self) -> Desired:
        """The gateway endpoints that the policy wants now."""
        return self.ungraced or desired_in(self.network, self.policy, self.stack)

    @property
    def place(self) -> notice.Place:
        """Where findings are told from, for their words."""
        at = self.now.isoformat(timespec="seconds")
        return notice.Place(self.stack.account, self.stack.region, self.stack.owner, "", at)

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """What couldn't be read, as a view says it."""
        return tuple(Unknown(what, why, NEEDED_BY[what]) for what, why in self.unread.items())

    @cached_property
    def compared(self) -> Mapping[str, Row]:
        """What the zone check has found last, by connection."""
        return {row.key.sk: row for row in self.rows.get(ZONES, ())}

    @cached_property
    def findings(self) -> dict[str, tuple[Finding, Row]]:
        """What is wrong as far as the ledger knows, by id; not what is over by now."""
        rows = self.rows.get(FINDINGS, ())
        stand = (r for r in rows if r.body["change"] != "resolved" and not has_expired(r, self.now))
        return {row.key.sk: (finding_of(row), row) for row in stand}


def name_of(thing: Any) -> str:
    """The Name tag of whatever has tags; "" without."""
    return str(thing.tags.get("Name", ""))
