"""How a spoke stands, in a heartbeat: made of the ledger's rows and what was noted once a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from autopilot.connections.holds import HOLDS, HoldRow, hold_row
from autopilot.connections.messages import HELD
from autopilot.fleet.upward import gist
from autopilot.fleet.wire import HEARTBEAT, Another, Heartbeat, Held, OpenFinding
from autopilot.notify.bus import BusEvent
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import FINDINGS, Key, Row, Write, finding_of, has_expired, noted
from autopilot.notify.notice import URGENCY, Place
from autopilot.policy.model import Policy
from autopilot.reconcile.beside import SUCCESSION, beside_in
from autopilot.reconcile.codec import decode, encode
from autopilot.view.problems import words_of

STATE = "state"
"""The partition of sweeps (notify/sweeps.py) and of what is noted once a day."""
PARTITIONS = (FINDINGS, HOLDS, STATE, SUCCESSION)
LOOKED = Key(STATE, "fleet-look")
LOOK_AGAIN = timedelta(hours=23)
"""So that an hourly heartbeat looks once a day."""
LARGEST = 100_000
"""Bytes of a heartbeat as JSON."""
_MOST_FINDINGS, _MOST_HELD = 100, 50
_LONGEST = 300
_SWEEP = "sweep"


@dataclass(frozen=True)
class About:
    """What the spoke knows of itself; the names are the heartbeat's."""

    release: str
    version: str
    target: str
    stack: str
    asks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """What was counted at `at`, once a day: too dear for every hour."""

    at: str
    coverage: Mapping[str, int] = field(default_factory=dict)
    cents: int | None = None


Rows = Mapping[str, Sequence[Row]]
"""The ledger's rows by partition."""


def heartbeat(
    rows: Rows, about: About, policy: Policy, place: Place, looked: Looked | None, undelivered: int
) -> Heartbeat:
    """How it stands at `place.time`, with no more of it than has room."""
    now = datetime.fromisoformat(place.time)
    found = sorted(_open(rows.get(FINDINGS, ()), place, now), key=_urgency)
    seen = beside_in(rows.get(SUCCESSION, ()))
    held = sorted(_held(rows, now), key=lambda each: (each.since, each.endpoint_id))
    beat = Heartbeat(
        at=place.time,
        release=about.release,
        version=about.version,
        policy=digest(policy),
        target=about.target,
        stack=about.stack,
        mode=policy.mode,
        sweeps=dict(_sweeps(rows.get(STATE, ()))),
        findings=tuple(found[:_MOST_FINDINGS]),
        finding_count=len(found),
        holds=tuple(held[:_MOST_HELD]),
        hold_count=len(held),
        coverage=looked.coverage if looked else {},
        cents=looked.cents if looked else None,
        undelivered=undelivered,
        asks=about.asks,
        beside=tuple(Another(**vars(each)) for each in seen.others) if seen else (),
        yields_to=seen.yields_to if seen else "",
    )
    return _bounded(beat)


def event_of(beat: Heartbeat) -> BusEvent:
    """The event that carries it."""
    return BusEvent(HEARTBEAT, (), encode(beat))


def digest(policy: Policy) -> str:
    """Equal for policies that are, 16 characters."""
    return sha256(json.dumps(encode(policy), sort_keys=True).encode()).hexdigest()[:16]


def looked_at(rows: Rows) -> Looked | None:
    """What was noted last, None for nothing, or what nobody can read, by another version's hand."""
    for row in rows.get(STATE, ()):
        if row.key == LOOKED:
            body: Mapping[str, Any] = row.body
            try:
                return decode(Looked, json.loads(body["looked"]))
            except (KeyError, ValueError):
                return None
    return None


def is_due(looked: Looked | None, now: datetime) -> bool:
    """Whether to count anew."""
    return looked is None or now - datetime.fromisoformat(looked.at) >= LOOK_AGAIN


def note(looked: Looked, rows: Rows, now: datetime) -> Write:
    """The write that notes it."""
    before = next((row for row in rows.get(STATE, ()) if row.key == LOOKED), None)
    body = {"looked": json.dumps(encode(looked))}
    return noted(LOOKED, body, before, execution="heartbeat", now=now)


def _open(rows: Iterable[Row], place: Place, now: datetime) -> Iterator[OpenFinding]:
    for row in rows:
        if row.body.get("change") == "resolved" or has_expired(row, now):
            continue
        finding = finding_of(row)
        yield OpenFinding(
            id=finding.id[:_LONGEST],
            kind=finding.kind[:_LONGEST],
            severity=finding.severity,
            title=gist(words_of(finding, place)[0]),
            since=str(row.body.get("first_seen", ""))[:_LONGEST],
        )


def _urgency(each: OpenFinding) -> tuple[int, str, str]:
    known = list(URGENCY)
    urgency = known.index(each.severity) if each.severity in known else len(known)
    return urgency, each.since, each.id


def _held(rows: Rows, now: datetime) -> Iterator[Held]:
    """What waits; whose it is and why stands in the finding that tells of it."""
    told: dict[str, Finding] = {}
    for row in rows.get(FINDINGS, ()):
        finding = finding_of(row)
        if finding.kind == HELD.kind:
            told[finding.text("endpoint_id") or finding.subject.rpartition("/")[2]] = finding
    for row in rows.get(HOLDS, ()):
        hold = hold_row(row)
        if hold.stands(now) and not hold.being_answered(now):
            yield _one_held(hold, told.get(hold.endpoint_id))


def _one_held(hold: HoldRow, told: Finding | None) -> Held:
    def text(name: str) -> str:
        return told.text(name)[:_LONGEST] if told else ""

    return Held(
        endpoint_id=hold.endpoint_id,
        hold=hold.name,
        owner=text("owner"),
        service_id=hold.service_id,
        service_name=text("service_name"),
        since=hold.opened_at,
        until=hold.expires.isoformat(timespec="seconds"),
        why=text("reason"),
    )


def _sweeps(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """When the last sweep of each workflow that notes it came to its end."""
    for row in rows:
        name = row.key.sk
        if (name == _SWEEP or name.endswith(f"-{_SWEEP}")) and not row.body.get("goes_on"):
            workflow = "network" if name == _SWEEP else name.removesuffix(f"-{_SWEEP}")
            yield workflow, row.claimed_at


def _bounded(beat: Heartbeat) -> Heartbeat:
    """It with half of its lists for as long as it is too large; the counts stay."""
    while len(json.dumps(encode(beat))) > LARGEST and (beat.findings or beat.holds):
        findings, holds = beat.findings, beat.holds
        beat = replace(
            beat, findings=findings[: len(findings) // 2], holds=holds[: len(holds) // 2]
        )
    return beat
