"""The parts of a report that decide what is news."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autopilot.notify.bus import BusEvent
from autopilot.notify.completed import CompletedChange
from autopilot.notify.finding import Finding

Vouches = Callable[[Finding, Mapping[str, Finding]], bool]
"""Whether an execution that went well, and found certain findings (by their ids), can vouch that
another finding is over. Only ever true for findings of its own workflow."""
Counts = Mapping[str, int | tuple[int, ...]]


@dataclass(frozen=True)
class View:
    """What a report says.

    `findings`: all that is wrong as far as it can tell; `can_resolve`: for what isn't. `deeds`
    and `events`: what was done, for ops and for the bus. `healed`: the places of what it did that
    an event should have asked for. `counted`: its own metrics. `silently`: ids of findings that a
    deed tells the end of.
    """

    findings: tuple[Finding, ...]
    can_resolve: Vouches
    deeds: tuple[CompletedChange, ...] = ()
    events: tuple[BusEvent, ...] = ()
    healed: tuple[str, ...] = ()
    counted: Counts = field(default_factory=dict)
    silently: frozenset[str] = frozenset()
