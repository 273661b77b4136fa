"""Whose zones to compare, what is accepted now above all; and what comparing them comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autopilot.core.connections.decision import Law
from autopilot.core.connections.items import Decided
from autopilot.core.connections.plan import Consumer, ZoneCheck
from autopilot.core.connections.request import ConnectionRequest
from autopilot.core.zones import Alignment, ConsumerSide, compare

MOST_CONSUMERS = 300
"""Endpoints in one plan: it must fit into a state of the workflow."""


def to_compare(
    decided: Sequence[Decided], turn: Iterable[Decided], request: ConnectionRequest, law: Law
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
        if request.looks_at("zones") and each.endpoint_id not in taken and _lives(each, law)
    ]
    every = [each for each in (*accepted, *living) if each.case.service is not None]
    return checks(every[:MOST_CONSUMERS]), max(0, len(every) - MOST_CONSUMERS)


def _lives(each: Decided, law: Law) -> bool:
    """Whether it lives, is to, and its zones may be read."""
    living = each.case.connection.stage == "live" and each.verdict.action == "leave"
    return living and readable(each.case.connection.owner, law)


def _was_accepted(each: Decided, request: ConnectionRequest) -> bool:
    """Whether an earlier round of this execution accepted it."""
    return any(
        outcome.verdict == "accept"
        and outcome.result == "done"
        and outcome.service_id == each.case.connection.service_id
        and each.endpoint_id in outcome.endpoint_ids
        for outcome in request.outcomes
    )


def checks(chosen: Iterable[Decided]) -> tuple[ZoneCheck, ...]:
    """One check for each service, sorted by its id."""
    by_service: dict[str, list[Decided]] = {}
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


def readable(owner: str, law: Law) -> bool:
    """Whether the owner's zones may be read: it is us, or a peer as far as we know."""
    if owner == law.us.account:
        return True
    return any(
        owner == peer.value
        if peer.kind == "account"
        else law.organization.holds(owner, peer.value) is not False
        for peer in law.policy.zones.peers
    )


def _consumer(each: Decided) -> Consumer:
    connection = each.case.connection
    return Consumer(connection.endpoint_id, connection.owner, connection.region)


def to_read(wanted: Iterable[ZoneCheck], law: Law) -> dict[str, list[str]]:
    """The endpoints whose owners' accounts are to be read, by owner."""
    found: dict[str, list[str]] = {}
    for check in wanted:
        for consumer in check.endpoints:
            if _is_here(consumer, law) and readable(consumer.owner, law):
                found.setdefault(consumer.owner, []).append(consumer.endpoint_id)
    return found


def alignments(
    wanted: Iterable[ZoneCheck], sides: Mapping[str, ConsumerSide | str], law: Law
) -> tuple[Alignment, ...]:
    """How each endpoint's zones meet its service's; `sides` by endpoint, a text: why not known."""
    return tuple(
        _alignment(check, consumer, sides.get(consumer.endpoint_id), law)
        for check in wanted
        for consumer in check.endpoints
    )


def _alignment(
    check: ZoneCheck, consumer: Consumer, side: ConsumerSide | str | None, law: Law
) -> Alignment:
    about = check.service_id, consumer.endpoint_id, consumer.owner
    if not _is_here(consumer, law):
        return Alignment(*about, "not_applicable", f"the endpoint is in {consumer.region}")
    if isinstance(side, ConsumerSide):
        return compare(*about, check.zone_ids, side)
    why = side or f"account {consumer.owner} isn't among zones.peers"
    return Alignment(*about, "unknown", why)


def _is_here(consumer: Consumer, law: Law) -> bool:
    return consumer.region in ("", law.us.region)
