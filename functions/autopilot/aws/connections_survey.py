"""Reads all that the answers are planned from: PrivateLink, the ledger, Organizations, zones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from autopilot.aws import connection_memory, organizations, privatelink, zones
from autopilot.connections.attribution import MARKS
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Connection, ConnectionFacts
from autopilot.connections.organization import Organization
from autopilot.connections.plan import ZoneCheck
from autopilot.connections.request import ConnectionsRequest
from autopilot.connections.zones import Alignment
from autopilot.connections.zoning import alignments, to_read
from autopilot.notify.ledger import Rows, Write
from autopilot.policy.model import OrganizationPolicy


class Survey:
    """What one look sees. Its methods raise AwsError's subclasses."""

    def __init__(self, ledger: Rows) -> None:
        self._ledger = ledger

    def facts(self, request: ConnectionsRequest) -> ConnectionFacts:
        """How things stand, and what is remembered, what people answered included.

        Memory is read last: whatever shows up in the connections was claimed before it could.
        """
        seen = privatelink.survey(request.scope, request.looks_at("notifications"))
        memory = connection_memory.take_down(self._ledger, request.answers, seen.looked_at)
        return replace(seen, memory=memory, holds=connection_memory.holds(self._ledger))

    def connections(self, service_ids: Sequence[str]) -> tuple[Connection, ...]:
        """The connections of these services, and nothing else."""
        return tuple(privatelink.connections(tuple(service_ids))) if service_ids else ()

    def organization(
        self,
        owners: Collection[str],
        units: bool,
        policy: OrganizationPolicy | None,
        law: DecisionContext,
    ) -> Organization:
        """Where the owners stand; not knowing it is no error."""
        if policy is None:
            return Organization(why="the policy names no organization")
        return connection_memory.organization(
            self._ledger,
            owners,
            partial(organizations.look_up, units=units, policy=policy),
            units=units,
            execution=law.execution,
            now=law.now,
        )

    def alignments(
        self, checks: Sequence[ZoneCheck], law: DecisionContext
    ) -> Mapping[str, Alignment]:
        """By endpoint how its zones meet its service's."""
        sides = zones.consumer_sides(to_read(checks, law), law.us)
        return {each.endpoint_id: each for each in alignments(checks, sides, law)}

    def unmark(self, connection_ids: Collection[str]) -> None:
        """Take our tags from connections that aren't ours to cut."""
        privatelink.unmark(connection_ids, MARKS)

    def forget(self, writes: Sequence[Write]) -> None:
        """Forget what is over; what changed meanwhile is kept."""
        self._ledger.write(writes)
