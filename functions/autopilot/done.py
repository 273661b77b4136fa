"""How ops are told of what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autopilot.connections.words_answers import answers
from autopilot.connections.words_held import hold_answered
from autopilot.gateway.words_changes import made
from autopilot.interfaces.words_changes import interfaces_changed
from autopilot.notify.completed import (
    Answers,
    Changes,
    CompletedChange,
    HoldEnd,
    InterfaceChanges,
    Retired,
    ServiceDeed,
    SteppedAside,
)
from autopilot.notify.notice import Notice, Place
from autopilot.services.words_published import services
from autopilot.uninstall.words import retired
from autopilot.withdraw.words import stepped_aside

_WORDS: Mapping[type[CompletedChange], Callable[[Any, Place], Notice]] = {
    Changes: lambda deed, place: made(deed.outcomes, place),
    Answers: answers,
    HoldEnd: hold_answered,
    ServiceDeed: services,
    InterfaceChanges: lambda deed, place: interfaces_changed(deed.outcomes, place),
    SteppedAside: lambda deed, place: stepped_aside(deed.outcomes, place),
    Retired: lambda deed, place: retired(deed.outcomes, place),
}


def did(deed: CompletedChange, place: Place) -> Notice:
    """The notice that `deed` was done."""
    return _WORDS[type(deed)](deed, place)
