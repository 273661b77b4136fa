"""What holds wanted changes back: busy route tables until their window, the rounds, the room."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from autopilot.gateway.plan import Item, NetworkOutcome, NetworkRequest
from autopilot.policy.model import DAYS, ChangeWindow, GatewayPolicy
from autopilot.reconcile import rounds
from autopilot.reconcile.outcome import last

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOST_ITEMS = 200
MOST_TABLES = 1000
# A week to find a window in, a day more because today's may be over, and a week more for one that a
# clock change swallows.
_DAYS_AHEAD = 15


def may_change_busy(policy: GatewayPolicy, now: datetime) -> bool:
    """Whether the policy lets a busy table change at this moment."""
    match policy.busy_route_tables:
        case "now":
            return True
        case "window":
            return policy.change_window is not None and is_open(policy.change_window, now)
        case "audit":
            return False
        case _:
            assert_never(policy.busy_route_tables)


def waits_until(policy: GatewayPolicy, now: datetime) -> str | None:
    """The ISO instant when the policy lets busy tables change next; None: when somebody decides."""
    if policy.busy_route_tables != "window" or policy.change_window is None:
        return None
    return next_opening(policy.change_window, now).isoformat()


def share(
    wanted: Sequence[Item], request: NetworkRequest
) -> tuple[tuple[Item, ...], int, tuple[NetworkOutcome, ...]]:
    """What this look does of the wanted changes, how many it leaves to another execution, and the
    outcomes of those that stayed stale to the end."""
    items = _in_turn(wanted, request)
    return items, _more(wanted, items, request), rounds.stale_to_the_end(wanted, request)


def _in_turn(items: Iterable[Item], request: NetworkRequest) -> tuple[Item, ...]:
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


def _more(wanted: Sequence[Item], planned: Sequence[Item], request: NetworkRequest) -> int:
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


def is_open(window: ChangeWindow, now: datetime) -> bool:
    """Whether `now` (any time zone) lies in the window; its last instant doesn't."""
    return any(start <= now < end for start, end in _openings(window, now))


def next_opening(window: ChangeWindow, now: datetime) -> datetime:
    """When the window opens next after `now`, in UTC."""
    return next(start for start, _ in _openings(window, now) if start > now)


def _openings(window: ChangeWindow, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Start and end in UTC, from yesterday's on: it may reach past midnight into today."""
    from zoneinfo import ZoneInfo  # only where a window is set: it costs a cold start its import

    zone = ZoneInfo(window.timezone)
    today = now.astimezone(zone).date()
    for offset in range(-1, _DAYS_AHEAD):
        day = today + timedelta(days=offset)
        if DAYS[day.weekday()] in window.days:
            start, end = _on(window, day, zone)
            if start < end:  # clocks put forward can leave nothing of it
                yield start, end


def _on(window: ChangeWindow, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The window that begins on `day`. Wall-clock times that occur twice mean the first."""
    ends_on = day if window.end > window.start else day + timedelta(days=1)
    return (
        datetime.combine(day, window.start, zone).astimezone(UTC),
        datetime.combine(ends_on, window.end, zone).astimezone(UTC),
    )
