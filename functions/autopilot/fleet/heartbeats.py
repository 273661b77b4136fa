"""What becomes of a spoke's row when it speaks: in any order and however often, the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from autopilot.fleet.heard import Heard
from autopilot.fleet.hearing import Beat
from autopilot.notify.ledger import Write, noted
from autopilot.reconcile.codec import encode

_REMEMBERED = timedelta(days=1)
_MOST_STACKS = 5

Stacks = Mapping[str, tuple[str, str]]


def after(known: Heard | None, beats: Iterable[Beat], now: datetime) -> Heard | None:
    """The spoke after these heartbeats, None if they change nothing; there is one or more."""
    seen = known
    for beat in beats:
        seen = _after(seen, beat, now)
    return None if seen == known else seen


def write_of(heard: Heard, now: datetime) -> Write:
    """The write of its row, in the place of the one that it was made of."""
    known = heard if heard.version else None
    return noted(heard.key, heard.body, known, execution=str(heard.spoke), now=now)


def _after(known: Heard | None, beat: Beat, now: datetime) -> Heard:
    received = now.isoformat(timespec="milliseconds")
    stacks = _stacks(known.stacks if known else {}, beat)
    waits = beat.at if beat.heartbeat.undelivered else ""
    if known is None:
        return Heard(
            beat.spoke, beat.heartbeat, beat.at, received, beat.at, beat.at, waits, stacks,
            beat.newer,
        )  # fmt: skip
    same = replace(known, stacks=stacks, first_heard=min(known.first_heard, beat.at))
    if _order(beat) <= (known.at, _text(known)):
        return same
    changed = known.heartbeat.release != beat.heartbeat.release
    return replace(
        same,
        heartbeat=beat.heartbeat,
        at=beat.at,
        received_at=received,
        release_since=beat.at if changed else known.release_since,
        undelivered_since=waits and (known.undelivered_since or waits),
        newer=beat.newer,
    )


def _order(beat: Beat) -> tuple[str, str]:
    """Of two at the same moment it is always the same one that counts."""
    return beat.at, json.dumps(encode(beat.heartbeat), sort_keys=True)


def _text(known: Heard) -> str:
    return json.dumps(encode(known.heartbeat), sort_keys=True)


def _stacks(known: Stacks, beat: Beat) -> Stacks:
    """Who speaks, from when to when; who hasn't for a day before the last word is forgotten."""
    name = beat.heartbeat.stack
    first, last = known.get(name, (beat.at, beat.at))
    all_ = {**known, name: (min(first, beat.at), max(last, beat.at))}
    newest = max(last for _, last in all_.values())
    since = (datetime.fromisoformat(newest) - _REMEMBERED).isoformat(timespec="milliseconds")
    left = [(each, when) for each, when in all_.items() if when[1] >= since]
    left.sort(key=lambda each: (each[1][1], each[0]), reverse=True)
    return dict(sorted(left[:_MOST_STACKS]))
