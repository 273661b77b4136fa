"""History: who or what did what, when and why, kept 400 days, also of what has gone.

Rows of the ledger, each of them written once and never changed:

| partition | sort key | one row for |
|---|---|---|
| `day/2026-11-30` (UTC) | `<time>/<execution>/<kind>/<n>` | each entry |
| `about/<id>` | the same | each id that an entry is about, accounts included |

An entry is one finding that appeared, changed or went, or all that an execution did of one kind;
under `about/` it is only what concerns that id. Its key is made of the execution and of the time of
its first try to tell, so another try writes nothing twice. Two executions that find the same in the
same moment may both remember it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from autopilot.notify import names
from autopilot.notify.delta import ChangeDelta, Delta
from autopilot.notify.finding import Catalog, Finding
from autopilot.notify.ledger import FindingDelta, Key, Memory, Row, Write, finding_of, noted
from autopilot.notify.notice import Change, Notice, Place, Subject

KEPT = timedelta(days=400)
AUTOPILOT = "autopilot"
TURNS: Mapping[Change, str] = {
    "done": "done",
    "opened": "found",
    "changed": "found changed",
    "resolved": "over",
}
"""What an entry's `change` is called."""
# A row is to stay within a kilobyte or so: DynamoDB counts each one begun.
_MOST_NAMED = 20
_LONGEST, _LONGEST_WHY, _LONGEST_ID = 300, 400, 200
# Of one subject's facts: a VPC's endpoint may serve hundreds of tables.
_MOST_IDS = 12
_THING = re.compile(
    r"(?:vpce-svc|vpce|vpc|subnet|rtb|sg)-[\w-]{1,60}"
    r"|arn:[\w-]+:elasticloadbalancing:\S{1,200}"
)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    `at`: ISO 8601, UTC, when it was recorded. `subjects`: as findings call them, the first of
    `count`. `names`: Name tags, by id. `what`, `why`: the mail's words, a line each. `by`:
    "autopilot", "expiry", or a person as they were given. `execution`: the ARN.
    """

    at: str
    kind: str
    change: Change
    subjects: tuple[str, ...]
    count: int
    names: Mapping[str, str]
    what: str
    why: str
    by: str
    execution: str


class _Told(NamedTuple):
    """A notice of what happened, when, and which fact of its subjects says who did it."""

    at: str
    notice: Notice
    by: str = ""


def day(at: str) -> str:
    """The partition of the day of an ISO time or date."""
    return f"day/{at[:10]}"


def about(id_: str) -> str:
    """The partition of an id."""
    return f"about/{id_}"


def writes_of(
    delta: Delta,
    memory: Memory,
    place: Place,
    catalog: Catalog,
    now: datetime,
    *,
    refused: Collection[Key] = (),
    lapsed: bool = False,
) -> tuple[Write, ...]:
    """What to remember of an execution: all that it has to tell, or has told at an earlier try.

    `refused`: what others are telling. `lapsed`: also what is over before anybody heard of it.
    """
    told = [
        *(_done(each, memory, place, now) for each in delta.changes if _ours(each, refused)),
        *(_news(e, memory, place, catalog, now) for e in delta.findings if _mine(e, refused)),
        *_before(delta, memory, place, catalog),
    ]
    if lapsed:
        told += [_over(finding_of(row), place, catalog, now) for row in delta.lapsed]
    writes = [write for each in told for write in _writes(each, place)]
    return tuple({write.key: write for write in writes}.values())


def entry_of(row: Row) -> Entry:
    """The entry that a row holds."""
    body: Mapping[str, Any] = row.body
    return Entry(
        at=row.key.sk.partition("/")[0],
        kind=str(body["kind"]),
        change=body["change"],
        subjects=tuple(json.loads(body["subjects"])),
        count=int(body["count"]),
        names=names.remembered([body]),
        what=str(body["what"]),
        why=str(body["why"]),
        by=str(body["by"]),
        execution=row.claimed_by,
    )


def _ours(each: ChangeDelta, refused: Collection[Key]) -> bool:
    return each.delivery is None or each.delivery.key not in refused


def _mine(each: FindingDelta, refused: Collection[Key]) -> bool:
    return each.delivery.key not in refused


def _done(each: ChangeDelta, memory: Memory, place: Place, now: datetime) -> _Told:
    known = memory.execution.get(f"{place.execution}/{each.change.key}")
    at = known.claimed_at if known else now.isoformat()
    return _Told(at, each.change.notice(place), each.change.definition.by)


def _news(
    each: FindingDelta, memory: Memory, place: Place, catalog: Catalog, now: datetime
) -> _Told:
    known = memory.findings.get(each.finding.id)
    held = each.delivery.claim is None and known is not None
    at = known.claimed_at if held and known else now.isoformat()
    return _told(each.change, each.finding, at, place, catalog)


def _before(delta: Delta, memory: Memory, place: Place, catalog: Catalog) -> Iterator[_Told]:
    """What an earlier try of this very execution has told, and perhaps not remembered."""
    new = {each.finding.id for each in delta.findings}
    for id_, row in memory.findings.items():
        if row.told and row.claimed_by == place.execution and id_ not in new:
            change: Any = row.body["change"]
            yield _told(change, finding_of(row), row.claimed_at, place, catalog)


def _over(finding: Finding, place: Place, catalog: Catalog, now: datetime) -> _Told:
    return _told("resolved", finding, now.isoformat(), place, catalog)


def _told(change: Change, finding: Finding, at: str, place: Place, catalog: Catalog) -> _Told:
    return _Told(at, catalog[finding.kind].notice(change, [finding], place))


def _writes(told: _Told, place: Place) -> Iterator[Write]:
    """An entry's rows: of its day, and of each id that it is about."""
    at = datetime.fromisoformat(told.at).astimezone(UTC)
    notice, time = told.notice, at.isoformat(timespec="seconds")
    of = "\n".join([notice.change, *(subject.id for subject in notice.subjects)])
    number = sha256(of.encode(errors="replace")).hexdigest()[:12]
    sort = f"{time}/{place.execution.rpartition(':')[2]}/{notice.kind}/{number}"
    for partition, subjects in _partitions(time, notice).items():
        body = _body(notice, subjects, told.by, place)
        key = Key(partition, sort)
        yield noted(key, body, None, execution=place.execution, now=at, expires=at + KEPT)


