"""What a plan holds of all that is wanted: what may change yet, what is given up, what is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeVar

from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import encode
from autopilot.reconcile.outcome import Identified, Outcome, OutcomeT, last, tries
from autopilot.reconcile.plan import LeftT, LookedAt
from autopilot.reconcile.request import Round

LAST_ROUND = 4
# Bytes. A state of the workflow carries 256 KiB, and the telling step gets the findings and every
# outcome in one input.
_MOST_FINDINGS = 100_000
_FOR_BOTH = 200_000

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


def counted(left: Mapping[LeftT, int]) -> dict[LeftT, int]:
    """`left` without what nothing was left for, by reason."""
    return {reason: count for reason, count in sorted(left.items()) if count}


def tellable(
    findings: Iterable[Finding],
    key: Literal["vpc_id", "service_id"],
    in_sight: Iterable[str],
    looked_at: LookedAt,
    outcomes: Iterable[object] = (),
    *,
    most: int = _MOST_FINDINGS,
    whole: bool = True,
) -> tuple[tuple[Finding, ...], LookedAt]:
    """The findings that fit beside the outcomes, and whose findings they are: ids that are `key`.

    A VPC or service whose findings don't all fit counts as not looked at: none of it are taken
    back, and the rest have their turn when the first ones are gone. `whole`: then none of it are
    told either. Else they go by id: what failed or waits for a person, before what stands.
    """
    room = min(most, _FOR_BOTH - sum(_size(outcome) for outcome in outcomes))
    taken: list[tuple[str | None, Finding]] = []
    without: set[str] = set()
    keyed = [(getattr(finding, key), finding) for finding in findings]
    for id_, finding in sorted(keyed, key=lambda each: ((whole and each[0]) or "", each[1].id)):
        room -= _size(finding)
        if id_ is None or room >= 0:
            taken.append((id_, finding))
        else:
            without.add(id_)
    if not without:
        return tuple(finding for _, finding in taken), looked_at
    kept = (finding for id_, finding in taken if not whole or id_ not in without)
    return tuple(kept), tuple(sorted(set(in_sight) - without))


def _size(thing: object) -> int:
    return len(json.dumps(encode(thing)))
