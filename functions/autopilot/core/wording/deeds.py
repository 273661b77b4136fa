"""How ops are told of what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autopilot.core.deeds import (
    Answers,
    Changes,
    Deed,
    HoldEnd,
    InterfaceChanges,
    Retired,
    ServiceDeed,
    SteppedAside,
)
from autopilot.core.notice import Notice, Place
from autopilot.core.wording.answers import answers
from autopilot.core.wording.changes import made
from autopilot.core.wording.held import hold_answered
from autopilot.core.wording.interface_changes import interfaces_changed
from autopilot.core.wording.published import services
from autopilot.core.wording.retired import retired
from autopilot.core.wording.withdrawn import stepped_aside

_WORDS: Mapping[type[Deed], Callable[[Any, Place], Notice]] = {
    Changes: lambda deed, place: made(deed.outcomes, place),
    Answers: answers,
    HoldEnd: hold_answered,
    ServiceDeed: services,
    InterfaceChanges: lambda deed, place: interfaces_changed(deed.outcomes, place),
    SteppedAside: lambda deed, place: stepped_aside(deed.outcomes, place),
    Retired: lambda deed, place: retired(deed.outcomes, place),
}


def did(deed: Deed, place: Place) -> Notice:
    """The notice that `deed` was done."""
    return _WORDS[type(deed)](deed, place)