def _partitions(time: str, notice: Notice) -> dict[str, list[Subject]]:
    """By partition the subjects that concern it."""
    found: dict[str, list[Subject]] = {day(time): list(notice.subjects)}
    for subject in notice.subjects:
        for id_ in _ids(subject):
            found.setdefault(about(id_), []).append(subject)
    return found


def _ids(subject: Subject) -> Iterable[str]:
    """All ids that a subject names, itself or in its facts; a Region only if it is the subject."""
    owner = str(subject.facts.get("owner") or "")
    facts = [text for value in subject.facts.values() for text in _texts(value)]
    accounts = [owner] if _ACCOUNT.fullmatch(owner) else []
    regions = [subject.id] if _REGION.fullmatch(subject.id) else []
    texts = (*subject.id.split("/"), *accounts, subject.id, *facts)
    things = [text for text in texts if text in accounts or _THING.fullmatch(text)]
    return [*dict.fromkeys([*regions, *things])][:_MOST_IDS]


def _texts(value: Any) -> Iterable[str]:
    parts = value if isinstance(value, list | tuple) else (value,)
    return (part for part in parts if isinstance(part, str))


def _body(
    notice: Notice, subjects: Sequence[Subject], by: str, place: Place
) -> dict[str, str | int | bool]:
    what = notice.title if len(subjects) > 1 else f"{notice.title}: {subjects[0].line}"
    said = {
        "kind": notice.kind,
        "change": notice.change,
        "subjects": json.dumps([subject.id[:_LONGEST_ID] for subject in subjects[:_MOST_NAMED]]),
        "what": what[:_LONGEST],
        "why": _why(notice, subjects)[:_LONGEST_WHY],
        "by": _by(subjects, by)[:_LONGEST_ID],
    }
    needed = f"{said['what']} {said['why']} {said['subjects']}"
    return {**said, "count": len(subjects), **names.kept(place.names, needed)}


def _why(notice: Notice, subjects: Sequence[Subject]) -> str:
    """The subjects' own reason, if they have one; what the mail says otherwise."""
    reasons = {str(subject.facts.get("reason") or "") for subject in subjects}
    own = reasons.pop() if len(reasons) == 1 and notice.change != "resolved" else ""
    return own or " ".join(notice.why)


def _by(subjects: Sequence[Subject], fact: str) -> str:
    if not fact:
        return AUTOPILOT
    people = dict.fromkeys(str(subject.facts.get(fact) or "") for subject in subjects)
    return ", ".join(each or "unknown" for each in people)
