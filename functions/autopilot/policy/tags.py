"""How the policy file's tags are read, wherever it names some; and what is made of their texts.

In a value `*` stands for any text, an empty one too, and `?` for one character. Every other
character stands for itself, `[` included, and case counts. A key is never a pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

_LONGEST_OWNER = 100
_ESCAPED = str.maketrans({'"': "?", "\\": "?"})


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern describes all of the text."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def has_all(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether each of the wanted tags is there; if none is wanted, that is so."""
    return all(key in tags and matches(tags[key], value) for key, value in wanted.items())


def has_any(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether at least one of the wanted tags is there."""
    return any(key in tags and matches(tags[key], value) for key, value in wanted.items())


def one_line(text: str, longest: int) -> str:
    """Somebody's text as one line that can neither end the line, nor hide, nor turn what stands
    beside it.

    White space of any kind becomes one space; what is not printable (control characters, marks of
    direction, halves of surrogate pairs) a question mark.
    """
    plain = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "?" for c in plain)
    return shown if len(shown) <= longest else f"{shown[: longest - 3].rstrip()}..."


def owner_in(tag: str) -> str:
    """The owner that a tag's value names, "" for none.

    What mails, attributes and filters call an owner is one short line in which nothing has to be
    escaped: SNS's guide ("Filter policy constraints") wants quotes and backslashes escaped twice.
    """
    return one_line(tag, _LONGEST_OWNER).translate(_ESCAPED)
