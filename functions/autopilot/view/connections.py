"""Services of this account with their connections: who decided each, by which rule, since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from autopilot.connections.facts import Connection, Remembered, Service
from autopilot.connections.holds import HoldRow
from autopilot.connections.messages import HELD, NOT_ALLOWED, PLANNED_ANSWER
from autopilot.notify.finding import Finding
from autopilot.view.model import ConnectionView, ServiceView
from autopilot.view.seen import Seen, name_of
from autopilot.view.zone_map import zone_map

# A stage's place in a list: whoever waits comes first, what is over last.
_RANK = {"asking": 0, "unknown": 2, "live": 3, "over": 4}
_NOT_ALLOWED = 1
_SETTLED = {"live": ("accepted",), "over": ("rejected",)}
_UNDER_WAY = {"accepting": "accepted", "rejecting": "rejected", "cutting": "cut"}


def services(seen: Seen) -> tuple[ServiceView, ...]:
    """The account's endpoint services, those first to which somebody waits."""
    told = {id_: finding for id_, (finding, _) in seen.findings.items()}
    by_service: dict[str, list[Connection]] = {}
    for connection in seen.connections.connections:
        if connection.endpoint_id:  # a transit gateway's attachment has none
            by_service.setdefault(connection.service_id, []).append(connection)
    found = {
        service.id: _service(service, by_service.get(service.id, ()), seen, told)
        for service in seen.connections.services
    }
    first = {
        id_: min((_rank(each, told) for each in by_service.get(id_, ())), default=len(_RANK))
        for id_ in found
    }
    return tuple(sorted(found.values(), key=lambda s: (first[s.id], s.id)))


def _service(
    service: Service,
    there: list[Connection] | tuple[()],
    seen: Seen,
    told: Mapping[str, Finding],
) -> ServiceView:
    ranked = sorted(there, key=lambda each: (_rank(each, told), each.created, each.endpoint_id))
    return ServiceView(
        id=service.id,
        name=name_of(service),
        service_name=service.name,
        load_balancers=service.load_balancer_arns,
        zone_ids=service.zone_ids,
        connections=tuple(_view(each, service, seen, told) for each in ranked),
        zone_map=zone_map(service, ranked, seen),
    )


def _rank(connection: Connection, told: Mapping[str, Finding]) -> int:
    if f"{NOT_ALLOWED.kind}/{connection.subject}" in told:
        return _NOT_ALLOWED
    return _RANK[connection.stage]


def _view(
    connection: Connection, service: Service, seen: Seen, told: Mapping[str, Finding]
) -> ConnectionView:
    since, by, rule, reason = _decided(connection, service, seen, told)
    return ConnectionView(
        endpoint_id=connection.endpoint_id,
        service_id=service.id,
        service_name=service.name,
        owner=connection.owner,
        region=connection.region or seen.stack.region,
        state=connection.state,
        since=_moment(since),
        by=by,
        rule=rule,
        reason=reason,
    )


def _decided(
    connection: Connection, service: Service, seen: Seen, told: Mapping[str, Finding]
) -> tuple[str, str, str, str]:
    """Since when it is so, by whom, by which rule, and why."""
    memory = seen.connections.memory.get(connection.subject)
    if why := seen.unread.get("the ledger"):
        return "", "", "", f"who decided it isn't known: the ledger can't be read ({why})"
    if connection.stage == "asking":
        return _asking(connection, memory, seen, told)
    if memory and memory.state in _SETTLED.get(connection.stage, ()):
        return memory.at, memory.by, memory.rule, memory.reason
    if connection.stage == "live":
        return _live(connection, service, memory, told)
    return "", "", "", f"its state is {connection.state}, and nobody remembers why"


def _asking(
    connection: Connection, memory: Remembered | None, seen: Seen, told: Mapping[str, Finding]
) -> tuple[str, str, str, str]:
    since, row = connection.created, seen.connections.holds.get(connection.endpoint_id)
    if row and row.being_answered(seen.now):
        return since, row.by, "", f"{row.answer} is being carried out: {row.reason or 'no reason'}"
    if memory and memory.fresh(seen.now):
        verb = _UNDER_WAY.get(memory.state, memory.state)
        return since, memory.by, memory.rule, f"being {verb}: {memory.reason}"
    return since, "", "", why_it_waits(connection, row, seen, told)


def why_it_waits(
    connection: Connection, row: HoldRow | None, seen: Seen, told: Mapping[str, Finding]
) -> str:
    """Why nothing has decided a request: in the workflow's words, as far as ops were told."""
    if held := told.get(f"{HELD.kind}/{connection.subject}"):
        return held.text("reason")
    if planned := told.get(f"{PLANNED_ANSWER.kind}/{connection.subject}"):
        return (
            f"the mode is audit; else it would {planned.text('action')}: {planned.text('reason')}"
        )
    if row and row.stands(seen.now):
        return "it is held; ops are being told why"
    return "nothing has looked at it yet; the next look decides it"


def _live(
    connection: Connection,
    service: Service,
    memory: Remembered | None,
    told: Mapping[str, Finding],
) -> tuple[str, str, str, str]:
    if memory and memory.state == "cutting":
        return memory.at, memory.by, memory.rule, f"being cut: {memory.reason}"
    if memory and memory.state == "accepting":
        return (
            "",
            "",
            "",
            "an acceptance of ours had begun, and nobody knows whether it was that one",
        )
    if found := told.get(f"{NOT_ALLOWED.kind}/{connection.subject}"):
        return "", found.text("accepted_by"), found.text("rule"), found.text("reason")
    if not service.acceptance_required:
        return "", "", "", "the service accepts by itself"
    return (
        "",
        "",
        "",
        "nobody remembers who accepted it, so it isn't cut for want of a rule",
    )


def _moment(at: str) -> str:
    """An instant with seconds, in UTC; "" for what is none."""
    try:
        return datetime.fromisoformat(at).isoformat(timespec="seconds")
    except ValueError:
        return ""
