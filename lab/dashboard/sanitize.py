"""Takes from a widget's HTML what CloudWatch takes, and says what that was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import nh3

from lab.dashboard.allowed import (
    ADDRESSES,
    ATTRIBUTES,
    EMPTIED,
    PREFIXES,
    SCHEMES,
    SHOWS_DATA,
    TAGS,
    clobbers,
)

Part = tuple[str, str, str]  # an element, its attribute or "", the attribute's value or ""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028\u2029\u205f\u3000\ufeff]")


@dataclass(frozen=True)
class Clean:
    """What is left of some HTML, and what was removed, in the order of the first of each."""

    html: str
    removed: tuple[str, ...]


def sanitize(html: str) -> Clean:
    """Return the HTML as CloudWatch would show it, and what it would have removed."""
    left = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(EMPTIED),
        attributes={"*": set(ATTRIBUTES)},
        attribute_filter=_kept,
        generic_attribute_prefixes=set(PREFIXES),
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
    return Clean(left, tuple(_gone(_Parts.of(html), _Parts.of(left))))


def _gone(before: Counter[Part], after: Counter[Part]) -> Iterator[str]:
    """Say what went; of an element that is gone altogether, not its attributes as well."""
    there = {tag for tag, _, _ in after}
    for (tag, attribute, value), times in (before - after).items():
        if not attribute or tag in there:
            yield _words(tag, attribute, value, times)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Return an attribute's value, None if the attribute has to go."""
    if attribute in ("id", "name") and value in clobbers():
        return None
    if attribute in ADDRESSES and not _goes_somewhere(tag, value):
        return None
    return value


def _goes_somewhere(tag: str, address: str) -> bool:
    """Whether an address only leads or shows: it runs nothing."""
    scheme = _SCHEME.match(_INVISIBLE.sub("", address))
    if scheme is None:
        return True
    name = scheme[1].lower()
    return name in SCHEMES and (name != "data" or tag in SHOWS_DATA)


class _Parts(HTMLParser):
    """Counts elements and attributes: of the HTML before and after, the difference is what went."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[Part] = Counter()
        self._in_svg = 0

    @classmethod
    def of(cls, html: str) -> Counter[Part]:
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag, "", ""] += 1
        for name, value in attrs:
            self.found[tag, name, " ".join((value or "").split())] += 1
        if tag == "textarea":
            self.set_cdata_mode(tag)  # what looks like an element in there is text
        self._in_svg += tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        self._in_svg -= tag == "svg" and self._in_svg > 0

    def set_cdata_mode(self, elem: str, **more: Any) -> None:
        if not self._in_svg:  # an SVG's styles and scripts hold elements like everything else
            super().set_cdata_mode(elem, **more)


def _words(tag: str, attribute: str, value: str, times: int) -> str:
    often = f" ({times} times)" if times > 1 else ""
    if not attribute:
        return f"<{tag}>{often}"
    short = value if len(value) <= 60 else f"{value[:59]}…"
    return f'{attribute}="{short}" of <{tag}>{often}'
