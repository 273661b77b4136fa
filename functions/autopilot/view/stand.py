"""How something stands towards a service, and which of several ways is the best."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from autopilot.view.model import WORST_FIRST, Reach


class Stand(NamedTuple):
    """A `reach` with its reason, the endpoint that serves, and (ISO 8601) how long it waits.

    `graced`: what is new waits for its own tool.
    """

    reach: Reach
    reason: str
    endpoint_id: str = ""
    until: str = ""
    graced: bool = False


def best(stands: Iterable[Stand]) -> Stand:
    """The best of several ways; the first of equals. Raises ValueError without any."""
    order = {reach: place for place, reach in enumerate(("private", "waiting", "unknown"))}
    return min(stands, key=lambda stand: order.get(stand.reach, len(order)))


def rank(reach: Reach) -> int:
    """A reach's place in a list, the worst first."""
    return WORST_FIRST.index(reach)
