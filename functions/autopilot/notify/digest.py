"""Which news go into one message, what the message says, and what an execution counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.notify.combine import combined, too_many
from autopilot.notify.delta import Delta
from autopilot.notify.finding import Catalog, Finding
from autopilot.notify.ledger import FindingDelta, Key, Memory, Write
from autopilot.notify.notice import URGENCY, Change, Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, listed, moment, title
from autopilot.notify.report import Counts

_HELD = "ConnectionHeld/"
# A few of each kind's own steps: the digest is to be read in one go.
_MOST_STEPS = 2
# So many kinds have their own words, the most urgent: the message must fit into SNS's limit.
_MOST_KINDS = 20


@dataclass(frozen=True)
class Digest:
    """One notice, and what to write once it is out."""

    notice: Notice
    settle: tuple[Write, ...]


def digests(
    delta: Delta, refused: Collection[Key], place: Place, catalog: Catalog
) -> tuple[Digest, ...]:
    """What to publish: one notice of all that is new, without that whose claim was refused.

    Of a flood each by itself: programs are given the facts of every subject.
    """
    told = tuple(_each(delta, refused, place, catalog))
    if not told or too_many(digest.notice for digest in told):
        return told
    settle = tuple(write for digest in told for write in digest.settle)
    return (Digest(combined([digest.notice for digest in told]), settle),)


def _each(
    delta: Delta, refused: Collection[Key], place: Place, catalog: Catalog
) -> Iterator[Digest]:
    """A notice for what was done of each kind, then for each kind of finding, change and error."""
    for done in delta.changes:
        if done.delivery and done.delivery.key not in refused:
            yield Digest(done.change.notice(place), (done.delivery.settle,))
    groups: dict[tuple[str, ...], list[FindingDelta]] = {}
    for each in delta.findings:
        if each.delivery.key not in refused:
            groups.setdefault(_group(each, catalog), []).append(each)
    yield from (_about(group, place, catalog) for group in groups.values())


def counts(delta: Delta, memory: Memory, catalog: Catalog, now: datetime) -> Counts:
    """What the execution counts, by the metric's name: percent, seconds or plain numbers.

    Several numbers of one name are several measurements.
    """
    standing = dict(_standing(delta, memory, catalog))
    counted: dict[str, int | tuple[int, ...]] = {
        **delta.view.counted,
        "ActionsTaken": len(delta.events),
        "OpenFindings": len(standing),
    }
    if delta.sweep:
        counted["FoundBySweep"] = 0 if delta.sweep.first else delta.sweep.found
    held = [since for id_, since in standing.items() if id_.startswith(_HELD)]
    # Once more after the last has ended: its alarm keeps the last value that it has seen.
    if held or any(id_.startswith(_HELD) for id_ in memory.findings):
        ages = [(now - datetime.fromisoformat(since)).total_seconds() for since in held]
        counted["HoldsOpen"] = len(held)
        counted["OldestHoldAge"] = round(max(ages, default=0))
    return counted


def _group(news: FindingDelta, catalog: Catalog) -> tuple[str, ...]:
    """A kind and a change make a message, and of failures each error."""
    kind = news.finding.kind
    error = "" if news.change == "resolved" else catalog[kind].alike(news.finding)
    return kind, news.change, error


def _about(group: Sequence[FindingDelta], place: Place, catalog: Catalog) -> Digest:
    first = group[0]
    findings = [each.finding for each in group]
    notice = catalog[first.finding.kind].notice(first.change, findings, place)
    return Digest(notice, tuple(each.delivery.settle for each in group))


def _standing(delta: Delta, memory: Memory, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The findings that stand once all is told, with the ISO time since when."""
    since: Mapping[str, str] = {
        **{id_: str(row.body["first_seen"]) for id_, row in memory.findings.items()},
        **{each.finding.id: each.since for each in delta.findings},
    }
    over = {each.finding.id for each in delta.findings if each.change == "resolved"}
    over |= {write.key.sk for write in delta.silent} | {row.key.sk for row in delta.lapsed}
    for id_, first_seen in since.items():
        definition = catalog.get(id_.partition("/")[0])
        if id_ not in over and not (definition and definition.lasts):
            yield id_, first_seen


@dataclass(frozen=True)
class Untold:
    """All that is to be told: `standing` findings, those that are `over`, what was `done`.

    `done` holds a mapping each: kind, title, at (ISO), subjects (a JSON list), count. `since` is
    the ISO time from which nobody listened, "" if unknown.
    """

    standing: Sequence[Finding] = ()
    over: Sequence[Finding] = ()
    done: Sequence[Mapping[str, Any]] = ()
    since: str = ""


