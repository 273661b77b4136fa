"""What sweeps in a row had to heal: then events don't arrive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from autopilot.notify.ledger import Key, Memory, Row, Write, finding_of, noted
from autopilot.notify.report import Report, View

# One sweep may heal what a new policy asks for; a second in a row says that nobody wakes us.
_SUSPICIOUS = 2


class Sweep(NamedTuple):
    """A sweep as far as it has come; a long one is several executions.

    `first`: the very first one, which finds everything and proves nothing. `streak_before`: how
    many finished sweeps in a row had healed something before it. `found_before`, `found`: what its
    earlier executions and this one healed. `goes_on`: more is left, or it broke off.
    """

    execution: str
    first: bool
    streak_before: int
    found_before: int
    found: int
    goes_on: bool

    @property
    def total(self) -> int:
        """What all its executions have healed so far."""
        return 0 if self.first else self.found_before + self.found

    @property
    def streak(self) -> int:
        """How many sweeps in a row have healed something, this one included."""
        if self.total:
            return self.streak_before + 1
        return self.streak_before if self.goes_on else 0

    @property
    def suspicious(self) -> bool:
        """Whether events seem not to arrive."""
        return bool(self.total) and self.streak >= _SUSPICIOUS

    @property
    def clean(self) -> bool:
        """Whether it ended with nothing to heal: events do arrive."""
        return not self.first and not self.goes_on and not self.total


def sweep_row(workflow: str) -> Key:
    """Where the last sweep of `workflow` is remembered."""
    return Key("state", "sweep" if workflow == "network" else f"{workflow}-sweep")


def sweep_of(report: Report, view: View, memory: Memory) -> Sweep:
    """The sweep that `report`, which is judged, is (a part of)."""
    foretold = _foretold(memory)
    found = sum(place_of(each) not in foretold for each in view.healed)
    goes_on = report.goes_on
    if memory.sweep is None:
        return Sweep(report.execution, True, 0, 0, found, goes_on)
    last = _read(memory.sweep)
    if last.execution == report.execution:  # this very report is being recorded once more
        return Sweep(
            last.execution, last.first, last.streak_before, last.found_before, last.found, goes_on
        )
    if last.goes_on:
        return Sweep(report.execution, last.first, last.streak_before, last.total, found, goes_on)
    return Sweep(report.execution, False, last.streak, 0, found, goes_on)


def remember(workflow: str, sweep: Sweep, memory: Memory, now: datetime) -> Write | None:
    """The write that lets the next sweep know of this one; None if the ledger knows it already."""
    body: dict[str, str | int | bool] = {
        "first": sweep.first,
        "streak_before": sweep.streak_before,
        "found_before": sweep.found_before,
        "found": sweep.found,
        "goes_on": sweep.goes_on,
    }
    known = memory.sweep
    if known and known.claimed_by == sweep.execution and known.body == body:
        return None
    return noted(sweep_row(workflow), body, known, execution=sweep.execution, now=now)


def place_of(subject: str) -> str:
    """Both ids of a finding's subject or an item's id ("vpc-1/s3/vpce-2": "vpc-1/s3")."""
    return "/".join(subject.split("/")[:2])


def _read(row: Row) -> Sweep:
    body: Mapping[str, Any] = row.body
    return Sweep(
        row.claimed_by,
        bool(body["first"]),
        int(body["streak_before"]),
        int(body["found_before"]),
        int(body["found"]),
        bool(body["goes_on"]),
    )


def _foretold(memory: Memory) -> frozenset[str]:
    """Where ops knew that a change was wanted: it waited for a window, a quota, a permission."""
    findings = [finding_of(row) for row in memory.findings.values()]
    undone = [item for each in findings for item in each.data.get("left_undone", ())]
    return frozenset(map(place_of, [*undone, *(each.subject for each in findings)]))
