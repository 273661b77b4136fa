"""The decision: what of all that the policy wants this look changes, and what ops should know.

The VPCs' quota, a plan's room and earlier rounds have their say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.messages import CHANGE_FAILED, PLANNED_CHANGE, QUOTA_NEAR, QUOTA_REACHED
from autopilot.interfaces.plan import (
    EndpointItem,
    InterfaceOutcome,
    InterfacePlan,
    InterfaceRequest,
    Item,
    Left,
)
from autopilot.interfaces.situation import Draft, Situation
from autopilot.notify.finding import Finding
from autopilot.reconcile.outcome import tries
from autopilot.reconcile.quota import Limit
from autopilot.reconcile.rounds import got_something_done, tellable

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


def plan(made: Draft, now: Situation, limit: Limit) -> InterfacePlan:
    """What this look changes, what ops should know, what is left. `limit`: each VPC's quota."""
    request, audit = now.request, now.policy.mode == "audit"
    later = made.later if audit else ()
    allowed, undone = within_quota([*made.items, *later], now.facts, limit)
    turn = () if audit else _in_turn(allowed, request)
    items = _that_fit(turn, request)
    more = _more(turn, items, request)
    other = map(_announced, allowed) if audit else _given_up(allowed, request)
    quotas = _quota_findings(now.facts, allowed, undone, limit)
    findings = (*made.findings, *quotas, *other)
    seen = [vpc.id for vpc in now.facts.vpcs]
    told, looked_at = tellable(findings, "vpc_id", seen, now.facts.looked_at, request.outcomes)
    left: dict[Left, int] = {
        **made.left,
        "quota reached": len(undone),
        "audit mode" if audit else "tried already": len(allowed) - len(turn),
        "too many findings at once": len(findings) - len(told),
    }
    over = bool(items) or bool(more) or audit
    return InterfacePlan(
        items=items,
        findings=told,
        looked_at=looked_at,
        left={reason: count for reason, count in sorted(left.items()) if count},
        more=more,
        expect=tuple(dict.fromkeys((*request.expect, *(item.id for item in items)))),
        look_again=0 if over else _wait(made, request),
    )


def _announced(item: Item) -> Finding:
    data = {
        "what": item.kind,
        "action": item.action,
        "thing": item.resource_id,
        "reason": item.reason,
        "content": item.content,
    }
    return PLANNED_CHANGE.about(item.id, data)


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


def _quota_findings(
    facts: Facts, allowed: Sequence[Item], undone: Sequence[Item], limit: Limit
) -> Iterator[Finding]:
    """What ops should know: in which VPCs the quota stops us, or soon will."""
    counts = facts.counted
    coming = Counter(item.vpc_id for item in allowed if _creates(item))
    without: dict[str, list[str]] = {}
    for item in undone:
        without.setdefault(item.vpc_id, []).append(item.id)
    for vpc_id in sorted(counts.keys() | without.keys()):
        data = limit.told(counts[vpc_id], coming[vpc_id], without.get(vpc_id, ()))
        if vpc_id in without:
            yield QUOTA_REACHED.about(vpc_id, data)
        elif limit.near(counts[vpc_id] + coming[vpc_id]):
            yield QUOTA_NEAR.about(vpc_id, data)


def _creates(item: Item) -> bool:
    return isinstance(item, EndpointItem) and item.action == "create"


def _in_turn(items: Iterable[Item], request: InterfaceRequest) -> tuple[Item, ...]:
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
    asked = item.content
    return all(o.item.content != asked for o in before if o.result == "done")


def _that_fit(items: Sequence[Item], request: InterfaceRequest) -> tuple[Item, ...]:
    """The first of the items: as many as a plan and an execution hold."""
    room = max(0, MOST_OUTCOMES - len(request.outcomes))
    return tuple(items[: min(MOST_ITEMS, room)])


def _more(wanted: Sequence[Item], planned: Sequence[Item], request: InterfaceRequest) -> int:
    """How many of the wanted changes another execution must do.

    None if this one tried and got nothing done: the rest would start a chain without end.
    """
    if request.outcomes and not got_something_done(request):
        return 0
    return len(wanted) - len(planned)


def _given_up(items: Iterable[Item], request: InterfaceRequest) -> tuple[Finding, ...]:
    """Changes still wanted that stayed stale until the end, as findings that they failed."""
    found = []
    for item in items:
        before = tries(request.outcomes, item.id)
        over = len(before) >= MOST_TRIES or request.looks > LAST_ROUND
        if over and before and before[-1].result == "stale" and before[-1].error not in _NO_MATTER:
            found.append(CHANGE_FAILED.about(item.id, before[-1].told))
    return tuple(found)


def _wait(wanted: Draft, request: InterfaceRequest) -> int:
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
