"""How the policy file's tags are read, wherever it names some.

In a value `*` stands for any text, an empty one too, and `?` for one character. Every other
character stands for itself, `[` included, and case counts. A key is never a pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern describes all of the text."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def has_all(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether each of the wanted tags is there; if none is wanted, that is so."""
    return all(key in tags and matches(tags[key], value) for key, value in wanted.items())


def has_any(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether at least one of the wanted tags is there."""
    return any(key in tags and matches(tags[key], value) for key, value in wanted.items())
