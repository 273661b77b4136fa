"""What was done: history counted by day, and how long requests waited for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.connections.facts import EXPIRY
from autopilot.connections.messages import ACCEPTED, CUT, HELD, HOLD_ANSWERED, REJECTED
from autopilot.notify.history import Entry
from autopilot.view.model import Place
from autopilot.workflows import CATALOG

_VERDICTS = frozenset({ACCEPTED.kind, REJECTED.kind, CUT.kind, HOLD_ANSWERED.kind})


def _kind(change: str, kind: str) -> Callable[[Entry], bool]:
    return lambda entry: (entry.change, entry.kind) == (change, kind)


def _by_a_person(entry: Entry) -> bool:
    return _kind("done", HOLD_ANSWERED.kind)(entry) and entry.by != EXPIRY


def _changed(entry: Entry) -> bool:
    return entry.change == "done" and entry.kind not in _VERDICTS


def _failed(entry: Entry) -> bool:
    known = CATALOG.get(entry.kind)
    return entry.change == "opened" and known is not None and known.severity == "failure"


COLUMNS: Mapping[str, Callable[[Entry], bool]] = {
    "Held": _kind("opened", HELD.kind),
    "Answered by a person": _by_a_person,
    "Accepted by the automation": _kind("done", ACCEPTED.kind),
    "Rejected by the automation": _kind("done", REJECTED.kind),
    "Cut": _kind("done", CUT.kind),
    "Changes made": _changed,
    "Failures": _failed,
}
"""What is counted. The automation's own answers are those that a rule, or the end of a hold,
decided; an entry of a person's doesn't hold which answer it was."""


@dataclass(frozen=True)
class Day:
    """A day in UTC ("2026-11-30"); `more`: only its latest entries were read."""

    date: str
    entries: tuple[Entry, ...]
    more: bool = False

    @property
    def counts(self) -> Counter[str]:
        """How much of each column."""
        found: Counter[str] = Counter()
        for entry in self.entries:
            found.update({name: entry.count for name, of in COLUMNS.items() if of(entry)})
        return found


@dataclass(frozen=True)
class Done:
    """The last days, the latest first. `unread`: AWS's words if history couldn't be read."""

    place: Place
    days: tuple[Day, ...] = ()
    unread: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, the newest first."""
        return tuple(entry for day in self.days for entry in day.entries)


@dataclass(frozen=True)
class Waits:
    """How long requests that a person answered had waited; `count` of them."""

    count: int
    middle: timedelta
    longest: timedelta


def waits(entries: Sequence[Entry]) -> Waits | None:
    """Of those that were held and answered within these entries; None if there are none."""
    held = _times(entries, COLUMNS["Held"])
    found = sorted(
        at - held[subject]
        for subject, at in _times(entries, _by_a_person).items()
        if subject in held and at >= held[subject]
    )
    return Waits(len(found), found[len(found) // 2], found[-1]) if found else None


def _times(entries: Iterable[Entry], of: Callable[[Entry], bool]) -> dict[str, datetime]:
    """When each subject was last in such an entry."""
    found: dict[str, datetime] = {}
    for entry in filter(of, entries):
        for subject in entry.subjects:
            at = datetime.fromisoformat(entry.at)
            found[subject] = max(at, found.get(subject, at))
    return found
