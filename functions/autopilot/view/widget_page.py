"""What the dashboard's widgets share: frame and theme, pages, states in word and shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.view.html import NOTHING, Html, button, joined, style, tag
from autopilot.view.model import Overview, Part, Place, Reach, Served

MOST_BYTES = 250_000
"""Of a page, without its frame. Lambda's own limit is 6 MB."""
_MOST_NAME = 80
SHAPES: dict[Reach | Served, str] = {
    "not private": "✕",
    "missing": "✕",
    "unknown": "?",
    "waiting": "◔",
    "private": "●",
    "served": "●",
    "left alone": "–",
}
# Widgets' styles reach one another: every rule is of our class.
_RULES = """
.ea{font-size:13px;line-height:1.45;overflow-wrap:anywhere}
.ea h3{font-size:15px;margin:14px 0 4px}
.ea p,.ea ul{margin:4px 0}
.ea ul{padding-left:20px}
.ea table{border-collapse:collapse;width:100%;margin:4px 0 10px}
.ea th,.ea td{text-align:left;vertical-align:top;padding:3px 10px 3px 0;
border-bottom:1px solid #aab7b8}
.ea th,.ea summary{white-space:nowrap}
.ea td{min-width:6.5em}
.ea td:first-child code{white-space:nowrap}
.ea h3 .ea-quiet{font-size:13px;font-weight:400}
.ea code{font-family:Monaco,Menlo,Consolas,monospace;font-size:12px}
.ea .ea-state{font-weight:700;white-space:nowrap}
.ea .ea-age{white-space:nowrap}
.ea .ea-quiet{color:#545b64}
.ea .ea-note{border:2px solid #7d2105;padding:6px 10px;margin:6px 0}
.ea .ea-button{font:inherit;font-weight:700;padding:3px 12px;margin:2px 6px 2px 0;color:#16191f;
background:#fff;border:1px solid #545b64;border-radius:2px;cursor:pointer}
.ea .ea-button:focus-visible,.ea summary:focus-visible{outline:3px solid #0073bb;outline-offset:1px}
.ea .ea-form{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:end;margin:8px 0}
.ea .ea-form label{display:block;font-weight:700}
.ea .ea-form input{font:inherit;padding:3px 6px;width:17em;max-width:100%;color:#16191f;
background:#fff;border:1px solid #545b64}
.ea svg{display:block;max-width:100%;height:auto}
.ea svg text{fill:currentColor;font-size:12px}
.ea svg line{stroke:#aab7b8}
.ea .ea-count{white-space:nowrap;font-variant-numeric:tabular-nums}
.ea .ea-count svg{display:inline-block;vertical-align:-1px;margin-left:6px}
.ea .ea-count rect{fill:currentColor;opacity:.55}
.ea.ea-dark .ea-quiet{color:#aab7b8}
.ea.ea-dark .ea-note{border-color:#ff9f7c}
.ea.ea-dark th,.ea.ea-dark td{border-bottom-color:#545b64}
.ea.ea-dark .ea-button,.ea.ea-dark .ea-form input{color:#d1d5db;background:#0f1b2a;
border-color:#aab7b8}
.ea.ea-dark .ea-button:focus-visible,.ea.ea-dark summary:focus-visible{outline-color:#53b1fd}
"""


@dataclass(frozen=True)
class Asked:
    """What a widget is asked for. `endpoint`: the ARN of the function that shows it; `answers`: of
    the one that takes a person's answer, "" for none. `followed`: the endpoint whose request was
    just answered, "" for none.
    """

    part: str
    page: int = 1
    dark: bool = False
    endpoint: str = ""
    answers: str = ""
    followed: str = ""


@dataclass(frozen=True)
class Block:
    """What stays together on a page; `weight`: how much of a page's fill it is."""

    html: Html
    weight: int = 1


def framed(dark: bool, *content: str) -> Html:
    """The widget's own element, with its styles."""
    return tag("div", style(_RULES), *content, class_="ea ea-dark" if dark else "ea")


def head(place: Place) -> Html:
    """Whose view it is, and of when."""
    words = (place.stack, place.account, place.region, f"mode {place.mode}", f"as of {place.at}")
    return tag("p", " · ".join(words), class_="ea-quiet")


def unknowns(seen: Overview, *parts: Part) -> Html:
    """What couldn't be read of these parts; empty if all was."""
    found = [each for each in seen.unknown if set(parts) & set(each.parts)]
    if not found:
        return NOTHING
    lines = (tag("li", tag("b", f"Couldn't read {each.what}: "), each.why) for each in found)
    words = "? Not everything could be read. What needs it isn't shown, and nothing counts as fine."
    return tag("div", tag("b", words), tag("ul", *lines), class_="ea-note")


def note(words: str) -> Html:
    """What must not be overlooked."""
    return tag("p", tag("b", "? "), words, class_="ea-note")


def unshown(why: str, dark: bool) -> str:
    """The HTML that says why there is nothing to see."""
    return framed(dark, note(why))


def paged(blocks: Iterable[Block], asked: Asked, most: int, order: str = "worst first") -> Html:
    """The blocks of the page that is asked for, or of the last one, and how to get to others."""
    pages = _pages(blocks, most)
    number = min(max(asked.page, 1), len(pages))
    turn = _turn(number, len(pages), asked, order) if len(pages) > 1 else NOTHING
    return joined((turn, *(block.html for block in pages[number - 1]), turn))


def _pages(blocks: Iterable[Block], most: int) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    weight = size = 0
    for block in blocks:
        bytes_ = len(block.html.encode())
        if pages[-1] and (weight + block.weight > most or size + bytes_ > MOST_BYTES):
            pages.append([])
            weight = size = 0
        pages[-1].append(block)
        weight, size = weight + block.weight, size + bytes_
    return pages


def _turn(number: int, of: int, asked: Asked, order: str) -> Html:
    ways = (("First", 1), ("Previous", number - 1), ("Next", number + 1), ("Last", of))
    buttons = (
        button(
            words,
            asked.endpoint,
            {"part": asked.part, "page": to},
            label=f"{words} page of {asked.part}",
        )
        for words, to in ways
        if 1 <= to <= of and to != number
    )
    return tag("p", f"Page {number} of {of}, {order}. ", *buttons)


def state(what: Reach | Served) -> Html:
    """A state by its shape and its word."""
    return tag("span", f"{SHAPES[what]} {what}", class_="ea-state")


def thing(id_: str, name: str = "") -> Html:
    """An id, behind its Name tag if there is one."""
    code = tag("code", id_)
    return joined((tag("b", name[:_MOST_NAME]), " ", code)) if name else code


def age(since: str, at: str) -> str:
    """How long ago `since` was, both in ISO 8601: "3 d 4 h"; "" where that isn't known."""
    try:
        passed = datetime.fromisoformat(at) - datetime.fromisoformat(since)
    except (ValueError, TypeError):
        return ""
    return lasted(max(passed, timedelta()))


def lasted(time: timedelta) -> str:
    """A time in words: "3 d 4 h"."""
    minutes = time // timedelta(minutes=1)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
