"""A dashboard's body as its widgets: where they stand and what they say they show."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COLUMNS = 24
UNIT = 61  # pixels across and down that one unit of the grid takes: believed, see the README
_DEFAULT = "-PT3H"
_DURATION = re.compile(r"-P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SECONDS = (7 * 86400, 86400, 3600, 60, 1)


class BadBodyError(ValueError):
    """A dashboard's body is no body; the message says why."""


@dataclass(frozen=True)
class Widget:
    """One widget: `id` as CloudWatch numbers them, its place in units of the grid."""

    id: str
    kind: str
    properties: Mapping[str, Any]
    x: int = 0
    y: int = 0
    width: int = 6
    height: int = 6

    @property
    def title(self) -> str:
        """Its title, empty for none."""
        return str(self.properties.get("title") or "")


@dataclass(frozen=True)
class Board:
    """A dashboard: `seconds` is how far back it looks, `auto` whether periods follow from that."""

    name: str
    widgets: tuple[Widget, ...]
    seconds: int
    auto: bool = True
    wrong: tuple[str, ...] = field(default=())

    def widget(self, id: str) -> Widget | None:
        """The widget of that id, if there is one."""
        return next((each for each in self.widgets if each.id == id), None)


def parse(name: str, body: str) -> Board:
    """Read a DashboardBody (CloudWatch API reference, "Dashboard Body Structure and Syntax").

    Raises BadBodyError. What CloudWatch would refuse of a single widget is in `wrong`.
    """
    try:
        data = json.loads(body)
        widgets = tuple(_widget(number, each) for number, each in enumerate(data["widgets"]))
        seconds = seconds_of(data.get("start", _DEFAULT))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBodyError(f"the body of {name} is not one of a dashboard: {error!r}") from error
    auto = data.get("periodOverride", "auto") != "inherit"
    return Board(name, widgets, seconds, auto, tuple(_mistakes(widgets)))


def _widget(number: int, data: Mapping[str, Any]) -> Widget:
    place = {name: int(data[name]) for name in ("x", "y", "width", "height") if name in data}
    return Widget(f"widget-{number}", data["type"], data.get("properties") or {}, **place)


def _mistakes(widgets: tuple[Widget, ...]) -> list[str]:
    if len(widgets) > 500:
        return [f"{len(widgets)} widgets, 500 at most"]
    return [
        f"{each.id}: {each.width} units wide at {each.x}, the grid has {COLUMNS}"
        for each in widgets
        if each.x + each.width > COLUMNS or each.width < 1
    ]


def seconds_of(start: str) -> int:
    """Return how many seconds a dashboard looks back: `-PT3H` is 10800. Raises ValueError."""
    found = _DURATION.fullmatch(start)
    total = (
        sum(int(n or 0) * unit for n, unit in zip(found.groups(), _SECONDS, strict=True))
        if (found)
        else 0
    )
    if not total:
        raise ValueError(f"start: {start!r} is not shown by the lab, write something like -PT3H")
    return total
