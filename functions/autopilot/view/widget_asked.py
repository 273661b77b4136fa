"""What a widget is asked for, by the dashboard or by a button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from autopilot.view.widget_answer import followed
from autopilot.view.widget_page import Asked

_MOST_PAGES = 9999


class InvokedAs(Protocol):
    """What Lambda tells a function of itself."""

    @property
    def invoked_function_arn(self) -> str:
        """By which name it was called: its widget's buttons call it by the same."""


def asked_in(
    event: Mapping[str, Any], context: InvokedAs, answers: str, part: str = "None"
) -> Asked:
    """What is asked for: by a button, else by the widget's own parameters; anything may be in it.

    A button's call has the widget's parameters in its context only (README of AWS's samples).
    `answers`: the function that takes a person's answer; `part`: where none is named.
    """
    about = _mapping(event.get("widgetContext"))
    given = {"part": part, **_mapping(about.get("params")), **event}
    return Asked(
        part=str(given["part"])[:40],
        page=_page(given.get("page")),
        dark=is_dark(event),
        endpoint=context.invoked_function_arn,
        answers=answers,
        followed=followed(given),
    )


def is_dark(event: Mapping[str, Any]) -> bool:
    """Whether the dashboard is, as it tells of itself."""
    return bool(_mapping(event.get("widgetContext")).get("theme") == "dark")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _page(value: Any) -> int:
    """A page's number, as YAML or a button wrote it; 1 for what is none."""
    words = str(value)[:6]
    return min(int(words), _MOST_PAGES) if words.isascii() and words.isdecimal() else 1
