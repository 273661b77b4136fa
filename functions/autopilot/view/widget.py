"""CloudWatch's face of the view: a custom widget for each of its parts, in HTML without scripts.

Facts on custom widgets are from the CloudWatch guide, "Details about custom widgets in CloudWatch"
and "Interactivity in the custom widget". A state is told by word and shape, never by color alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autopilot.spend.model import Costs
from autopilot.view.html import Html
from autopilot.view.model import Overview, Part
from autopilot.view.widget_connections import connections
from autopilot.view.widget_costs import costs
from autopilot.view.widget_coverage import coverage
from autopilot.view.widget_page import Asked, framed
from autopilot.view.widget_waiting import waiting

_PARTS: Mapping[str, Callable[[Overview, Asked], Html]] = {
    "coverage": coverage,
    "connections": connections,
    "waiting": waiting,
}
PARTS = tuple(_PARTS)
"""What a widget can show of the overview."""
SHOWS: Mapping[str, tuple[Part, ...]] = {
    "coverage": ("vpcs",),
    "connections": ("services",),
    "waiting": ("waiting", "problems"),
}
"""The parts of the overview that each needs."""


def shows(asked: Asked) -> tuple[Part, ...]:
    """What a page needs: how a request ended stands with the services. KeyError for no part."""
    return (*SHOWS[asked.part], "services") if asked.followed else SHOWS[asked.part]


def widget(seen: Overview, asked: Asked) -> str:
    """The HTML of a part's page. Raises KeyError for no part."""
    return framed(asked.dark, _PARTS[asked.part](seen, asked))


def costs_widget(seen: Costs, asked: Asked) -> str:
    """The HTML of a page of costs."""
    return framed(asked.dark, costs(seen, asked))