def welcome(untold: Untold, place: Place, mode: str, catalog: Catalog) -> Notice:
    """What is deployed, in which mode, what was found and done, what to do next."""
    notices = _by_urgency(untold, place, catalog)
    found = counted(len(untold.standing), "finding")
    return Notice(
        kind="Welcome",
        change="done",
        severity=notices[0].severity if notices else "info",
        title=title(f"Endpoint Autopilot runs in {place.region}, mode {mode}: {found}"),
        what=(*_opening(place, mode), *_said(notices), *_done(untold)),
        why=tuple(_why(untold)),
        subjects=(*_subjects(notices), *_changes(untold)),
        steps=tuple(_steps(notices[:_MOST_KINDS], place, mode)),
        thread=f"Welcome/{place.time}",
        counts=_counts(untold),
    )


def _by_urgency(untold: Untold, place: Place, catalog: Catalog) -> list[Notice]:
    """A notice of each kind, the most urgent first."""
    groups: dict[tuple[Change, str], list[Finding]] = {}
    changes: tuple[tuple[Change, Sequence[Finding]], ...] = (
        ("opened", untold.standing),
        ("resolved", untold.over),
    )
    for change, findings in changes:
        for each in findings:
            groups.setdefault((change, _alike(each)), []).append(each)
    notices = [
        catalog[group[0].kind].notice(change, group, place) for (change, _), group in groups.items()
    ]
    return sorted(notices, key=lambda notice: URGENCY.index(notice.severity))


def _alike(finding: Finding) -> str:
    """What one notice is about: one kind, and of failures one error."""
    error = finding.data.get("error") if finding.severity == "failure" else ""
    return f"{finding.kind}/{error}"


def _opening(place: Place, mode: str) -> Iterator[str]:
    does = (
        "it tells what it would do, and changes nothing"
        if mode == "audit"
        else "it does what autopilot.yaml says"
    )
    yield (
        f"Endpoint Autopilot is deployed as {place.stack} in account {place.account},"
        f" {place.region}. The mode is {mode}: {does}."
    )


def _said(notices: Sequence[Notice]) -> Iterator[str]:
    """One sentence about each kind."""
    yield from (f"{notice.title}." for notice in notices[:_MOST_KINDS])
    if len(notices) > _MOST_KINDS:
        yield f"And {counted(len(notices) - _MOST_KINDS, 'more kind')} of findings."


def _done(untold: Untold) -> Iterator[str]:
    if untold.done:
        yield f"It has acted {counted(len(untold.done), 'time')} while nobody listened, see below."
    if not (untold.standing or untold.over or untold.done):
        yield "There is nothing to tell so far."


def _why(untold: Untold) -> Iterator[str]:
    if untold.since:
        yield f"Nobody had confirmed a subscription since {moment(untold.since)}."
    yield "This is all that stands, and what was done unheard. Later news come one by one, once."


def _subjects(notices: Sequence[Notice]) -> Iterator[Subject]:
    for notice in notices:
        for each in notice.subjects:
            facts = {"kind": notice.kind, "change": notice.change, **each.facts}
            over = "" if notice.change == "opened" else "over: "
            yield Subject(f"{notice.kind} {each.id}", f"{over}{each.line}", facts)


def _changes(untold: Untold) -> Iterator[Subject]:
    for change in untold.done:
        named = json.loads(str(change["subjects"]))
        more = int(change["count"]) - len(named)
        about = [*named, f"{more} more"] if more > 0 else named
        facts = {
            "kind": change["kind"],
            "change": "done",
            "subjects": named,
            "count": change["count"],
        }
        yield Subject(
            f"{change['kind']} {moment(change['at'])}", f"{change['title']}: {listed(about)}", facts
        )


def _steps(notices: Sequence[Notice], place: Place, mode: str) -> Iterator[Step]:
    if mode == "audit":
        yield Step(
            "Read the plan. When it is right, write `mode: enforce` in autopilot.yaml and deploy."
        )
    for notice in notices:
        if notice.severity != "info":
            yield from notice.steps[:_MOST_STEPS]
    yield Step(
        "CloudWatch's alarms had no listener either. This shows those that have gone off:",
        command(place, "cloudwatch describe-alarms --state-value ALARM"),
    )


def _counts(untold: Untold) -> Mapping[str, int]:
    """How many findings stand, by kind."""
    counts: dict[str, int] = {}
    for finding in untold.standing:
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
    return counts
