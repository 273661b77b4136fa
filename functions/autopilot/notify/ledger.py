"""The ledger's rows as decisions know them: what ops have been told, and who is telling."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from autopilot.notify.finding import Catalog, Finding, FindingDefinition
from autopilot.notify.names import Keep, Names, Owners, remembered
from autopilot.notify.notice import Change

FINDINGS = "finding"
"""The partition of findings; a row's `sk` is the finding's id."""
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


class Versioned(Protocol):
    """A row, or what was read from one."""

    @property
    def version(self) -> int:
        """The row's, 0 for none."""


class Write(NamedTuple):
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


class Memory(NamedTuple):
    """What the ledger holds: findings by id, this execution's own rows, the last sweep.

    `untold`: what waits besides findings until somebody listens, and whether somebody does
    (`autopilot.notify.audience`).
    """

    findings: Mapping[str, Row] = {}
    execution: Mapping[str, Row] = {}
    sweep: Row | None = None
    untold: Mapping[str, Row] = {}

    @property
    def waits(self) -> bool:
        """Whether a finding waits until somebody listens."""
        return any(map(waits, self.findings.values()))

    @property
    def names(self) -> Names:
        """Name tags, by id, of all that it is about."""
        return remembered(self._bodies)

    @property
    def owners(self) -> Owners:
        """Whose it is, by id."""
        return remembered(self._bodies, "owners")

    @property
    def _bodies(self) -> list[Mapping[str, str | int | bool]]:
        return [row.body for row in (*self.untold.values(), *self.findings.values())]


class Delivery(NamedTuple):
    """The right to tell ops one thing: `settle` notes that ops know, or forgets the row.

    `claim` takes the right (None: it is held already, by a try of this execution that died).
    """

    key: Key
    claim: Write | None
    settle: Write


class FindingDelta(NamedTuple):
    """That a finding appeared, changed or went; `since` is the ISO time it was first seen."""

    change: Change
    finding: Finding
    since: str
    delivery: Delivery


def noted(
    key: Key,
    body: Mapping[str, str | int | bool],
    known: Versioned | None,
    *,
    execution: str,
    now: datetime,
    expires: datetime | None = None,
) -> Write:
    """The write of a row that nobody has to be told of, where the ledger holds `known` so far."""
    before = known.version if known else 0
    expires_at = int(expires.timestamp()) if expires else None
    row = Row(key, before + 1, True, execution, now.isoformat(), body, expires_at)
    return Write(key, row, before or None)


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
    """The right to tell ops what `row` holds, where the ledger holds `known` so far.

    `forget`: the row has no use once ops know. The versions of `row` are set here.
    """
    held = known is not None and not known.told and known.claimed_by == execution
    before = known.version if known else 0
    claimed = replace(
        row,
        version=before if held else before + 1,
        told=False,
        claimed_by=execution,
        # The first try's: what was told then is remembered as of then, however often it is tried.
        claimed_at=known.claimed_at if held and known else now.isoformat(),
    )
    after = None if forget else replace(claimed, version=claimed.version + 1, told=True)
    return Delivery(
        key=row.key,
        claim=None if held else Write(row.key, claimed, before or None),
        settle=Write(row.key, after, claimed.version),
    )


def at_once(delivery: Delivery) -> Write:
    """The delivery's end without its beginning: nobody has to be kept from doing it."""
    if delivery.claim is None or delivery.claim.row is None:
        return delivery.settle
    after = delivery.settle.row
    row = replace(after, version=delivery.claim.row.version) if after else None
    return Write(delivery.key, row, delivery.claim.replaces)


def finding_of(row: Row) -> Finding:
    """The finding that a row holds."""
    body: Mapping[str, Any] = row.body
    return Finding(body["kind"], body["subject"], body["severity"], json.loads(body["data"]))


def finding_delta(
    change: Change,
    finding: Finding,
    known: Row | None,
    definition: FindingDefinition,
    *,
    execution: str,
    now: datetime,
    keep: Keep = lambda _words: {},
) -> FindingDelta:
    """That `finding` has come to `change`, and the right to tell it.

    `keep`: what its row keeps of what its words name, which may be gone when it is over.
    """
    since = str(known.body["first_seen"]) if known else now.isoformat()
    body = {**_body(finding, definition, keep), "change": change, "first_seen": since}
    row = Row(Key(FINDINGS, finding.id), 0, False, execution, now.isoformat(), body)
    row, over = replace(row, expires_at=_expiry(definition, now)), change == "resolved"
    right = delivery(row, known, execution=execution, now=now, forget=over)
    return FindingDelta(change, finding, since, right)


def _body(finding: Finding, definition: FindingDefinition, keep: Keep) -> dict[str, str]:
    data = json.dumps(dict(finding.data), sort_keys=True)
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "severity": finding.severity,
        "data": data,
        "fingerprint": fingerprint(finding, definition),
        **keep(f"{finding.subject} {data}"),
    }


def lasting(row: Row, catalog: Catalog, now: datetime) -> Row:
    """The row of a finding, to last from `now` on as long as its kind does."""
    return replace(row, expires_at=_expiry(catalog.get(str(row.body["kind"])), now))


def _expiry(definition: FindingDefinition | None, now: datetime) -> int | None:
    lasts = definition.lasts if definition else None
    return int((now + lasts).timestamp()) if lasts else None


def has_expired(row: Row, now: datetime) -> bool:
    """Whether its time is over. DynamoDB deletes within some days of it."""
    return row.expires_at is not None and row.expires_at <= now.timestamp()


def fingerprint(finding: Finding, definition: FindingDefinition) -> str:
    """Equal for findings of one id that are the same news, 16 characters."""
    said = json.dumps([finding.severity, *definition.said(finding)], sort_keys=True)
    return sha256(said.encode()).hexdigest()[:16]
