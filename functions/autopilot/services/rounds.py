"""What one look may change, what it leaves to the next, and what it gives up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from autopilot.notify.finding import Finding
from autopilot.reconcile.rounds import LAST_ROUND
from autopilot.services.plan import PublishRequest, ServiceItem, ServiceOutcome, change_failed

MOST_ITEMS = 50
# Bytes of one execution's items and outcomes: a state of the workflow carries 256 KiB, all in all.
_ROOM = 110_000
_MOST_FINDINGS = 60_000
# What each outcome adds to its item: the error and AWS's words, cut.
_WORDS = 900

NO_EFFECT = "NoEffect"
MOST_WAITS = 20
"""How often an execution waits for what AWS sets up."""
_WAIT = 30
# A zone that its load balancer has gained becomes a service's with a change of that service some
# minutes later (PrivateLink guide): the change is tried again after so many waits.
_WAITS_FOR_ZONES = 5


def in_turn(wanted: Sequence[ServiceItem], request: PublishRequest) -> tuple[ServiceItem, ...]:
    """Those of the wanted changes that this look may carry out.

    Any that this execution hasn't tried, and what came out stale, until the last round; never what
    failed, nor what was done and is wanted still, so that an execution ends. Verifying a private
    name is tried once, whatever comes of it.
    """
    if request.round_number > LAST_ROUND:
        return ()
    room = _ROOM - sum(_size(outcome.item) for outcome in request.outcomes)
    turn: list[ServiceItem] = []
    for item in _to_try(wanted, request)[:MOST_ITEMS]:
        room -= _size(item)
        if room < 0 and (turn or request.outcomes):
            break
        turn.append(item)
    return tuple(turn)


def more(
    wanted: Sequence[ServiceItem], turn: Sequence[ServiceItem], request: PublishRequest
) -> int:
    """How many changes another execution must do: none if this one got nothing done at all."""
    done = request.round_number == 1 or any(o.result == "done" for o in request.outcomes)
    last = _last(request)
    untried = [item for item in wanted if item.id not in last and item not in turn]
    return len(untried) if done and not turn else 0


def given_up(wanted: Iterable[ServiceItem], request: PublishRequest) -> tuple[Finding, ...]:
    """Changes still wanted that stayed stale through all rounds, or were made to no effect."""
    last = _last(request)
    slow = settling(wanted, request)
    tried = [
        last[item.id]
        for item in wanted
        if item.id in last and item.action != "verify" and item not in slow
    ]
    return tuple(
        change_failed(_without_effect(outcome) if outcome.result == "done" else outcome)
        for outcome in tried
        if outcome.result == "done"
        or (outcome.result == "stale" and request.round_number > LAST_ROUND)
    )


def settling(wanted: Iterable[ServiceItem], request: PublishRequest) -> tuple[ServiceItem, ...]:
    """Changes of zones that were made and don't show yet, while there is time left for them."""
    last = _last(request)
    return tuple(
        item
        for item in wanted
        if item.only_zones
        and item.id in last
        and last[item.id].result == "done"
        and request.waits < MOST_WAITS
    )


def wait(slow: int, request: PublishRequest) -> int:
    """After how many seconds to look again at `slow` things that AWS sets up, 0: it is too late."""
    return _WAIT if slow and request.waits < MOST_WAITS else 0


def that_fit(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The first findings until the plan is full."""
    room, told = _MOST_FINDINGS, list[Finding]()
    for finding in sorted(findings, key=lambda finding: finding.id):
        room -= len(json.dumps(finding.to_json()))
        if room >= 0:
            told.append(finding)
    return tuple(told)


def _to_try(wanted: Sequence[ServiceItem], request: PublishRequest) -> list[ServiceItem]:
    last, slow = _last(request), settling(wanted, request)
    return [
        item
        for item in wanted
        if item.id not in last
        or (last[item.id].result == "stale" and item.action != "verify")
        or (item in slow and _is_due(item, request))
    ]


def _is_due(item: ServiceItem, request: PublishRequest) -> bool:
    tries = sum(outcome.id == item.id for outcome in request.outcomes)
    return request.waits >= tries * _WAITS_FOR_ZONES


def _last(request: PublishRequest) -> Mapping[str, ServiceOutcome]:
    return {outcome.id: outcome for outcome in request.outcomes}


def _size(item: ServiceItem) -> int:
    return len(json.dumps(item.to_json())) + _WORDS


def _without_effect(outcome: ServiceOutcome) -> ServiceOutcome:
    words = "AWS took the change, and the next look didn't show it"
    return ServiceOutcome(outcome.item, "failed", NO_EFFECT, words)
