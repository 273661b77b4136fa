"""Whose zones to compare, what is accepted now above all; and what comparing them comes to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from autopilot.connections import zones
from autopilot.connections.calls import Advice
from autopilot.connections.decision import DecidedFacts, DecidedRequest, DecisionContext, Verdict
from autopilot.connections.items import in_turn
from autopilot.connections.messages import ZONE_ADVICE, ZONES_MISALIGNED
from autopilot.connections.plan import Consumer, ZoneCheck
from autopilot.connections.request import LookRequest, ZonesRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity

MOST_CONSUMERS = 300
"""Endpoints in one plan: it must fit into a state of the workflow."""

ReadSides = Callable[
    [Mapping[str, Collection[str]], StackIdentity], Mapping[str, zones.ConsumerSide | str]
]
"""Reads, by owner, these endpoints: what the owner's account shows of each, or why nobody knows."""


def accepted_where_zones_fit(
    seen: DecidedFacts, request: LookRequest, read: ReadSides
) -> DecidedFacts:
    """The same, but what is about to be accepted is held if its zones don't fit the service's."""
    context, require = seen.context, seen.context.policy.zones.require
    turn = in_turn(seen.to_answer, request)
    wanted = _checks(each for each in turn if each.verdict.action == "accept")
    found = alignments(wanted, read, context)
    wrong = {each.endpoint_id for each in found if zones.misaligned(each, require)}
    return replace(seen, connections=tuple(_unless(each, wrong) for each in seen.connections))


def _unless(each: DecidedRequest, wrong: Collection[str]) -> DecidedRequest:
    if each.verdict.action != "accept" or each.endpoint_id not in wrong:
        return each
    rule = each.verdict.rule
    reason = f"{rule} allows it, but its zones don't fit the service's"
    return replace(each, verdict=Verdict("hold", reason, rule))


def to_compare(
    seen: DecidedFacts, turn: Iterable[DecidedRequest], request: LookRequest
) -> tuple[tuple[ZoneCheck, ...], int]:
    """The endpoints to compare, and how many more there would be.

    What this execution accepts comes first, whoever owns it: ops hear too that its zones can't be
    known.
    """
    decided, now = seen.connections, {e.endpoint_id for e in turn if e.verdict.action == "accept"}
    accepted = [each for each in decided if each.endpoint_id in now or _was_accepted(each, request)]
    taken = {each.endpoint_id for each in accepted}
    others = [each for each in decided if each.endpoint_id not in taken]
    living = [e for e in others if request.looks_at("zones") and _lives(e, seen.context)]
    every = [each for each in (*accepted, *living) if each.request.service is not None]
    return _checks(every[:MOST_CONSUMERS]), max(0, len(every) - MOST_CONSUMERS)


def _lives(each: DecidedRequest, context: DecisionContext) -> bool:
    """Whether it lives, is to, and its zones may be read."""
    living = each.request.connection.stage == "live" and each.verdict.action == "leave"
    return living and _is_readable(each.owner, context)


def _was_accepted(each: DecidedRequest, request: LookRequest) -> bool:
    """Whether an earlier round of this execution accepted it."""
    return any(
        each.subject in outcome.item.subjects(outcome.done)
        for outcome in request.outcomes
        if outcome.item.verdict == "accept"
    )


def _checks(chosen: Iterable[DecidedRequest]) -> tuple[ZoneCheck, ...]:
    """One check for each service, sorted by its id."""
    checks: dict[str, ZoneCheck] = {}
    for each in chosen:
        zone_ids = each.request.service.zone_ids if each.request.service else ()
        none_yet = ZoneCheck(each.service_id, each.service_name, zone_ids, ())
        check = checks.get(each.service_id, none_yet)
        consumer = Consumer(each.endpoint_id, each.owner, each.request.connection.region)
        checks[each.service_id] = replace(check, endpoints=(*check.endpoints, consumer))
    return tuple(check for _, check in sorted(checks.items()))


def _is_readable(owner: str, context: DecisionContext) -> bool:
    """Whether the owner's zones may be read: it is us, or a peer as far as we know."""
    if owner == context.stack.account:
        return True
    return any(
        owner == peer.value
        if peer.kind == "account"
        else context.organization.holds(owner, peer.value) is not False
        for peer in context.policy.zones.peers
    )


def _to_read(wanted: Iterable[ZoneCheck], context: DecisionContext) -> dict[str, list[str]]:
    """The endpoints whose owners' accounts are to be read, by owner."""
    found: dict[str, list[str]] = {}
    for check in wanted:
        for consumer in check.endpoints:
            if _is_here(consumer, context) and _is_readable(consumer.owner, context):
                found.setdefault(consumer.owner, []).append(consumer.endpoint_id)
    return found


def alignments(
    wanted: Collection[ZoneCheck], read: ReadSides, context: DecisionContext
) -> tuple[zones.Alignment, ...]:
    """How each endpoint's zones meet its service's."""
    sides = read(_to_read(wanted, context), context.stack)
    return tuple(
        _alignment(check, consumer, sides.get(consumer.endpoint_id), context)
        for check in wanted
        for consumer in check.endpoints
    )


def report(
    asked: ZonesRequest, read: ReadSides, advice: Iterable[Finding], context: DecisionContext
) -> zones.ZonesReport:
    """What comparing comes to, and the advice on refused endpoints."""
    names = {check.service_id: check.service_name for check in asked.zones}
    found = alignments(asked.zones, read, context)
    every = tuple(sorted(found, key=lambda alignment: alignment.subject))
    wrong = [each for each in every if zones.misaligned(each, context.policy.zones.require)]
    return zones.ZonesReport(
        every,
        (*(_finding(each, names) for each in wrong), *advice),
        looked_at=tuple(each.subject for each in every if each.status != "unknown"),
    )


def _finding(alignment: zones.Alignment, names: Mapping[str, str]) -> Finding:
    told = encode(alignment)
    del told["why"]
    told["service_name"] = names.get(alignment.service_id, "")
    return ZONES_MISALIGNED.about(alignment.subject, told)


def explained(advice: Advice, zone_ids: Collection[str], zone_of: Mapping[str, str]) -> Finding:
    """Which subnets would have worked for an endpoint that was refused."""
    why = "" if zone_ids else "AWS names no zone of the service"
    return _advice(advice, zones.advised(zone_ids, advice.subnet_ids, zone_of), why)


def unexplained(advice: Advice, why: str) -> Finding:
    """Why it can't be worked out which subnets would have."""
    return _advice(advice, zones.advised((), (), {}), why)


def _advice(advice: Advice, worked_out: Mapping[str, Any], why: str) -> Finding:
    told = encode(advice)
    del told["subnet_ids"]
    subject = f"{advice.vpc_id}/{advice.service_name}"
    return ZONE_ADVICE.about(subject, {**told, **worked_out, "why": why})


def _alignment(
    check: ZoneCheck,
    consumer: Consumer,
    side: zones.ConsumerSide | str | None,
    context: DecisionContext,
) -> zones.Alignment:
    found = zones.Alignment(check.service_id, consumer.endpoint_id, consumer.owner, "unknown")
    if not _is_here(consumer, context):
        why = f"the endpoint is in {consumer.region}"
        return replace(found, status="not_applicable", why=why)
    if isinstance(side, zones.ConsumerSide):
        return zones.compare(found, check.zone_ids, side)
    return replace(found, why=side or f"account {consumer.owner} isn't among zones.peers")


def _is_here(consumer: Consumer, context: DecisionContext) -> bool:
    return consumer.region in ("", context.stack.region)
