"""Tags that pick things: a mapping of keys to values, read as `autopilot.policy.tags` does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from infra.policy.section import Section

Before = Literal["any value", "stars", "classes"]
"""How a place read its values before all read them alike (decision 0016): only a lone `*` was more
than itself; `*` stood for any text, and `?` for itself; `[...]` stood for one of its characters.
"""
KEY, PATTERNS = "tag_values", "patterns"
# What else was special in each of them, and is not now; or is now, and wasn't.
_RETOLD: Mapping[Before, tuple[re.Pattern[str], str]] = {
    "any value": (
        re.compile(r"(?!\*\Z).*[*?]", re.S),
        "* now stands for any text and ? for one character; both used to stand for themselves",
    ),
    "stars": (
        re.compile(r".*\?", re.S),
        "? now stands for one character; it used to stand for itself",
    ),
    "classes": (
        re.compile(r".*\[!?.[^]]*\]", re.S),
        "[ now stands for itself; it used to begin a set of characters",
    ),
}


def tags(section: Section, key: str, before: Before = "any value") -> Mapping[str, str] | None:
    """The tags under a key; None if it isn't there."""
    found = section.entries(key, 'key: "value", or key: "*" for any value')
    if found is None:
        return None
    for name, node in found.items():
        # Tag restrictions of the EC2 guide.
        if not name or len(name) > 128 or len(node.value) > 256:
            section.report.add(
                node,
                f'"{name}" is no tag that AWS allows',
                "keys have 1 to 128 characters, values up to 256",
            )
        special, now = _RETOLD[before]
        if special.match(node.value):
            section.report.retell(
                node,
                f'the tag "{name}" of {section.full(key)} is "{node.value}": {now}',
                f'see that it says what you mean, then add "{KEY}: {PATTERNS}" to the policy',
            )
    # The text as written: an unquoted off is a boolean to YAML, but the word to whoever wrote it.
    return {name: node.value for name, node in found.items()}


def cover(wide: Mapping[str, str], narrow: Mapping[str, str]) -> bool:
    """Whether whatever has all the tags `narrow` certainly has all the tags `wide`."""
    return all(key in narrow and _covers(value, narrow[key]) for key, value in wide.items())


def _covers(wide: str, narrow: str) -> bool:
    """A `?` covers anything but a `*`, a `*` everything: the narrow pattern is read as a text."""
    pattern = re.escape(wide).replace(r"\*", ".*").replace(r"\?", "[^*]")
    return re.fullmatch(pattern, narrow, re.S) is not None
