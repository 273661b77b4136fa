"""What one look may change of what is wanted: the VPCs' quota, a plan's room, earlier rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.messages import QUOTA_NEAR, QUOTA_REACHED, change_failed
from autopilot.interfaces.plan import Draft, EndpointItem, InterfaceOutcome, Item, content
from autopilot.interfaces.request import InterfaceRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile.outcome import tries
from autopilot.reconcile.quota import Limit, near, told
from autopilot.reconcile.rounds import got_something_done

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


def within_quota(
    wanted: Iterable[Item], facts: Facts, limit: Limit
) -> tuple[list[Item], list[Item]]:
    """The changes that the quota still allows, and the creations that it leaves undone."""
    counts = facts.counted
    allowed: list[Item] = []
    undone: list[Item] = []
    for item in wanted:
        if _creates(item) and counts[item.vpc_id] >= limit.value:
            undone.append(item)
        else:
            counts[item.vpc_id] += _creates(item)
            allowed.append(item)
    return allowed, undone


def quota_findings(
    facts: Facts, allowed: Sequence[Item], undone: Sequence[Item], limit: Limit
) -> Iterator[Finding]:
    """What ops should know: in which VPCs the quota stops us, or soon will."""
    counts = facts.counted
    coming = Counter(item.vpc_id for item in allowed if _creates(item))
    without: dict[str, list[str]] = {}
    for item in undone:
        without.setdefault(item.vpc_id, []).append(item.id)
    for vpc_id in sorted(counts.keys() | without.keys()):
        data = told(counts[vpc_id], coming[vpc_id], limit, without.get(vpc_id, ()))
        if vpc_id in without:
            yield QUOTA_REACHED.about(vpc_id, data)
        elif near(counts[vpc_id] + coming[vpc_id], limit.value):
            yield QUOTA_NEAR.about(vpc_id, data)


def _creates(item: Item) -> bool:
    return isinstance(item, EndpointItem) and item.action == "create"


def in_turn(items: Iterable[Item], request: InterfaceRequest) -> tuple[Item, ...]:
    """Those of the wanted changes that this execution may still carry out.

    Never what failed, nor what was done and shows no effect (a look trails the changes), so that
    an execution ends; what came out stale a few times.
    """
    if request.looks > LAST_ROUND:
        return ()
    return tuple(item for item in items if _may(item, tries(request.outcomes, item.id)))


def _may(item: Item, before: Sequence[InterfaceOutcome]) -> bool:
    if not before:
        return True
    if before[-1].result == "failed" or len(before) >= MOST_TRIES:
        return False
    asked = content(item)
    return all(o.item.content != asked for o in before if o.result == "done")


def that_fit(items: Sequence[Item], request: InterfaceRequest) -> tuple[Item, ...]:
    """The first of the items: as many as a plan and an execution hold."""
    room = max(0, MOST_OUTCOMES - len(request.outcomes))
    return tuple(items[: min(MOST_ITEMS, room)])


def more(wanted: Sequence[Item], planned: Sequence[Item], request: InterfaceRequest) -> int:
    """How many of the wanted changes another execution must do.

    None if this one tried and got nothing done: the rest would start a chain without end.
    """
    if request.outcomes and not got_something_done(request):
        return 0
    return len(wanted) - len(planned)


def given_up(items: Iterable[Item], request: InterfaceRequest) -> tuple[Finding, ...]:
    """Changes still wanted that stayed stale until the end, as findings that they failed."""
    found = []
    for item in items:
        before = tries(request.outcomes, item.id)
        over = len(before) >= MOST_TRIES or request.looks > LAST_ROUND
        if over and before and before[-1].result == "stale" and before[-1].error not in _NO_MATTER:
            found.append(change_failed(before[-1]))
    return tuple(found)


def wait(wanted: Draft, request: InterfaceRequest) -> int:
    """After how many seconds to look again, 0 if there is no need.

    What is being deleted is waited for, whoever deletes it, first with short breaks. What others
    decide (a provider that has to accept) only if this execution made or changed an endpoint; it is
    looked at for some minutes, then left to the sweep.
    """
    number = request.looks
    touched = any(outcome.item.kind == "endpoint" for outcome in request.outcomes)
    if number >= (LAST_ROUND if wanted.ending else _PATIENT_ROUND):
        return 0
    if wanted.ending or (wanted.under_way and touched):
        return _WAIT if number < _PATIENT_ROUND else _SLOWLY
    return 0
