"""Two of our stacks in one account and Region: by what they say, or both by speaking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from autopilot.fleet.heard import Heard

_AN_HOUR = timedelta(hours=1)
"""So long the move of an account from one unit to another may take."""


def doubled(heard: Heard, now: datetime, silent_for: Callable[[str], bool]) -> dict[str, Any]:
    """What is to be told of a spoke that has not been alone for an hour, {} if it has.

    `stacks`: all of them; `acts`: the one that does; `alone`: that one is no fleet's, and the spoke
    stands back; `states`: CloudFormation's words; `days`: for how long, so that it is told daily.
    """
    beat = heard.heartbeat
    since = {each.stack: _moment(each.since, heard) for each in beat.beside}
    seen = [each for each in beat.beside if now - since[each.stack] >= _AN_HOUR]
    both = {*_both_speak(heard, silent_for), *(each.stack for each in seen)}
    if not both:
        return {}
    began = min((since[each.stack] for each in seen), default=now)
    return {
        "stacks": sorted({*both, *([beat.stack] if seen else [])}),
        "acts": (beat.yields_to or beat.stack) if seen else "",
        "alone": any(each.alone and each.stack == beat.yields_to for each in seen),
        "states": {each.stack: each.status for each in seen},
        "days": (now - began).days,
    }


def _both_speak(heard: Heard, silent_for: Callable[[str], bool]) -> Iterator[str]:
    """Who spoke an hour after the later one had begun, and lately, if those are two or more.

    One that is being deleted while another comes speaks a little longer.
    """
    recent = {name: when for name, when in heard.stacks.items() if not silent_for(when[1])}
    begun = max((datetime.fromisoformat(first) for first, _ in recent.values()), default=None)
    both = [
        name
        for name, (_, last) in recent.items()
        if begun and datetime.fromisoformat(last) - begun >= _AN_HOUR
    ]
    yield from both if len(both) > 1 else ()


def _moment(said: str, heard: Heard) -> datetime:
    """Since when, as the spoke says; its heartbeat's time for what is no time before that."""
    at = datetime.fromisoformat(heard.at)
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return at
    return min(found, at) if found.tzinfo else at
