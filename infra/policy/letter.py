"""What the policy file says of the weekly letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Literal

from autopilot.policy.model import DAYS, Day

from infra.policy.keys import part
from infra.policy.report import alternatives
from infra.policy.section import Section
from infra.policy.values import timezone, wall_clock

HOW: tuple[Literal["weekly", "off"], ...] = ("weekly", "off")


@dataclass(frozen=True)
class LetterTime:
    """When the letter goes out each week: wall-clock time in an IANA time zone."""

    day: Day = "mon"
    at: time = time(8)
    timezone: str = "UTC"


def letter(notify: Section) -> LetterTime | None:
    """When it goes out; None: never."""
    how = notify.choice("letter", "weekly", HOW)
    if notify.node("letter_at") is None:
        return LetterTime() if how == "weekly" else None
    at = part(notify, "letter_at")
    if how == "off":
        notify.report.add(
            notify.line_of("letter_at"),
            "notify.letter_at says nothing where letter is off",
            "leave it out, or write letter: weekly",
        )
        return None
    return LetterTime(
        at.value("day", LetterTime.day, _day, f"write {alternatives(DAYS)}"),
        at.value("time", LetterTime.at, wall_clock, 'write "HH:MM", 00:00 to 23:59'),
        at.value(
            "timezone", LetterTime.timezone, timezone, "write an IANA name such as Europe/Berlin"
        ),
    )


def _day(text: str) -> Day:
    for day in DAYS:
        if text == day:
            return day
    raise ValueError(f'is "{text}", which is no day')
