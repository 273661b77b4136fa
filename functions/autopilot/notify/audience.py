"""What becomes of news while nobody listens: it is kept, and told in one digest once somebody does.

The ops topic publishes to nobody without complaint until an address is confirmed (SNS API,
Publish), and sweeps begin while the stack still deploys. Rows of the ledger under UNTOLD:

| sort key | what waits |
|---|---|
| `audience` | whether somebody listens (told), nobody does, or who is writing the digest |
| `over/<finding's id>` | that a finding is over which somebody had been told of |
| `done/<execution>/<kind>` | something that was done |

Findings wait in their own rows as long as they stand. What was done, or has no end that a
look could see, waits for 90 days, as long as executions and logs are kept: it must not pile up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from autopilot.notify import names, owners
from autopilot.notify.delta import REMEMBERED, ChangeDelta, Delta
from autopilot.notify.digest import Digest
from autopilot.notify.finding import Catalog
from autopilot.notify.ledger import (
    NOBODY,
    Delivery,
    FindingDelta,
    Key,
    Memory,
    Row,
    Write,
    at_once,
    claimed_elsewhere,
    delivery,
    finding_of,
    has_expired,
    lasting,
    waits,
)
from autopilot.notify.notice import Place
from autopilot.notify.welcome import Untold
from autopilot.notify.welcome import welcome as welcome_notice

UNTOLD = "untold"
AUDIENCE = Key(UNTOLD, "audience")
# A row takes 400 KB: what doesn't fit is counted.
_MOST_NAMED = 50
_LONGEST_ID = 200


def kept(delta: Delta, memory: Memory, place: Place, now: datetime) -> tuple[Write, ...]:
    """The writes that keep all news until somebody listens, and note that nobody does."""
    writes = [*muted(memory, now)]
    for each in delta.findings:
        writes += _kept_finding(each, memory, now)
    for row in delta.lapsed:
        writes += _lapsed(row, memory, now)
    for done in delta.changes:
        writes += _kept_change(done, place, now)
    return (*writes, *delta.silent)


def muted(memory: Memory, now: datetime) -> tuple[Write, ...]:
    """The write that notes that nobody listens, unless that is known."""
    known = memory.untold.get(AUDIENCE.sk)
    if known is not None and not known.told:
        return ()
    version, since = known.version if known else 0, now.isoformat(timespec="seconds")
    row = Row(AUDIENCE, version + 1, False, NOBODY, since, {"since": since})
    return (Write(AUDIENCE, row, version or None),)


def welcome_is_due(memory: Memory, *, at_first: bool = False) -> bool:
    """Whether somebody who listens now is to get the digest.

    `at_first`: also if nothing is known of an audience yet.
    """
    known = memory.untold.get(AUDIENCE.sk)
    silent = not known.told if known else at_first
    return silent or memory.waits or any(sk != AUDIENCE.sk for sk in memory.untold)


def to_welcome(memory: Memory, execution: str, now: datetime) -> Delivery | None:
    """The delivery of the digest; None while another execution is at it."""
    known = memory.untold.get(AUDIENCE.sk)
    if known and known.claimed_by != NOBODY and claimed_elsewhere(known, execution, now):
        return None
    row = Row(AUDIENCE, 0, False, execution, now.isoformat(), known.body if known else {})
    return delivery(row, known, execution=execution, now=now)


def welcome(memory: Memory, place: Place, mode: str, catalog: Catalog, now: datetime) -> Digest:
    """One digest of all that stands, and what to write once it is out, the audience's row apart."""
    mine = [row for row in memory.findings.values() if _to_say(row, place.execution, now)]
    standing = [row for row in mine if row.body["change"] != "resolved"]
    # Whose end somebody died over stands no more.
    ended = [row for row in mine if row.body["change"] == "resolved"]
    others = [row for sk, row in memory.untold.items() if sk != AUDIENCE.sk]
    since = memory.untold.get(AUDIENCE.sk)
    stands = {row.key.sk for row in standing}
    over = [finding_of(row) for row in (*ended, *others) if "data" in row.body]
    untold = Untold(
        standing=tuple(map(finding_of, standing)),
        over=tuple(finding for finding in over if finding.id not in stands),
        done=tuple(dict(row.body) for row in others if "data" not in row.body),
        since=str(since.body.get("since", "")) if since else "",
    )
    heard = [_heard(row, catalog, now) for row in standing if not row.told]
    forgotten = [Write(row.key, None, row.version) for row in (*ended, *others)]
    # What is told was found by others: no command may name this execution as theirs.
    nowhere = place._replace(execution="", restarts=False)
    return Digest(welcome_notice(untold, nowhere, mode, catalog), (*heard, *forgotten))


