"""Zones by ID: where a service stands, and where each consumer's endpoint meets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autopilot.connections.facts import Connection, Service
from autopilot.connections.messages import ZONES_MISALIGNED
from autopilot.connections.zone_rows import found
from autopilot.connections.zones import Alignment, ConsumerSide, compare
from autopilot.reconcile.codec import decode
from autopilot.view.model import Served, ZoneRow
from autopilot.view.seen import Seen

# With one of these an endpoint's zones are of no interest any more.
_COUNTED = ("asking", "live")


def zone_map(service: Service, there: Iterable[Connection], seen: Seen) -> tuple[ZoneRow, ...]:
    """The provider's row, then one for each endpoint that waits for the service or uses it.

    Our own account's endpoints are compared here, as the zone check does it; of others' it is
    known what that check has found last.
    """
    if not service.interface:
        return ()
    provider = ZoneRow("", seen.stack.account, dict.fromkeys(service.zone_ids, "served"))
    consumers = (
        ZoneRow(each.endpoint_id, each.owner, _zones(each, service, seen))
        for each in there
        if each.stage in _COUNTED
    )
    return (provider, *consumers)


def _zones(connection: Connection, service: Service, seen: Seen) -> dict[str, Served]:
    meets = next(_alignments(connection, service, seen), None)
    if meets is None or meets.status in ("unknown", "not_applicable"):
        return dict.fromkeys(service.zone_ids, "unknown")
    missing = (*meets.lost, *meets.would_serve, *meets.never)
    zones: dict[str, Served] = dict.fromkeys(sorted(missing), "missing")
    return {**zones, **dict.fromkeys(meets.shared, "served")}


def _alignments(connection: Connection, service: Service, seen: Seen) -> Iterator[Alignment]:
    """How the zones meet, the freshest first."""
    if side := _own(connection, seen):
        none_yet = Alignment(service.id, connection.endpoint_id, connection.owner, "unknown")
        yield compare(none_yet, service.zone_ids, side)
    if row := seen.compared.get(connection.subject):
        yield found(row)
    # A release without such rows told only what doesn't meet.
    if told := seen.findings.get(f"{ZONES_MISALIGNED.kind}/{connection.subject}"):
        yield decode(Alignment, told[0].data)


def _own(connection: Connection, seen: Seen) -> ConsumerSide | None:
    """What our own account shows of an endpoint; None of others', or if it can't be read."""
    facts = seen.interfaces
    if connection.owner != seen.stack.account or not {"subnets", "VPC endpoints"}.isdisjoint(
        seen.unread
    ):
        return None
    endpoint = next((e for e in facts.endpoints if e.id == connection.endpoint_id), None)
    if endpoint is None:
        return None
    zone_of = {subnet.id: subnet.zone_id for subnet in facts.subnets_of(endpoint.vpc_id)}
    return ConsumerSide(endpoint.subnet_ids, zone_of)
