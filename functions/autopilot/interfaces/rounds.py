"""Looks of one execution: what a further one may still change, what it gives up, when it waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autopilot.interfaces.draft import Draft
from autopilot.interfaces.items import Item, content
from autopilot.interfaces.outcome import Outcome
from autopilot.interfaces.request import InterfaceRequest
from autopilot.notify.finding import Finding

# A state of the workflow carries 256 KiB; an item has up to 900 bytes, an outcome up to 500.
MOST_ITEMS = 100
MOST_OUTCOMES = 200
LAST_ROUND = 46
"""Looks, those that only wait included. AWS takes minutes to delete an endpoint, and no event says
when it is over (openshift/hypershift #9517): with these waits there is half an hour for it."""

MOST_TRIES = 4
_WAIT = 20
_SLOWLY = 60
# What somebody else has to decide, a provider's acceptance, is waited for until here.
_PATIENT_ROUND = 14
# A group that was in use to the end: a later look finds it free.
_NO_MATTER = frozenset({"InUse"})


def in_turn(items: Iterable[Item], request: InterfaceRequest) -> list[Item]:
    """Those of the wanted changes that this execution may still carry out.

    Never what failed, nor what was done and shows no effect (a look trails the changes), so that
    an execution ends; what came out stale a few times.
    """
    if request.looks > LAST_ROUND:
        return []
    return [item for item in items if _may(item, _of(item, request))]


def _may(item: Item, before: Sequence[Outcome]) -> bool:
    if not before:
        return True
    if before[-1].result == "failed" or len(before) >= MOST_TRIES:
        return False
    asked = content(item)
    return all(o.content != asked for o in before if o.result == "done")


def that_fit(items: Sequence[Item], request: InterfaceRequest) -> tuple[Item, ...]:
    """The first of the items: as many as a plan and an execution hold."""
    room = max(0, MOST_OUTCOMES - len(request.outcomes))
    return tuple(items[: min(MOST_ITEMS, room)])


def more(wanted: Sequence[Item], planned: Sequence[Item], request: InterfaceRequest) -> int:
    """How many of the wanted changes another execution must do.

    None if this one tried and got nothing done: the rest would start a chain without end.
    """
    if request.outcomes and all(outcome.result != "done" for outcome in request.outcomes):
        return 0
    return len(wanted) - len(planned)


def given_up(items: Iterable[Item], request: InterfaceRequest) -> tuple[Finding, ...]:
    """Changes still wanted that stayed stale until the end, as findings that they failed."""
    found = []
    for item in items:
        before = _of(item, request)
        over = len(before) >= MOST_TRIES or request.looks > LAST_ROUND
        if before and before[-1].result == "stale" and over:
            found += [change_failed(before[-1])] if before[-1].error not in _NO_MATTER else []
    return tuple(found)


def wait(wanted: Draft, request: InterfaceRequest) -> int:
    """After how many seconds to look again, 0 if there is no need.

    What is being deleted is waited for, whoever deletes it, first with short breaks. What others
    decide (a provider that has to accept) only if this execution made or changed an endpoint; it is
    looked at for some minutes, then left to the sweep.
    """
    number = request.looks
    touched = any(outcome.kind == "endpoint" for outcome in request.outcomes)
    if number >= (LAST_ROUND if wanted.ending else _PATIENT_ROUND):
        return 0
    if wanted.ending or (wanted.under_way and touched):
        return _WAIT if number < _PATIENT_ROUND else _SLOWLY
    return 0


def change_failed(outcome: Outcome) -> Finding:
    """The finding that a change failed."""
    return Finding(
        "InterfaceChangeFailed",
        outcome.id,
        "failure",
        {
            "what": outcome.kind,
            "action": outcome.action,
            "thing": outcome.thing,
            "service_name": outcome.service_name,
            "error": outcome.error,
            "message": outcome.message,
            "reason": outcome.reason,
        },
    )


def _of(item: Item, request: InterfaceRequest) -> list[Outcome]:
    return [outcome for outcome in request.outcomes if outcome.id == item.id]
