"""Rounds: what a further look of the same execution may still change, and what it gives up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from autopilot.reconcile.outcome import Identified, Outcome, OutcomeT, last, tries
from autopilot.reconcile.request import Round

LAST_ROUND = 4

Item = TypeVar("Item", bound=Identified)


def in_turn(
    items: Iterable[Item],
    request: Round[OutcomeT],
    is_due: Callable[[Item, tuple[OutcomeT, ...]], bool],
    last_round: int = LAST_ROUND,
) -> tuple[Item, ...]:
    """Those of the wanted changes that this look may carry out; after the last round none.

    `is_due` is asked about an item and what became of it so far, which is () at its first turn. It
    must refuse what failed, so that an execution ends.
    """
    if request.round_number > last_round:
        return ()
    return tuple(item for item in items if is_due(item, tries(request.outcomes, item.id)))


def was_stale(_: Identified, before: tuple[Outcome[Identified], ...]) -> bool:
    """Whether an item's last try came out stale."""
    return bool(before) and before[-1].result == "stale"


def stale_to_the_end(
    items: Iterable[Identified], request: Round[OutcomeT], last_round: int = LAST_ROUND
) -> tuple[OutcomeT, ...]:
    """The last outcomes of changes still wanted that stayed stale through all rounds."""
    if request.round_number <= last_round:
        return ()
    ended = last(request.outcomes)
    found = (ended[item.id] for item in items if item.id in ended)
    return tuple(outcome for outcome in found if outcome.result == "stale")


def got_something_done(request: Round[OutcomeT]) -> bool:
    """Whether another execution may follow: after one that did nothing, the chain had no end."""
    return any(outcome.result == "done" for outcome in request.outcomes)
