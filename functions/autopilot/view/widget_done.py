"""The widget of what was done: counted by day, then each entry of history, the newest first."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.notify.history import TURNS, Entry
from autopilot.notify.phrases import counted
from autopilot.view.done import COLUMNS, Day, Done, waits
from autopilot.view.html import Html, joined, table, tag
from autopilot.view.widget_page import Asked, Block, framed, head, lasted, note, paged, thing

MOST_ENTRIES = 25
"""On a page."""
_BAR = 36  # pixels of the longest one
_MOST_SUBJECTS = 3


def done(seen: Done, asked: Asked) -> str:
    """The whole widget."""
    if seen.unread:
        return framed(asked.dark, head(seen.place), note(f"Couldn't read history: {seen.unread}"))
    parts = [head(seen.place), _by_day(seen), _waited(seen.entries)]
    if seen.entries:
        parts.append(paged(_blocks(seen), asked, MOST_ENTRIES, "newest first"))
    else:
        parts.append(tag("p", "Nothing is remembered of these days."))
    return framed(asked.dark, *parts)


def _by_day(seen: Done) -> Html:
    counts = {day.date: day.counts for day in seen.days}
    most = {name: max(each[name] for each in counts.values()) for name in COLUMNS}
    rows = [
        (_date(day), *(_count(counts[day.date][name], most[name]) for name in COLUMNS))
        for day in seen.days
    ]
    return table("What was done by day", ("Day (UTC)", *COLUMNS), rows)


def _date(day: Day) -> Html:
    """A day; a word if there was more than was read."""
    more = f" (its latest {len(day.entries)} entries)" if day.more else ""
    return tag("span", f"{day.date}{more}")


def _count(number: int, most: int) -> Html:
    """A number, and a bar for its part of the greatest in the column."""
    if not number:
        return tag("span", "–", class_="ea-quiet")
    width = max(1, round(_BAR * number / most))
    bar = tag("rect", width=width, height=10)
    picture = tag("svg", bar, width=width, height=10, aria_hidden="true")
    return tag("span", str(number), picture, class_="ea-count")


def _waited(entries: tuple[Entry, ...]) -> Html:
    found = waits(entries)
    if found is None:
        return tag("p", "No request was held and answered by a person in these days.")
    words = (
        f"Time to a person's answer, of {counted(found.count, 'request')} held in these days:"
        f" {lasted(found.middle)} in the middle, {lasted(found.longest)} at most."
    )
    return tag("p", words)


def _blocks(seen: Done) -> Iterator[Block]:
    """The entries by pages, each page a table."""
    for start in range(0, len(seen.entries), MOST_ENTRIES):
        some = seen.entries[start : start + MOST_ENTRIES]
        heads = ("Time (UTC)", "By", "What", "Why")
        yield Block(table("History", heads, map(_row, some)), len(some))


def _row(entry: Entry) -> tuple[str, ...]:
    """An entry's cells; `by` is known of what was done only."""
    at = tag("span", entry.at[:16].replace("T", " "), class_="ea-age")
    what = joined((tag("b", TURNS[entry.change]), f": {entry.what}", _about(entry)))
    return at, entry.by if entry.change == "done" else "–", what, entry.why


def _about(entry: Entry) -> Html:
    """What it is about, with the Name tags that its ids had."""
    some = entry.subjects[:_MOST_SUBJECTS]
    named = (thing(each, _name(entry, each)) for each in some)
    left = entry.count - len(some)
    return tag("div", joined(named, ", "), f" and {left} more" if left > 0 else "")


def _name(entry: Entry, subject: str) -> str:
    return ", ".join(entry.names[part] for part in subject.split("/") if part in entry.names)
