"""The ledger's rows as decisions know them: what ops have been told, and who is telling."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

CLAIM_LASTS = timedelta(minutes=15)
"""Longer than any record step lives: a claim that is older belongs to one that died."""
NOBODY = "nobody"
"""Who has claimed what waits until somebody listens."""


class Key(NamedTuple):
    """A row's place: what sort of memory it is, and which."""

    pk: str
    sk: str


@dataclass(frozen=True)
class Row:
    """One row. `told`: ops know; until then the execution `claimed_by` is telling them.

    `version` grows with every write, so that a writer notices when another was faster.
    `claimed_at` is ISO 8601 in UTC, `expires_at` seconds since 1970 (None: never).
    """

    key: Key
    version: int
    told: bool
    claimed_by: str
    claimed_at: str
    body: Mapping[str, str | int | bool] = field(default_factory=dict)
    expires_at: int | None = None


@dataclass(frozen=True)
class Write:
    """A conditional write: `row` (None: delete), if the row there has the version `replaces`.

    `replaces` None: if nothing is there.
    """

    key: Key
    row: Row | None
    replaces: int | None


class Rows(Protocol):
    """The ledger itself, as those know it who are handed one."""

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        """All rows under `pk` whose sort key begins with `prefix`."""

    def write(self, writes: Sequence[Write]) -> Collection[Key]:
        """Write what may be written; the keys of what may not."""


@dataclass(frozen=True)
class Memory:
    """What the ledger holds: findings by id, this execution's own rows, the last sweep.

    `untold`: what waits besides findings until somebody listens, and whether somebody does
    (`autopilot.notify.audience`).
    """

    findings: Mapping[str, Row] = field(default_factory=dict)
    execution: Mapping[str, Row] = field(default_factory=dict)
    sweep: Row | None = None
    untold: Mapping[str, Row] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """The right to tell ops one thing, and its end.

    `claim` takes the right (None: it is held already, by a try of this execution that died);
    `settle` notes that ops know, or forgets the row.
    """

    key: Key
    claim: Write | None
    settle: Write


def waits(row: Row) -> bool:
    """Whether the row holds news that nobody has heard, since nobody listened."""
    return not row.told and row.claimed_by == NOBODY


def claimed_elsewhere(row: Row, execution: str, now: datetime) -> bool:
    """Whether another execution is at this moment telling ops what the row holds."""
    fresh = now - datetime.fromisoformat(row.claimed_at) < CLAIM_LASTS
    return not row.told and row.claimed_by != execution and fresh


def delivery(
    row: Row, known: Row | None, *, execution: str, now: datetime, forget: bool = False
) -> Delivery:
    """The errand to tell ops what `row` holds, where the ledger holds `known` so far.

    `forget`: the row has no use once ops know. The versions of `row` are set here.
    """
    held = known is not None and not known.told and known.claimed_by == execution
    before = known.version if known else 0
    claimed = replace(
        row,
        version=before if held else before + 1,
        told=False,
        claimed_by=execution,
        claimed_at=now.isoformat(),
    )
    after = None if forget else replace(claimed, version=claimed.version + 1, told=True)
    return Delivery(
        key=row.key,
        claim=None if held else Write(row.key, claimed, before or None),
        settle=Write(row.key, after, claimed.version),
    )


def at_once(delivery: Delivery) -> Write:
    """The errand's end without its beginning: nobody has to be kept from doing it."""
    if delivery.claim is None or delivery.claim.row is None:
        return delivery.settle
    after = delivery.settle.row
    row = replace(after, version=delivery.claim.row.version) if after else None
    return Write(delivery.key, row, delivery.claim.replaces)
