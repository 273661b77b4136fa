"""The widget of what all spokes have told, and the hub itself: the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.fleet.news import Happened
from autopilot.notify.history import TURNS
from autopilot.view.html import Html, joined, table, tag
from autopilot.view.widget_page import Asked, Block, paged, thing

MOST_NEWS = 50
"""On a page."""
_SHAPES = {"failure": "✕", "action": "▲", "info": "–"}
_HEADS = ("Time (UTC)", "Account and Region", "What", "By")
_MOST_SUBJECTS = 3


def news(seen: Sequence[Happened], asked: Asked) -> Html:
    """The whole page."""
    if not seen:
        return tag("p", "Nothing is remembered of these days.")
    return paged(_blocks(seen), asked, MOST_NEWS, "newest first")


def _blocks(seen: Sequence[Happened]) -> Iterator[Block]:
    for start in range(0, len(seen), MOST_NEWS):
        some = seen[start : start + MOST_NEWS]
        yield Block(table("What spokes have told", _HEADS, map(_row, some)), len(some))


def _row(each: Happened) -> tuple[str, ...]:
    entry = each.entry
    at = tag("span", entry.at[:16].replace("T", " "), class_="ea-age")
    where = joined((tag("code", each.spoke.account), " ", each.spoke.region))
    shape = _SHAPES.get(each.severity, "")
    turn = tag("b", f"{shape} {TURNS.get(entry.change, entry.change)}".strip())
    some = entry.subjects[:_MOST_SUBJECTS]
    more = f" and {entry.count - len(some)} more" if entry.count > len(some) else ""
    about = tag("div", joined(map(thing, some), ", "), more, class_="ea-quiet")
    by = entry.by if entry.change == "done" else "–"
    return (
        at,
        where if each.spoke.account else "the hub",
        joined((turn, f": {entry.what}", about)),
        by,
    )
