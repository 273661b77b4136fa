"""Makes the pieces that decisions on connections are tested with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from autopilot.connections.decision import ConnectionRequest, DecisionContext, Verdict
from autopilot.connections.desired import decide, decided
from autopilot.connections.facts import (
    Connection,
    ConnectionFacts,
    Member,
    Organization,
    Permission,
    Remembered,
    Service,
)
from autopilot.connections.plan import ConnectionPlan
from autopilot.connections.planning import plan
from autopilot.connections.request import LookRequest
from autopilot.notify.ledger import Key, Row, Write
from autopilot.policy.model import ConnectionPolicy, OrganizationPolicy, Policy, Rule
from autopilot.reconcile.identity import StackIdentity

US = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
CONSUMER, STRANGER = "222222222222", "333333333333"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:connections:one"
OTHER = "arn:aws:states:us-east-1:111111111111:execution:connections:other"
TOPIC = "arn:aws:sns:us-east-1:111111111111:connections"
ALICE = "arn:aws:sts::111111111111:assumed-role/NetworkTeam/alice"
SERVICE, OTHER_SERVICE = "vpce-svc-0a", "vpce-svc-0b"
ENDPOINT = "vpce-0e"
ORGANIZATION, UNIT = "o-a1b2c3d4e5", "ou-ab12-11111111"
LONG_AGO = (NOW - timedelta(days=2)).isoformat()

ALLOWED = Rule("allowed_principals")


def account(owner: str = CONSUMER, **changes: Any) -> Rule:
    return replace(Rule("account", owner), **changes)


def root(owner: str = CONSUMER) -> Permission:
    return Permission(f"arn:aws:iam::{owner}:root", "Account", "vpc-endpoint")


EVERYBODY = Permission("*", "All", "vpc-endpoint")


def connection(endpoint_id: str = ENDPOINT, **changes: Any) -> Connection:
    made = Connection(
        endpoint_id, SERVICE, CONSUMER, "pendingAcceptance", "2026-11-24T11:59:50+00:00"
    )
    return replace(made, **changes)


def service(service_id: str = SERVICE, **changes: Any) -> Service:
    made = Service(service_id, f"com.amazonaws.vpce.us-east-1.{service_id}")
    return replace(made, **changes)


def memory(**changes: Any) -> Remembered:
    """Accepted by us, long ago."""
    return replace(Remembered("accepted", "autopilot", "rule", "reason", LONG_AGO), **changes)


def organization(*members: str, ids: Iterable[str] = (ORGANIZATION, UNIT)) -> Organization:
    """One that was asked for the members and the two usual accounts."""
    found = {owner: Member(frozenset(ids)) for owner in members}
    return Organization({CONSUMER: Member(), STRANGER: Member(), **found})


def context(
    *allow: Rule,
    deny: Sequence[Rule] = (),
    known: Organization | None = None,
    execution: str = EXECUTION,
    now: datetime = NOW,
    policy: Policy | None = None,
    **connections: Any,
) -> DecisionContext:
    wanted = ConnectionPolicy(allow=allow, deny=tuple(deny), **connections)
    base = policy or Policy(organization=OrganizationPolicy(ORGANIZATION))
    return DecisionContext(
        replace(base, connections=wanted), US, known or Organization(), now, execution
    )


def verdict(
    under: DecisionContext, *listed: Permission, seen: Connection | None = None, **known: Any
) -> Verdict:
    made = ConnectionRequest(seen or connection(), service(), listed)
    return decide(replace(made, **known), under)


def facts(*connections: Connection, listed: Collection[Permission] = (), **changes: Any) -> Any:
    """A survey of both services, with one permission list for them."""
    made = ConnectionFacts(
        services=(service(), service(OTHER_SERVICE)),
        connections=connections,
        permissions=dict.fromkeys((SERVICE, OTHER_SERVICE), tuple(listed)),
        looked_at="all",
    )
    return replace(made, **changes)


def planned(
    seen: ConnectionFacts, under: DecisionContext, request: LookRequest | None = None
) -> ConnectionPlan:
    known = decided(seen, under, lambda *_: under.organization)
    return plan(known, request or LookRequest(), TOPIC)


class MemoryLedger:
    """A ledger that writes what its conditions allow, as DynamoDB does."""

    def __init__(self) -> None:
        self.table: dict[Key, Row] = {}
        self.meanwhile: Callable[[], None] | None = None
        """What happens right before the next write."""

    def rows(self, pk: str, prefix: str = "") -> tuple[Row, ...]:
        found = [r for k, r in self.table.items() if k.pk == pk and k.sk.startswith(prefix)]
        return tuple(sorted(found, key=lambda row: row.key))

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return frozenset(write.key for write in writes if not self._write(write))

    def _write(self, write: Write) -> bool:
        known = self.table.get(write.key)
        if write.replaces != (known.version if known else None):
            return False
        if write.row is None:
            del self.table[write.key]
        else:
            self.table[write.key] = write.row
        return True
