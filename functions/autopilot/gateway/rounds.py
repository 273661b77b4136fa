"""Rounds: what a further look of the same execution may still change, and what it gives up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autopilot.gateway.messages import change_failed
from autopilot.gateway.outcome import Outcome
from autopilot.gateway.plan import Item
from autopilot.gateway.request import PlanRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile.capacity import full

LAST_ROUND = 4


def in_turn(items: Iterable[Item], request: PlanRequest) -> tuple[Item, ...]:
    """Those of the wanted changes that this look may carry out.

    The first look: all. A further one: what came out stale, and tables that AWS didn't take, until
    the last round; never what failed, so that an execution ends.
    """
    if request.round_number == 1:
        return tuple(items)
    if request.round_number > LAST_ROUND:
        return ()
    last = _last(request)
    return tuple(item for item in items if _is_due(last, item))


def given_up(items: Iterable[Item], request: PlanRequest) -> tuple[Finding, ...]:
    """Changes still wanted that stayed stale through all rounds, as findings that they failed."""
    if request.round_number <= LAST_ROUND:
        return ()
    last = _last(request)
    return tuple(change_failed(last[item.id]) for item in items if _is(last, item, "stale"))


def more(wanted: Sequence[Item], planned: Sequence[Item], request: PlanRequest) -> int:
    """How many of the wanted changes another execution must do.

    The first look: what didn't fit. A further one: the same, counted anew, but none unless this
    execution filled its plan and got something done: else the rest would start a chain without
    end, or what came up meanwhile (which has events of its own) a needless one.
    """
    if request.round_number == 1:
        return len(wanted) - len(planned)
    tried = _last(request)
    done = any(outcome.result == "done" for outcome in request.outcomes)
    if not done or not full(tried.values()):
        return 0
    return sum(item.id not in tried for item in wanted)


def _last(request: PlanRequest) -> Mapping[str, Outcome]:
    return {outcome.id: outcome for outcome in request.outcomes}


def _is(last: Mapping[str, Outcome], item: Item, result: str) -> bool:
    return item.id in last and last[item.id].result == result


def _is_due(last: Mapping[str, Outcome], item: Item) -> bool:
    left_out = last[item.id].left_out if item.id in last else ()
    return _is(last, item, "stale") or not set(left_out).isdisjoint(item.route_table_ids)
