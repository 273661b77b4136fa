"""What the answering step reads right before its call, and the call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import assert_never

from autopilot.aws import connection_memory, privatelink
from autopilot.connections.facts import ConnectionFacts, Service
from autopilot.connections.holds import HoldRow
from autopilot.connections.organization import Organization
from autopilot.connections.plan import Answer
from autopilot.notify.ledger import Key, Rows, Write


class Answers:
    """Answers the connections of one service. Its methods raise AwsError's subclasses."""

    def __init__(self, ledger: Rows) -> None:
        self._ledger = ledger

    def facts(self, service: Service, read_service: bool) -> ConnectionFacts:
        """How things stand with the service, and what is remembered.

        The permission list comes after the connections, so that it is the freshest of all.
        `read_service`: the service's tags matter; else it is taken as it is.
        """
        only = (service.id,)
        seen = tuple(privatelink.connections(only))
        services = tuple(privatelink.services(only)) if read_service else (service,)
        memory = connection_memory.connections(self._ledger, only)
        holds = connection_memory.holds(self._ledger)
        return ConnectionFacts(
            services=services,
            connections=seen,
            permissions={service.id: tuple(privatelink.permissions(service.id))},
            memory=memory,
            holds=holds,
            looked_at=only,
        )

    def organization(self, now: datetime) -> Organization:
        """What the planning step learned a moment ago; what it didn't isn't known."""
        return Organization(connection_memory.members(self._ledger, now, later=True))

    def hold(self, endpoint_id: str) -> HoldRow | None:
        """The endpoint's hold."""
        return connection_memory.holds(self._ledger, endpoint_id).get(endpoint_id)

    def call(self, verdict: Answer, service_id: str, ids: Collection[str]) -> Mapping[str, str]:
        """Give the answer; those that AWS lists as unsuccessful, with its words."""
        match verdict:
            case "accept":
                return privatelink.accept(service_id, ids)
            case "reject" | "cut":
                return privatelink.reject(service_id, ids)
            case unknown:
                assert_never(unknown)

    def mark(self, connection_ids: Collection[str], tags: Mapping[str, str]) -> None:
        """Tag connections as accepted by us."""
        privatelink.mark(connection_ids, tags)

    def write(self, writes: Sequence[Write]) -> Collection[Key]:
        """Write what may be written; the keys of what may not."""
        return self._ledger.write(writes)
