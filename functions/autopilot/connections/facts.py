"""How connections stand: services, who may ask, who asks, who answered, who belongs together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from autopilot.connections.holds import HoldRow
from autopilot.notify.ledger import CLAIM_LASTS
from autopilot.reconcile.plan import LookedAt

Stage = Literal["asking", "live", "over", "unknown"]
# States as the API writes them (EC2 API reference, VpcEndpointConnection), in lower case. Those
# that are over can't be answered or need not be. One that nobody knows yet is left alone, but may
# serve somebody: its service doesn't go, and who let it in isn't forgotten.
_ASKING = frozenset({"pendingacceptance"})
_LIVE = frozenset({"pending", "available", "partial"})
OVER = frozenset({"rejected", "failed", "expired", "deleting", "deleted"})

EVENTS = ("Connect", "Delete")
"""What we want to be notified of. Accept and Reject are the provider's own calls: CloudTrail tells
those with the caller's name, and a notification of our own would wake us for nothing."""

ConnectionState = Literal["accepting", "accepted", "cutting", "rejecting", "rejected"]
AUTOPILOT = "autopilot"
"""`by` of what the policy decided, in outcomes and in the ledger."""
EXPIRY = "expiry"
"""`by` of a rejection that nobody asked for in time."""
NOBODY = ""
"""`by` of what is cut though nobody remembers who accepted it: `deny` names it."""

_UNDER_WAY = ("accepting", "cutting", "rejecting")
_ACCEPTED = ("accepted", "cutting")


@dataclass(frozen=True)
class Service:
    """One of our endpoint services; `zone_ids` are those of its load balancers.

    `interface`: consumers reach it by interface endpoints (else by Gateway Load Balancer ones).
    """

    id: str
    name: str = ""
    acceptance_required: bool = True
    interface: bool = True
    zone_ids: tuple[str, ...] = ()
    load_balancer_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Permission:
    """An entry of a service's permission list, in the API's words; "" where it says nothing."""

    principal: str
    kind: str = ""
    scope: str = ""

    @property
    def for_endpoints(self) -> bool:
        """Whether it lets endpoints ask; one that doesn't say is believed to."""
        return self.scope in ("", "vpc-endpoint")


@dataclass(frozen=True)
class Connection:
    """A consumer's endpoint and our service; `owner` is an account id.

    `endpoint_id` is "" for a transit gateway's attachment. `region` "": our own. `id` and `tags`
    are the connection's own, which only the provider sees.
    """

    endpoint_id: str
    service_id: str
    owner: str
    state: str
    created: str = ""
    region: str = ""
    id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def stage(self) -> Stage:
        """Whether it waits for an answer, lives, or is neither (any more)."""
        state = self.state.lower()
        if state in _ASKING:
            return "asking"
        if state in _LIVE:
            return "live"
        return "over" if state in OVER else "unknown"

    @property
    def subject(self) -> str:
        """What findings and the ledger call it."""
        return f"{self.service_id}/{self.endpoint_id}"


@dataclass(frozen=True)
class Notification:
    """A topic that AWS tells of a service's connections."""

    id: str
    service_id: str
    topic: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Remembered:
    """What the ledger keeps of a connection, or its tags tell (`version` 0): who answered it, how.

    `at`: when that state began, ISO 8601. The ledger's `CONNECTIONS` says what each state means.
    """

    state: ConnectionState
    by: str
    rule: str = ""
    reason: str = ""
    at: str = ""
    claimed_by: str = ""
    version: int = 0

    @property
    def a_person_decided(self) -> bool:
        """Whether a person decided it."""
        return self.by not in (AUTOPILOT, EXPIRY, NOBODY)

    @property
    def we_accepted(self) -> bool:
        """Whether it is certain that the policy accepted it, and no person did."""
        return self.state in _ACCEPTED and self.by == AUTOPILOT

    @property
    def a_person_accepted(self) -> bool:
        """Whether a person accepted it."""
        return self.state in _ACCEPTED and self.a_person_decided

    @property
    def accepted_by(self) -> str:
        """Who is known to have accepted it."""
        return self.by if self.we_accepted or self.a_person_accepted else NOBODY

    def under_way_elsewhere(self, execution: str, now: datetime) -> bool:
        """Whether another execution is at this moment carrying out an answer."""
        return self.state in _UNDER_WAY and self.claimed_by != execution and self.fresh(now)

    def fresh(self, now: datetime) -> bool:
        """Whether it began so lately that AWS may not show it yet, or its claim may still live."""
        return not self.at or now - datetime.fromisoformat(self.at) < CLAIM_LASTS


@dataclass(frozen=True)
class Member:
    """Where an account stands: ids of its organization, root and units; none: in none that we know.

    `units` says whether root and units were asked for; without them they count as unknown.
    """

    ids: frozenset[str] = frozenset()
    units: bool = True


@dataclass(frozen=True)
class Organization:
    """Accounts that were looked up; `why` is a sentence on why others were not, or could not be."""

    members: Mapping[str, Member] = field(default_factory=dict)
    why: str = "the organization wasn't asked"

    def holds(self, owner: str, id: str) -> bool | None:
        """Whether the account `owner` is in the organization or unit `id`; None: not knowable."""
        member = self.members.get(owner)
        if member is None:
            return None
        if id in member.ids:
            return True
        asked = member.units or not member.ids or id.startswith("o-")
        return False if asked else None


@dataclass(frozen=True)
class ConnectionFacts:
    """What one survey saw.

    `permissions` by service, only where they can decide something. `notifications` None: not asked.
    `memory` by `Connection.subject`, `holds` by endpoint.
    """

    services: tuple[Service, ...] = ()
    connections: tuple[Connection, ...] = ()
    permissions: Mapping[str, tuple[Permission, ...]] = field(default_factory=dict)
    notifications: tuple[Notification, ...] | None = None
    memory: Mapping[str, Remembered] = field(default_factory=dict)
    holds: Mapping[str, HoldRow] = field(default_factory=dict)
    looked_at: LookedAt = ()
