"""How ops are told of what was done."""

from __future__ import annotations

from typing import assert_never

from autopilot.core.deeds import Answers, Changes, Deed, HoldEnd, Retired, SteppedAside
from autopilot.core.notice import Notice, Place
from autopilot.core.wording.answers import answers
from autopilot.core.wording.changes import made
from autopilot.core.wording.held import hold_answered
from autopilot.core.wording.retired import retired
from autopilot.core.wording.withdrawn import stepped_aside


def did(deed: Deed, place: Place) -> Notice:
    """The notice that `deed` was done."""
    match deed:
        case Changes():
            return made(deed.outcomes, place)
        case Answers():
            return answers(deed, place)
        case HoldEnd():
            return hold_answered(deed, place)
        case SteppedAside():
            return stepped_aside(deed.outcomes, place)
        case Retired():
            return retired(deed.outcomes, place)
        case unknown:
            assert_never(unknown)
