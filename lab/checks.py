"""Checks what a person posts to the lab, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


class BadInputError(ValueError):
    """What was posted makes no sense; the message is for the person who posted it."""


def number(low: float, high: float) -> Check:
    """Return a check for a number between `low` and `high` (true and false are no numbers)."""
    return lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    )


def whole(low: int, high: int) -> Check:
    """Return a check for a whole number between `low` and `high`."""
    return lambda value: isinstance(value, int) and number(low, high)(value)


def flag(value: Any) -> bool:
    """Check for true or false."""
    return isinstance(value, bool)


def text(value: Any) -> bool:
    """Check for a text that isn't empty."""
    return isinstance(value, str) and bool(value)


def object_of(data: Any) -> dict[str, Any]:
    """Return `data` if it is a JSON object; raises BadInputError."""
    if not isinstance(data, dict):
        raise BadInputError("send a JSON object")
    return data


def checked(data: Any, rules: Mapping[str, tuple[str, Check]]) -> dict[str, Any]:
    """Return `data` if each of its members follows its rule (what it should be, the check).

    Raises BadInputError, which names every mistake.
    """
    said = object_of(data)
    mistakes = [
        f"{name}: there is no such key, use {', '.join(rules)}"
        for name in data
        if name not in rules
    ]
    mistakes += [
        f"{name}: {value!r} given, should be {rules[name][0]}"
        for name, value in said.items()
        if name in rules and not rules[name][1](value)
    ]
    if mistakes:
        raise BadInputError("; ".join(mistakes))
    return said
