"""The decision on published services: from how things stand and the policy to the plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Severity
from autopilot.policy.model import Policy
from autopilot.reconcile import rounds
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.outcome import last
from autopilot.reconcile.plan import LookedAt
from autopilot.services import messages
from autopilot.services.changes import wanted_changes, way_to_go
from autopilot.services.desired import Kept, Sorted, Unwanted
from autopilot.services.facts import ServicesFacts, subject_of
from autopilot.services.plan import Left, ServiceItem, ServiceOutcome, ServicesPlan, ServicesRequest

MOST_ITEMS = 50
# Bytes of one execution's items and outcomes: a state of the workflow carries 256 KiB, all in all.
_ROOM = 110_000
_MOST_FINDINGS = 60_000
# What each outcome adds to its item: the error and AWS's words, cut.
_WORDS = 900

NO_EFFECT = "NoEffect"
MOST_WAITS = 20
"""How often an execution waits for what AWS sets up."""
_WAIT = 30  # seconds
# A zone that its load balancer has gained becomes a service's with a change of that service some
# minutes later (PrivateLink guide): the change is tried again after so many waits.
_WAITS_FOR_ZONES = 5


def plan(
    found: Sorted, request: ServicesRequest, policy: Policy, stack: StackIdentity
) -> ServicesPlan:
    """The plan for this look, which knows the permissions and connections of what they decide."""
    wanted = tuple(wanted_changes(found, policy, stack))
    audit = policy.mode == "audit"
    turn = () if audit else in_turn(wanted, request)
    findings = (
        *_told(found, wanted, policy),
        *(map(_planned, wanted) if audit else given_up(wanted, request)),
    )
    told = that_fit(findings)
    slow = 0 if audit else len(found.settling) + len(settling(wanted, request))
    left: dict[Left, int] = {
        "audit mode": len(wanted) if audit else 0,
        "already published by others": len(found.foreign),
        "findings too many at once": len(findings) - len(told),
    }
    return ServicesPlan(
        items=turn,
        findings=told,
        looked_at=_looked_at(found.facts, request) if len(told) == len(findings) else (),
        settling=slow,
        look_again=_WAIT if slow and request.waits < MOST_WAITS else 0,
        more=0 if audit else more(wanted, turn, request),
        expect=tuple(dict.fromkeys((*request.expect, *(item.id for item in turn)))),
        left={reason: count for reason, count in left.items() if count},
    )


def in_turn(wanted: Sequence[ServiceItem], request: ServicesRequest) -> tuple[ServiceItem, ...]:
    """Those of the wanted changes that this look may carry out.

    Any that this execution hasn't tried, and what came out stale, until the last round; never what
    failed, nor what was done and is wanted still, so that an execution ends. Verifying a private
    name is tried once, whatever comes of it.
    """
    slow = settling(wanted, request)

    def is_due(item: ServiceItem, before: tuple[ServiceOutcome, ...]) -> bool:
        if item in slow:
            return request.waits >= len(before) * _WAITS_FOR_ZONES
        return not before or (rounds.was_stale(item, before) and item.action != "verify")

    room = _ROOM - sum(_size(outcome.item) for outcome in request.outcomes)
    turn: list[ServiceItem] = []
    for item in rounds.in_turn(wanted, request, is_due)[:MOST_ITEMS]:
        room -= _size(item)
        if room < 0 and (turn or request.outcomes):
            break
        turn.append(item)
    return tuple(turn)


def more(
    wanted: Sequence[ServiceItem], turn: Sequence[ServiceItem], request: ServicesRequest
) -> int:
    """How many changes another execution must do: none if this one got nothing done at all."""
    done = request.round_number == 1 or rounds.got_something_done(request)
    tried = last(request.outcomes)
    untried = [item for item in wanted if item.id not in tried and item not in turn]
    return len(untried) if done and not turn else 0


def given_up(wanted: Sequence[ServiceItem], request: ServicesRequest) -> tuple[Finding, ...]:
    """Changes still wanted that stayed stale through all rounds, or were made to no effect."""
    slow = settling(wanted, request)
    tried = [item for item in wanted if item.action != "verify" and item not in slow]
    ended = last(request.outcomes)
    done = (ended[i.id] for i in tried if i.id in ended and ended[i.id].result == "done")
    in_vain = (*map(_without_effect, done), *rounds.stale_to_the_end(tried, request))
    return tuple(map(messages.change_failed, in_vain))


def settling(wanted: Iterable[ServiceItem], request: ServicesRequest) -> tuple[ServiceItem, ...]:
    """Changes of zones that were made and don't show yet, while there is time left for them."""
    if request.waits >= MOST_WAITS:
        return ()
    done = {id_ for id_, outcome in last(request.outcomes).items() if outcome.result == "done"}
    return tuple(item for item in wanted if item.only_zones and item.id in done)


def that_fit(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The first findings until the plan is full."""
    room, told = _MOST_FINDINGS, list[Finding]()
    for finding in sorted(findings, key=lambda finding: finding.id):
        room -= len(json.dumps(encode(finding)))
        if room >= 0:
            told.append(finding)
    return tuple(told)


def _size(item: ServiceItem) -> int:
    return len(json.dumps(encode(item))) + _WORDS


def _without_effect(outcome: ServiceOutcome) -> ServiceOutcome:
    words = "AWS took the change, and the next look didn't show it"
    return ServiceOutcome(outcome.item, "failed", NO_EFFECT, words)


def _looked_at(facts: ServicesFacts, request: ServicesRequest) -> LookedAt:
    """The subjects in sight, those included that this execution has just made or deleted."""
    if facts.looked_at == "all":
        return "all"
    touched = {o.item.service_id for o in request.outcomes if o.item.service_id}
    touched |= {subject_of(o.item.balancer_arn) for o in request.outcomes if o.item.balancer_arn}
    return tuple(sorted({*facts.looked_at, *touched}))


def _told(found: Sorted, wanted: Iterable[ServiceItem], policy: Policy) -> Iterator[Finding]:
    going = {item.service_id for item in wanted if item.action == "retire"}
    for each in found.unwanted:
        if each.service.id not in going:
            yield _staying(each, found.facts, policy)
    for balancer, service in found.foreign:
        data = {
            "service_id": service.id,
            "service_name": service.name,
            "balancer_arn": balancer.arn,
        }
        yield messages.ALREADY_PUBLISHED.about(balancer.subject, data)
    for kept in found.kept:
        yield from _unverified(kept, policy)


def _staying(each: Unwanted, facts: ServicesFacts, policy: Policy) -> Finding:
    how = way_to_go(each, policy.endpoint_services)
    data = {
        "service_name": each.service.name,
        "reason": each.reason,
        "retire": how,
        "connected": len(facts.connected.get(each.service.id, ())),
    }
    severity: Severity = "action" if how == "report" else "info"
    return messages.UNWANTED.about(each.service.id, data, severity)


def _unverified(kept: Kept, policy: Policy) -> Iterator[Finding]:
    name = kept.service.private_name
    wanted = policy.endpoint_services.private_dns_names.get(kept.named.name)
    if name is None or name.verified or name.name != wanted:
        return
    data = {
        "service_name": kept.service.name,
        "private_name": name.name,
        "state": name.state,
        "record_type": name.record_type,
        "record_name": name.record_name,
        "record_value": name.record_value,
    }
    yield messages.NOT_VERIFIED.about(kept.service.id, data)


def _planned(item: ServiceItem) -> Finding:
    data = {name: value for name, value in encode(item).items() if value and name != "id"}
    return messages.PLANNED_CHANGE.about(item.id, data)