def nobody_listened(memory: Memory) -> bool:
    """Whether it is known that nobody did, when somebody last looked."""
    known = memory.untold.get(AUDIENCE.sk)
    return known is not None and not known.told


def _to_say(row: Row, execution: str, now: datetime) -> bool:
    """Whether the digest is to tell of a finding: not what another is telling, or what is past."""
    if row.told:
        return not has_expired(row, now)
    return waits(row) or not claimed_elsewhere(row, execution, now)


def _kept_finding(news: FindingDelta, memory: Memory, now: datetime) -> Iterator[Write]:
    key = news.delivery.key
    known = memory.findings.get(key.sk)
    if news.change == "resolved":
        if known:
            yield from _kept_end(known, memory, now)
        return
    claimed = news.delivery.claim.row if news.delivery.claim else known
    if claimed is None:
        return
    version = known.version if known else 0
    # What no look can see the end of waits as long as what was done; the rest while it stands.
    ends = int((now + REMEMBERED).timestamp()) if claimed.expires_at is not None else None
    row = replace(
        claimed,
        version=version + 1,
        told=False,
        claimed_by=NOBODY,
        claimed_at=now.isoformat(),
        expires_at=ends,
    )
    yield Write(key, row, version or None)


def _lapsed(row: Row, memory: Memory, now: datetime) -> Iterator[Write]:
    """A finding that is over before anybody heard of it, or of its last change."""
    if row.body["change"] == "changed":
        yield from _kept_end(row, memory, now)
    else:
        yield Write(row.key, None, row.version)


def _kept_end(known: Row, memory: Memory, now: datetime) -> Iterator[Write]:
    """That a finding is over which ops may have heard of."""
    key = Key(UNTOLD, f"over/{known.key.sk}")
    before = memory.untold.get(key.sk)
    version = before.version if before else 0
    # First what is kept: whoever dies in between must have lost nothing.
    yield Write(
        key, Row(key, version + 1, False, NOBODY, now.isoformat(), known.body), version or None
    )
    yield Write(known.key, None, known.version)


def _kept_change(done: ChangeDelta, place: Place, now: datetime) -> Iterator[Write]:
    if done.delivery is None:
        return
    notice = done.change.notice(place)
    named = [subject.id[:_LONGEST_ID] for subject in notice.subjects[:_MOST_NAMED]]
    body: dict[str, str | int | bool] = {
        "kind": notice.kind,
        "title": notice.title,
        "at": now.isoformat(timespec="seconds"),
        "subjects": json.dumps(named),
        "count": len(notice.subjects),
    }
    body |= names.keeper(place.names, {})(f"{notice.title} {body['subjects']}")
    if theirs := owners.whose_all(notice.subjects, place.owners):
        body["whose"] = json.dumps(theirs[:_MOST_NAMED])
    key = Key(UNTOLD, f"done/{done.delivery.key.sk}")
    expires = int((now + REMEMBERED).timestamp())
    yield Write(key, Row(key, 1, False, NOBODY, now.isoformat(), body, expires), None)
    yield at_once(done.delivery)


def _heard(row: Row, catalog: Catalog, now: datetime) -> Write:
    told = replace(row, version=row.version + 1, told=True)
    return Write(row.key, lasting(told, catalog, now), row.version)
