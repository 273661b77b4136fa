"""What waits for a person or for its time: requests, busy tables, new ones, what stepped aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from autopilot.connections.facts import Connection
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Row
from autopilot.notify.phrases import conjoined, counted, listed, service_of
from autopilot.policy.names import proper_name
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.connections import why_it_waits
from autopilot.view.model import Waiting
from autopilot.view.routes import Routes, waiting_tables
from autopilot.view.seen import Seen, Source, name_of

REQUEST, GRACE, STEPPED_ASIDE = "request", "Grace", "SteppedAside"
# Without these the plan doesn't say which tables are busy.
_OF_TABLES: tuple[Source, ...] = (
    "route tables",
    "VPC endpoints",
    "network interfaces",
    "the ledger",
)


def waiting(seen: Seen, routes: Routes, names: Mapping[str, str]) -> tuple[Waiting, ...]:
    """Requests, oldest first; then what waits for another decision; then what needs only time."""
    found = (
        *_requests(seen, names),
        *_busy_tables(seen, routes, names),
        *_in_grace(seen, routes),
        *_stepped_aside(seen, names),
    )
    return tuple(sorted(found, key=lambda w: (_rank(w), w.since, w.subject)))


def _rank(each: Waiting) -> int:
    if each.kind == REQUEST:
        return 0
    return 2 if each.until else 1


def _requests(seen: Seen, names: Mapping[str, str]) -> Iterator[Waiting]:
    told = {id_: finding for id_, (finding, _) in seen.findings.items()}
    services = {service.id: service for service in seen.connections.services}
    for each in seen.connections.connections:
        if not _waits_for_a_person(each, seen) or each.service_id not in services:
            continue
        row = seen.connections.holds.get(each.endpoint_id)
        held = row if row and row.stands(seen.now) else None
        yield Waiting(
            kind=REQUEST,
            subject=each.subject,
            name=names.get(each.service_id, ""),
            since=_seconds(each.created),
            until=_seconds(held.expires.isoformat()) if held else "",
            then="it is rejected" if held else "",
            reason=why_it_waits(each, row, seen, told),
            owner=each.owner,
            service_id=each.service_id,
        )


def _waits_for_a_person(connection: Connection, seen: Seen) -> bool:
    """Whether it asks, and nobody is answering it at this moment."""
    memory = seen.connections.memory.get(connection.subject)
    row = seen.connections.holds.get(connection.endpoint_id)
    answered = (memory and memory.fresh(seen.now)) or (row and row.being_answered(seen.now))
    return bool(connection.endpoint_id) and connection.stage == "asking" and not answered


def _busy_tables(seen: Seen, routes: Routes, names: Mapping[str, str]) -> Iterator[Waiting]:
    if not seen.unread.keys().isdisjoint(_OF_TABLES):
        return
    for finding in waiting_tables(routes.plan):
        known = seen.findings.get(finding.id)
        until = str(finding.data.get("until") or "")
        yield Waiting(
            kind=finding.kind,
            subject=finding.subject,
            name=names.get(finding.subject.partition("/")[0], ""),
            since=_seconds(str(known[1].body["first_seen"])) if known else "",
            until=_seconds(until),
            then=_then("they get their routes", seen) if until else "",
            reason=_busy(finding),
        )


def _busy(finding: Finding) -> str:
    tables = finding.data["route_table_ids"]
    many = f"{counted(len(tables), 'busy route table')} ({listed(tables)})"
    service = proper_name(service_of(finding.subject))
    return f"{many} without a route to {service}: attaching drops open connections"


def _in_grace(seen: Seen, routes: Routes) -> Iterator[Waiting]:
    """New tables that wait for an endpoint of their own tool, as far as a look has seen them."""
    inside = {table.id: table for table in seen.network.route_tables}
    for row in _standing(seen.rows.get(FIRST_SEEN, ()), seen.now):
        table = inside.get(row.key.sk)
        if table and (services := routes.in_grace(table)):
            to = conjoined(map(proper_name, services))
            yield Waiting(
                kind=GRACE,
                subject=table.id,
                name=name_of(table),
                since=_seconds(row.claimed_at),
                until=_seconds(str(row.body["until"])),
                then=_then("it gets its routes", seen),
                reason=f"it is new and has no route to {to}: its own tool may bring an endpoint",
            )


def _stepped_aside(seen: Seen, names: Mapping[str, str]) -> Iterator[Waiting]:
    """What was taken away so that somebody's call goes through. Stacks' rows say nothing of it."""
    there = {*names, *(t.id for t in seen.network.route_tables)}
    there |= {subnet.id for subnet in seen.interfaces.subnets}
    for row in _standing(seen.rows.get(WITHDRAWN, ()), seen.now):
        id_ = row.key.sk.partition("/")[0]
        if id_ in there:
            yield Waiting(
                kind=STEPPED_ASIDE,
                subject=row.key.sk,
                name=names.get(id_, ""),
                since=_seconds(row.claimed_at),
                until=_seconds(str(row.body["until"])),
                then=_then("it is served again, if it is still there", seen),
                reason="somebody's call was refused because of the automation's endpoint",
            )


def _then(then: str, seen: Seen) -> str:
    audit = "its time is over (the mode is audit: nothing changes)"
    return audit if seen.policy.mode == "audit" else then


def _standing(rows: Iterable[Row], now: datetime) -> Iterator[Row]:
    return (row for row in rows if datetime.fromisoformat(str(row.body["until"])) > now)


def _seconds(at: str) -> str:
    return at and datetime.fromisoformat(at).isoformat(timespec="seconds")
