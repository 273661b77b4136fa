"""How the whole fleet stands, worst first: each spoke by what it said last, and all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from autopilot.fleet.heard import Heard
from autopilot.fleet.wire import Held, Spoke

WAYS, PRIVATE = "ways", "ways_private"
LOST = {"ways_not_private": "not private", "ways_unknown": "unknown"}
"""What a heartbeat's coverage counts: ways from subnets to services, and how those go that neither
are private nor will be, nor are left alone on purpose."""


@dataclass(frozen=True)
class Stand:
    """How one spoke stands.

    `silent_seconds`: how old its last heartbeat is, 0 while that is no older than it may be.
    `failures` of `findings`, as far as its heartbeat names them. `unserved`: how many ways to
    services are "not private" or "unknown". `behind`: it runs another release than the hub's.
    """

    spoke: Spoke
    at: str
    silent_seconds: int
    failures: int
    held: int
    findings: int
    unserved: Mapping[str, int]
    behind: bool
    release: str
    mode: str
    target: str
    cents: int | None
    undelivered: int

    @property
    def worst_first(self) -> tuple[int, int, int, int, int, bool, int, Spoke]:
        """By it spokes are sorted."""
        return (
            -self.silent_seconds,
            -self.failures,
            -self.held,
            -self.findings,
            -sum(self.unserved.values()),
            not self.behind,
            -self.undelivered,
            self.spoke,
        )

    @property
    def is_fine(self) -> bool:
        """Whether nobody has to look at it."""
        quiet = not (self.silent_seconds or self.held or self.findings or self.undelivered)
        return quiet and not self.behind and not any(self.unserved.values())


@dataclass(frozen=True)
class Totals:
    """All spokes counted. `cents`: of those that know theirs, None if none does."""

    spokes: int = 0
    accounts: int = 0
    regions: int = 0
    silent: int = 0
    failing: int = 0
    held: int = 0
    findings: int = 0
    behind: int = 0
    cents: int | None = None
    cents_unknown: int = 0
    coverage: Mapping[str, int] = field(default_factory=dict)
    releases: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class HeldIn:
    """A request that waits, and in which spoke."""

    spoke: Spoke
    held: Held


def stand(heard: Heard, release: str, now: datetime, silent_after_seconds: int) -> Stand:
    """How the spoke stands. `release`: what it should run, "" for not known."""
    beat = heard.heartbeat
    age = int((now - datetime.fromisoformat(heard.at)).total_seconds())
    return Stand(
        spoke=heard.spoke,
        at=heard.at,
        silent_seconds=age if age > silent_after_seconds else 0,
        failures=sum(each.severity == "failure" for each in beat.findings),
        held=beat.hold_count,
        findings=beat.finding_count,
        unserved=unserved(beat.coverage),
        behind=bool(release) and beat.release != release,
        release=beat.release,
        mode=beat.mode,
        target=beat.target,
        cents=beat.cents,
        undelivered=beat.undelivered,
    )


def unserved(coverage: Mapping[str, int]) -> dict[str, int]:
    """How many ways aren't private, by how they go; of those with any."""
    return {how: coverage[key] for key, how in LOST.items() if coverage.get(key)}


def totals(stands: Iterable[Stand], heard: Iterable[Heard]) -> Totals:
    """All of them together."""
    every, known = list(stands), list(heard)
    cents = [each.cents for each in every if each.cents is not None]
    coverage: Counter[str] = Counter()
    for each in known:
        coverage.update(each.heartbeat.coverage)
    return Totals(
        spokes=len(every),
        accounts=len({each.spoke.account for each in every}),
        regions=len({each.spoke.region for each in every}),
        silent=sum(bool(each.silent_seconds) for each in every),
        failing=sum(bool(each.failures) for each in every),
        held=sum(each.held for each in every),
        findings=sum(each.findings for each in every),
        behind=sum(each.behind for each in every),
        cents=sum(cents) if cents else None,
        cents_unknown=len(every) - len(cents),
        coverage=dict(coverage),
        releases=dict(Counter(each.release for each in every)),
    )


def waiting(heard: Iterable[Heard]) -> list[HeldIn]:
    """All requests that heartbeats name, the oldest first."""
    found = [HeldIn(each.spoke, held) for each in heard for held in each.heartbeat.holds]
    return sorted(found, key=lambda each: (each.held.since, each.spoke, each.held.endpoint_id))


def unnamed(heard: Iterable[Heard]) -> dict[Spoke, int]:
    """By spoke how many more wait than its heartbeat names."""
    more = {each.spoke: each.heartbeat.hold_count - len(each.heartbeat.holds) for each in heard}
    return {spoke: count for spoke, count in more.items() if count > 0}
