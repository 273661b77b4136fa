"""Which others of our stacks stand in this account and Region, and to which of them we yield.

Only in fleets. Of two stacks that know of each other the later one acts. One that belongs to no
fleet can't know, so whoever does yields to it. Who yields changes nothing (decision 0032).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.reconcile.codec import decode, encode

SUCCESSION = "succession"
"""The partition of what a stack knows of others: when it began, who follows it, who stands."""
AFTER = Key(SUCCESSION, "after")
"""Written into an earlier stack's ledger by a later one, at its creation: it acts from then on."""
BESIDE = Key(SUCCESSION, "beside")
"""What a stack saw beside itself when it last looked, once an hour."""
FOLLOWED_FOR = timedelta(days=1)
"""A note AFTER holds for so long where nobody looks any more."""
_LOOKS_WITHIN = timedelta(hours=3)
_MOST, _LONGEST = 10, 128


@dataclass(frozen=True)
class Stack:
    """A stack that has a ledger: `status` is CloudFormation's word, "" where it is gone.

    `made`: when its ledger was, ISO 8601.
    """

    name: str
    table: str
    made: str
    status: str = ""

    @property
    def stands(self) -> bool:
        """Whether something of it is there."""
        return bool(self.status)

    @property
    def acts(self) -> bool:
        """Whether it may act, or will. What wakes a stack is made last and deleted first: one whose
        creation or deletion has failed isn't woken."""
        return self.stands and self.status not in _ASLEEP


_ASLEEP = frozenset(
    {
        *("CREATE_FAILED", "DELETE_COMPLETE", "DELETE_FAILED", "REVIEW_IN_PROGRESS"),
        *("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "ROLLBACK_IN_PROGRESS"),
    }
)


@dataclass(frozen=True)
class Other:
    """Another stack that stands; `since`: when we first saw it, ISO 8601. `alone`: of no fleet."""

    stack: str
    status: str
    since: str
    alone: bool = False


@dataclass(frozen=True)
class Beside:
    """All of them, as seen at `at` (ISO 8601). `yields_to`: who acts in our place, or ""."""

    at: str
    others: tuple[Other, ...] = ()
    yields_to: str = ""


def beside(
    own: str, stacks: Sequence[Stack], aware: Collection[str], before: Beside | None, now: datetime
) -> Beside:
    """What stands beside the stack whose ledger is `own`. `aware`: ledgers of those that look, too.

    Raises ValueError where our own isn't among `stacks`.
    """
    us = next((each for each in stacks if each.table == own), None)
    if us is None:
        raise ValueError(f"{own} is none of the ledgers that AWS lists")
    others = [each for each in stacks if each.stands and each.name != us.name][:_MOST]
    seen = {each.stack: each.since for each in before.others} if before else {}
    at = now.isoformat(timespec="seconds")
    named = (
        Other(
            each.name[:_LONGEST],
            each.status[:_LONGEST],
            seen.get(each.name, at),
            each.table not in aware,
        )
        for each in others
    )
    return Beside(at, tuple(named), next(_before_us(us, others, aware), ""))


def _before_us(us: Stack, others: Iterable[Stack], aware: Collection[str]) -> Iterator[str]:
    """Who acts in our place, the first of them: such as don't know of us, then later ones."""
    acting = [each for each in others if each.acts]
    yield from (each.name for each in acting if each.table not in aware)
    later = (each for each in acting if (each.made, each.name) > (us.made, us.name))
    yield from (each.name for each in later if each.table in aware)


def is_aware(rows: Iterable[Row], now: datetime) -> bool:
    """Whether the stack with these rows of SUCCESSION looks about, as we do."""
    seen = beside_in(rows)
    return seen is not None and now - datetime.fromisoformat(seen.at) < _LOOKS_WITHIN


def beside_in(rows: Iterable[Row]) -> Beside | None:
    """What was seen last, None for nothing that can be read."""
    for row in rows:
        if row.key == BESIDE:
            body: Any = row.body
            try:
                return decode(Beside, json.loads(body["beside"]))
            except (KeyError, ValueError):
                return None
    return None


def note(seen: Beside, rows: Iterable[Row], now: datetime) -> Write:
    """The write that notes it."""
    known = next((row for row in rows if row.key == BESIDE), None)
    body = {"beside": json.dumps(encode(seen))}
    return noted(BESIDE, body, known, execution="beside", now=now)


def successor(table: str, rows: Iterable[Row], now: datetime) -> Write:
    """The write that tells an earlier stack, with these rows, that the ledger `table` goes on."""
    known = next((row for row in rows if row.key == AFTER), None)
    expires = now + FOLLOWED_FOR
    return noted(AFTER, {"table": table}, known, execution="", now=now, expires=expires)


def over(rows: Iterable[Row], stacks: Iterable[Stack]) -> list[Write]:
    """The write that forgets who follows us, where that one isn't there any more, or never acts:
    its creation or deletion has failed."""
    acting = {each.table for each in stacks if each.acts}
    return [
        Write(AFTER, None, row.version)
        for row in rows
        if row.key == AFTER and row.body.get("table") not in acting
    ]


def yields(rows: Sequence[Row], now: datetime) -> bool:
    """Whether another stack acts in our place: one that has said so, or that we have seen."""
    told = any(
        row.key == AFTER and row.expires_at is not None and row.expires_at > now.timestamp()
        for row in rows
    )
    seen = beside_in(rows)
    return told or bool(seen and seen.yields_to)
