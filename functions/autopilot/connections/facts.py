"""How connections stand: services, who may ask, who asks, and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autopilot.connections.holds import HoldRow
from autopilot.connections.remembered import Remembered
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
