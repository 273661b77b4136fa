"""What is known of one thing, for a hub that asks: the view of it and its history, bounded."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from autopilot.aws import history
from autopilot.aws.errors import AwsError
from autopilot.aws.history import Past
from autopilot.aws.ledger import Ledger
from autopilot.notify.history import KEPT
from autopilot.reconcile.codec import encode
from autopilot.view.about import about, remembered_as, unheard_of
from autopilot.view.bounded import cut
from autopilot.view.model import Overview

# Bytes. Lambda's answers have 6 MB; a widget, and a command that asks a hundred spokes, less.
LARGEST = 200_000
_MOST_ENTRIES = 100


def why(seen: Overview, id_: str, ledger: Ledger, now: datetime) -> dict[str, Any]:
    """What `./autopilot why` prints, as data: the view of it, its history, what couldn't be read.

    `known`: whether anything is; `said`: that nothing is, in words. `left_out`: how many lines of
    the view had no room.
    """
    made, known = about(seen, id_)
    past, lost = _past(ledger, remembered_as(made, id_), now)
    known = known or bool(past and past.entries)

    def answer(most: int) -> dict[str, Any]:
        small, left_out = cut(made, most)
        kept = past.entries[: min(most, _MOST_ENTRIES)] if past else ()
        return {
            "known": known,
            "said": "" if known else unheard_of(seen, id_),
            "view": encode(small),
            "left_out": left_out,
            "history": _plain(past, len(kept)),
            "history_lost": lost,
        }

    return fitting(answer)


def fitting(answer: Callable[[int], dict[str, Any]], largest: int = LARGEST) -> dict[str, Any]:
    """The answer with as much of each list as fits: half as much until it does."""
    most = 400
    while most and len(json.dumps(made := answer(most)).encode()) > largest:
        most //= 2
    return made if most else answer(0)


def _past(ledger: Ledger, id_: str, now: datetime) -> tuple[Past | None, str]:
    try:
        return history.of_id(ledger, id_, now.date() - KEPT), ""
    except AwsError as error:
        return None, str(error)


def _plain(past: Past | None, kept: int) -> dict[str, Any] | None:
    if past is None:
        return None
    more = past.more or kept < len(past.entries)
    return {"entries": [encode(each) for each in past.entries[:kept]], "more": more}
