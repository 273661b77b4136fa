"""Whose zones to compare, what is accepted now above all; and what comparing them comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autopilot.connections.decision import DecisionContext
from autopilot.connections.items import DecidedRequest
from autopilot.connections.messages import ZONES_MISALIGNED
from autopilot.connections.plan import Consumer, ZoneCheck
from autopilot.connections.request import ConnectionsRequest
from autopilot.connections.zones import (
    Alignment,
    ConsumerSide,
    Require,
    ZonesReport,
    compare,
    misaligned,
)
from autopilot.notify.finding import Finding

MOST_CONSUMERS = 300
"""Endpoints in one plan: it must fit into a state of the workflow."""


def to_compare(
    decided: Sequence[DecidedRequest],
    turn: Iterable[DecidedRequest],
    request: ConnectionsRequest,
    context: DecisionContext,
) -> tuple[tuple[ZoneCheck, ...], int]:
    """The endpoints to compare, and how many more there would be.

    What this execution accepts comes first, whoever owns it: ops hear too that its zones can't be
    known.
    """
    now = {each.endpoint_id for each in turn if each.verdict.action == "accept"}
    accepted = [each for each in decided if each.endpoint_id in now or _was_accepted(each, request)]
    taken = {each.endpoint_id for each in accepted}
    living = [
        each
        for each in decided
        if request.looks_at("zones") and each.endpoint_id not in taken and _lives(each, context)
    ]
    every = [each for each in (*accepted, *living) if each.case.service is not None]
    return checks(every[:MOST_CONSUMERS]), max(0, len(every) - MOST_CONSUMERS)


def _lives(each: DecidedRequest, context: DecisionContext) -> bool:
    """Whether it lives, is to, and its zones may be read."""
    living = each.case.connection.stage == "live" and each.verdict.action == "leave"
    return living and readable(each.case.connection.owner, context)


def _was_accepted(each: DecidedRequest, request: ConnectionsRequest) -> bool:
    """Whether an earlier round of this execution accepted it."""
    return any(
        outcome.verdict == "accept"
        and outcome.result == "done"
        and outcome.service_id == each.case.connection.service_id
        and each.endpoint_id in outcome.endpoint_ids
        for outcome in request.outcomes
    )


def checks(chosen: Iterable[DecidedRequest]) -> tuple[ZoneCheck, ...]:
    """One check for each service, sorted by its id."""
    by_service: dict[str, list[DecidedRequest]] = {}
    for each in chosen:
        by_service.setdefault(each.case.connection.service_id, []).append(each)
    return tuple(
        ZoneCheck(
            service_id,
            group[0].case.service.name if group[0].case.service else "",
            group[0].case.service.zone_ids if group[0].case.service else (),
            tuple(_consumer(each) for each in group),
        )
        for service_id, group in sorted(by_service.items())
    )


def readable(owner: str, context: DecisionContext) -> bool:
    """Whether the owner's zones may be read: it is us, or a peer as far as we know."""
    if owner == context.us.account:
        return True
    return any(
        owner == peer.value
        if peer.kind == "account"
        else context.organization.holds(owner, peer.value) is not False
        for peer in context.policy.zones.peers
    )


def _consumer(each: DecidedRequest) -> Consumer:
    connection = each.case.connection
    return Consumer(connection.endpoint_id, connection.owner, connection.region)


def to_read(wanted: Iterable[ZoneCheck], context: DecisionContext) -> dict[str, list[str]]:
    """The endpoints whose owners' accounts are to be read, by owner."""
    found: dict[str, list[str]] = {}
    for check in wanted:
        for consumer in check.endpoints:
            if _is_here(consumer, context) and readable(consumer.owner, context):
                found.setdefault(consumer.owner, []).append(consumer.endpoint_id)
    return found


def alignments(
    wanted: Iterable[ZoneCheck], sides: Mapping[str, ConsumerSide | str], context: DecisionContext
) -> tuple[Alignment, ...]:
    """How each endpoint's zones meet its service's; `sides` by endpoint, a text: why not known."""
    return tuple(
        _alignment(check, consumer, sides.get(consumer.endpoint_id), context)
        for check in wanted
        for consumer in check.endpoints
    )


def _alignment(
    check: ZoneCheck, consumer: Consumer, side: ConsumerSide | str | None, context: DecisionContext
) -> Alignment:
    about = check.service_id, consumer.endpoint_id, consumer.owner
    if not _is_here(consumer, context):
        return Alignment(*about, "not_applicable", f"the endpoint is in {consumer.region}")
    if isinstance(side, ConsumerSide):
        return compare(*about, check.zone_ids, side)
    why = side or f"account {consumer.owner} isn't among zones.peers"
    return Alignment(*about, "unknown", why)


def _is_here(consumer: Consumer, context: DecisionContext) -> bool:
    return consumer.region in ("", context.us.region)


def report(
    alignments: Iterable[Alignment],
    names: Mapping[str, str],
    require: Require,
    advice: Iterable[Finding] = (),
) -> ZonesReport:
    """What comparing comes to; `names` are the services' by their ids."""
    every = tuple(sorted(alignments, key=lambda alignment: alignment.subject))
    findings = [_finding(alignment, names) for alignment in every if misaligned(alignment, require)]
    known = tuple(alignment.subject for alignment in every if alignment.status != "unknown")
    return ZonesReport(every, (*findings, *advice), known)


def _finding(alignment: Alignment, names: Mapping[str, str]) -> Finding:
    told = alignment.to_json()
    del told["why"]
    told["service_name"] = names.get(alignment.service_id, "")
    return ZONES_MISALIGNED.about(alignment.subject, told)
