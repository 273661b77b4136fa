"""One look of the hub's: who may take it, what it knows of the looks before, what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from autopilot.fleet.judging import Judged
from autopilot.fleet.messages import FINDINGS
from autopilot.notify.ledger import Key, Row, Write
from autopilot.notify.report import View

LOOK = Key("look", "look")
"""Where it is noted who is looking, and since when there has been no gap."""
LASTS = timedelta(minutes=10)
"""Longer than any look may run: a claim that is older belongs to one that died."""
_A_GAP = timedelta(minutes=20)


class Looks(NamedTuple):
    """The right to look, and what is known: `since` there has been no gap, in which the hub didn't
    look or heard nobody; `wanted_since` the release that spokes should run is wanted; ISO 8601."""

    row: Row
    replaces: int | None
    since: str
    wanted_since: str

    @property
    def claim(self) -> Write:
        """The write that takes it."""
        return Write(LOOK, self.row, self.replaces)

    def settle(self, *, deaf: bool) -> Write:
        """The write that lets others look. `deaf`: nobody was heard, so the gap isn't over."""
        body = {**self.row.body, **({"since": self.row.body["last"]} if deaf else {})}
        done = replace(self.row, version=self.row.version + 1, told=True, body=body)
        return Write(LOOK, done, self.row.version)


def looks(known: Row | None, wanted: str, execution: str, now: datetime) -> Looks | None:
    """The right to look now, None while somebody else does."""
    if known and _is_at_it(known, execution, now):
        return None
    at = now.isoformat(timespec="seconds")
    before: Mapping[str, Any] = known.body if known else {}
    gap = not known or now - datetime.fromisoformat(str(before["last"])) > _A_GAP
    since = at if gap else str(before["since"])
    same = before.get("wanted") == wanted
    wanted_since = str(before["wanted_since"]) if same else at
    body = {"since": since, "last": at, "wanted": wanted, "wanted_since": wanted_since}
    version = known.version if known else 0
    row = Row(LOOK, version + 1, False, execution, now.isoformat(), body)
    return Looks(row, version or None, since, wanted_since)


def _is_at_it(known: Row, execution: str, now: datetime) -> bool:
    fresh = now - datetime.fromisoformat(known.claimed_at) < LASTS
    return not known.told and known.claimed_by != execution and fresh


@dataclass(frozen=True)
class LookReport:
    """What a look reports, as notify knows reports."""

    workflow: ClassVar[str] = "fleet"
    trigger: ClassVar[str] = "sweep"
    failure: ClassVar[None] = None
    went_well: ClassVar[bool] = True
    goes_on: ClassVar[bool] = False
    looked_at_all: ClassVar[bool] = True
    execution: str
    kinds: frozenset[str]


def view_of(judged: Judged) -> View:
    """What it says."""
    return View(findings=judged.findings, judges=FINDINGS)
