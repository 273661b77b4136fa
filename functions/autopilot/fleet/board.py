"""The fleet as its widget shows it: a line for each spoke, the worst first, and what all add up to.

What ops know stands in the hub's own findings, so the widget says of a spoke what a mail has said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from autopilot.fleet.facts import Member
from autopilot.fleet.heard import Heard, spoke_in
from autopilot.fleet.messages import (
    DEAF,
    DOUBLED,
    FAILED,
    LEFT,
    MISSING,
    NEWER,
    SILENT,
    SKEWED,
    STRANGER,
    UNDELIVERED,
    UNREAD,
)
from autopilot.fleet.wire import Held, Spoke
from autopilot.notify.finding import Finding
from autopilot.view.model import WORST_FIRST

# What is wrong with a spoke, the worst first, and how that reads.
STATES: Mapping[str, str] = {
    SILENT.kind: "silent",
    FAILED.kind: "deployment failed",
    MISSING.kind: "not served",
    UNDELIVERED.kind: "news don't arrive",
    DOUBLED.kind: "two stacks",
    STRANGER.kind: "not of the fleet",
    NEWER.kind: "newer than the hub",
    SKEWED.kind: "other release",
    LEFT.kind: "left",
}
_ORDER = {kind: n for n, kind in enumerate(STATES)}
_OF_THE_HUB = (DEAF.kind, UNREAD.kind)


@dataclass(frozen=True)
class Line:
    """One spoke; `heard` None: it never spoke. `wrong`: findings of the hub's, the worst first."""

    spoke: Spoke
    name: str = ""
    heard: Heard | None = None
    wrong: tuple[Finding, ...] = ()

    @cached_property
    def order(self) -> tuple[int, int, int, int, float, Spoke]:
        """By which the worst comes first."""
        beat = self.heard.heartbeat if self.heard else None
        failures = sum(each.severity == "failure" for each in beat.findings) if beat else 0
        worst = min((_ORDER[each.kind] for each in self.wrong), default=len(_ORDER))
        held, found = (beat.hold_count, beat.finding_count) if beat else (0, 0)
        return worst, -failures, -held, -found, self.coverage, self.spoke

    @property
    def coverage(self) -> float:
        """The part of its ways to services that is private, 1 where there is none."""
        served, all_ = served_of(self.heard.heartbeat.coverage if self.heard else {})
        return served / all_ if all_ else 1.0


@dataclass(frozen=True)
class Request:
    """A request that waits in a spoke; `silent`: nobody has heard of the spoke for a while."""

    spoke: Spoke
    name: str
    held: Held
    silent: bool


@dataclass(frozen=True)
class Board:
    """The fleet as of `at` (ISO 8601); `hub`: what is wrong with the hub itself."""

    at: str
    lines: tuple[Line, ...]
    hub: tuple[Finding, ...] = ()

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """All that wait, the oldest first."""
        found = [
            Request(line.spoke, line.name, held, any(f.kind == SILENT.kind for f in line.wrong))
            for line in self.lines
            if line.heard
            for held in line.heard.heartbeat.holds
        ]
        return tuple(sorted(found, key=lambda each: (each.held.since, each.spoke)))

    @property
    def unlisted(self) -> int:
        """Requests that wait and that no heartbeat had room for."""
        beats = [line.heard.heartbeat for line in self.lines if line.heard]
        return sum(max(0, beat.hold_count - len(beat.holds)) for beat in beats)

    @cached_property
    def states(self) -> Mapping[str, int]:
        """How many spokes are in each state that is wrong, the worst first."""
        counted = Counter(each.kind for line in self.lines for each in line.wrong)
        return {kind: counted[kind] for kind in STATES if counted[kind]}

    @cached_property
    def releases(self) -> Mapping[str, int]:
        """How many spokes run each release, the most common first."""
        beats = [line.heard.heartbeat for line in self.lines if line.heard]
        return dict(Counter(beat.release for beat in beats).most_common())


def board(
    heard: Iterable[Heard], findings: Iterable[Finding], members: Iterable[Member], at: str
) -> Board:
    """The fleet, of whoever was heard and of whomever something is known to be wrong."""
    names = {each.account: each.name for each in members}
    wrong: dict[Spoke, list[Finding]] = {}
    hub: list[Finding] = []
    for each in findings:
        if each.kind in _OF_THE_HUB:
            hub.append(each)
        elif each.kind in _ORDER:
            wrong.setdefault(spoke_in(each.subject), []).append(each)
    spokes = {each.spoke: each for each in heard}
    lines = [
        Line(
            spoke,
            names.get(spoke.account, ""),
            spokes.get(spoke),
            tuple(sorted(wrong.get(spoke, ()), key=lambda each: _ORDER[each.kind])),
        )
        for spoke in {**spokes, **wrong}
        if spoke in spokes or any(each.kind != LEFT.kind for each in wrong[spoke])
    ]
    return Board(at, tuple(sorted(lines, key=lambda each: each.order)), tuple(hub))


def served_of(coverage: Mapping[str, int]) -> tuple[int, int]:
    """How many ways from subnets to services are private, of how many."""
    return coverage.get("ways_private", 0), coverage.get("ways", 0)


def unserved(coverage: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """How the other ways go, the worst first, and how many of each."""
    names = ((name, f"ways_{name.replace(' ', '_')}") for name in WORST_FIRST)
    return [
        (name, coverage[key]) for name, key in names if coverage.get(key) and key != "ways_private"
    ]
