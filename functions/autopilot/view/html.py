"""HTML of which every text is escaped: whatever names, tags and AWS's words hold shows as text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping

MOST_TEXT = 400
"""Characters of a text that are shown."""
_VOID = frozenset({"input"})
# What can't be seen, and what turns the text after it around: a name could pass for another one.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Html(str):
    """Text that is HTML already. Only this module makes it."""

    __slots__ = ()


NOTHING = Html("")


def shown(text: str) -> Html:
    """A text as HTML, cut if it is long."""
    if isinstance(text, Html):
        return text
    whole = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    cut = whole if len(whole) <= MOST_TEXT else f"{whole[: MOST_TEXT - 1]}…"
    return Html(html.escape(cut.encode("utf-8", "replace").decode()))


def tag(element: str, /, *content: str, **attributes: str | int) -> Html:
    """An element. What isn't `Html` is escaped. `class_` is `class`, `aria_label` `aria-label`."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{shown(str(value))}"'
        for key, value in attributes.items()
    )
    if element in _VOID:
        return Html(f"<{element}{said}>")
    return Html(f"<{element}{said}>{joined(content)}</{element}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after the other; what isn't `Html` is escaped."""
    return Html(shown(between).join(map(shown, parts)))


def style(rules: str) -> Html:
    """A `<style>` of this code's own rules: nothing in it is escaped."""
    return Html(f"<style>{rules}</style>")


def table(label: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Html:
    """A table with named columns; `label`: what it is, for who hears it read out."""
    head = tag("tr", *(tag("th", each, scope="col") for each in heads))
    lines = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag("table", tag("thead", head), tag("tbody", *lines), aria_label=label)


def button(
    words: str, endpoint: str, params: Mapping[str, object], *, label: str = "", asks: str = ""
) -> Html:
    """A button that calls the function `endpoint`, whose answer takes the widget's place.

    An action belongs to the element right before it (CloudWatch guide, "Interactivity in the custom
    widget"). `asks`: what has to be confirmed first.
    """
    named = {"aria_label": label} if label else {}
    confirmed = {"confirmation": asks} if asks else {}
    pressed = tag("button", words, type="button", class_="ea-button", **named)
    what = Html(html.escape(json.dumps(dict(params), ensure_ascii=True)))
    action = tag(
        "cwdb-action", what, action="call", display="widget", endpoint=endpoint, **confirmed
    )
    return joined((pressed, action))
