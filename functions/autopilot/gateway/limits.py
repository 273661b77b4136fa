"""How many of the wanted changes one look may carry out: by the quota, the rounds, the room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from autopilot.gateway.facts import Facts
from autopilot.gateway.messages import QUOTA_NEAR, QUOTA_REACHED
from autopilot.gateway.plan import Item, NetworkOutcome, NetworkRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile import rounds
from autopilot.reconcile.outcome import last
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit, near, told

MOST_ITEMS = 200
MOST_TABLES = 1000


def used(facts: Facts) -> int:
    """How many gateway endpoints the Region holds, anyone's; one being deleted still counts."""
    return sum(endpoint.state.lower() != "deleted" for endpoint in facts.endpoints)


def worth_asking(in_use: int, wanted: int) -> bool:
    """Whether the applied quota can matter: it is never below the default."""
    return near(in_use + wanted, GATEWAYS_IN_A_REGION.value)


def split(
    creates: Sequence[Item], in_use: int, limit: Limit
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The creations that the quota still allows, and those that it leaves undone."""
    room = max(0, limit.value - in_use)
    return tuple(creates[:room]), tuple(creates[room:])


def quota_findings(
    region: str, in_use: int, wanted: int, limit: Limit, undone: Sequence[Item]
) -> tuple[Finding, ...]:
    """What ops should know of the quota: that it stops us, or else that it soon will."""
    data = told(in_use, wanted, limit, [item.id for item in undone])
    if undone:
        return (QUOTA_REACHED.about(region, data),)
    if near(in_use + wanted, limit.value):
        return (QUOTA_NEAR.about(region, data),)
    return ()


def in_turn(items: Iterable[Item], request: NetworkRequest) -> tuple[Item, ...]:
    """Those of the wanted changes that this look may carry out, as many as a plan holds.

    The first look: all. A further one: what came out stale, and tables that AWS didn't take, until
    the last round; never what failed, so that an execution ends.
    """

    def is_due(item: Item, before: tuple[NetworkOutcome, ...]) -> bool:
        left_out = before[-1].left_out if before else ()
        again = rounds.was_stale(item, before) or not {*left_out}.isdisjoint(item.route_table_ids)
        return request.round_number == 1 or again

    taken: list[Item] = []
    for item in rounds.in_turn(items, request, is_due):
        if _full(taken):
            break
        taken.append(item)
    return tuple(taken)


def more(wanted: Sequence[Item], planned: Sequence[Item], request: NetworkRequest) -> int:
    """How many of the wanted changes another execution must do.

    The first look: what didn't fit. A further one: the same, counted anew, but none unless this
    execution filled its plan and got something done: else the rest would start a chain without
    end, or what came up meanwhile (which has events of its own) a needless one.
    """
    if request.round_number == 1:
        return len(wanted) - len(planned)
    tried = last(request.outcomes)
    if not rounds.got_something_done(request) or not _full([o.item for o in tried.values()]):
        return 0
    return sum(item.id not in tried for item in wanted)


def _full(items: Collection[Item]) -> bool:
    tables = sum(len(item.route_table_ids) for item in items)
    return len(items) >= MOST_ITEMS or tables >= MOST_TABLES
