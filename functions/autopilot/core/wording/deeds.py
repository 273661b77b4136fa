"""How ops are told of what was done."""

from __future__ import annotations

from typing import assert_never

from autopilot.core.deeds import (
    Answers,
    Changes,
    Deed,
    HoldEnd,
    InterfaceChanges,
    ServiceDeed,
)
from autopilot.core.notice import Notice, Place
from autopilot.core.wording.answers import answers
from autopilot.core.wording.changes import made
from autopilot.core.wording.held import hold_answered
from autopilot.core.wording.interface_changes import interfaces_changed
from autopilot.core.wording.published import services


def did(deed: Deed, place: Place) -> Notice:
    """The notice that `deed` was done."""
    match deed:
        case Changes():
            return made(deed.outcomes, place)
        case Answers():
            return answers(deed, place)
        case HoldEnd():
            return hold_answered(deed, place)
        case ServiceDeed():
            return services(deed, place)
        case InterfaceChanges():
            return interfaces_changed(deed.outcomes, place)
        case unknown:
            assert_never(unknown)
