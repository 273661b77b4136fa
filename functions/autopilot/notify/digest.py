"""How those who begin to listen are told all there is, in one message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autopilot.notify.finding import Finding, Severity
from autopilot.notify.notice import Change, Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, listed, moment, title
from autopilot.words import about

_URGENCY: tuple[Severity, ...] = ("failure", "action", "info")
# A few of each kind's own steps: the digest is to be read in one go.
_MOST_STEPS = 2
# So many kinds have their own words, the most urgent: the message must fit into SNS's limit.
_MOST_KINDS = 20


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


def digest(untold: Untold, place: Place, mode: str) -> Notice:
    """What is deployed, in which mode, what was found and done, what to do next."""
    notices = _by_urgency(untold, place)
    found = counted(len(untold.standing), "finding")
    return Notice(
        kind="Welcome",
        change="done",
        severity=notices[0].severity if notices else "info",
        title=title(f"Endpoint Autopilot runs in {place.region}, mode {mode}: {found}"),
        what=(*_opening(place, mode), *_said(notices), *_done(untold)),
        why=tuple(_why(untold)),
        subjects=(*_subjects(notices), *_deeds(untold)),
        steps=tuple(_steps(notices[:_MOST_KINDS], place, mode)),
        thread=f"Welcome/{place.time}",
        counts=_counts(untold),
    )


def _by_urgency(untold: Untold, place: Place) -> list[Notice]:
    """A notice of each kind, the most urgent first."""
    groups: dict[tuple[Change, str], list[Finding]] = {}
    changes: tuple[tuple[Change, Sequence[Finding]], ...] = (
        ("opened", untold.standing),
        ("resolved", untold.over),
    )
    for change, findings in changes:
        for each in findings:
            groups.setdefault((change, _alike(each)), []).append(each)
    notices = [about(change, group, place) for (change, _), group in groups.items()]
    return sorted(notices, key=lambda notice: _URGENCY.index(notice.severity))


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


def _deeds(untold: Untold) -> Iterator[Subject]:
    for deed in untold.done:
        named = json.loads(str(deed["subjects"]))
        more = int(deed["count"]) - len(named)
        about = [*named, f"{more} more"] if more > 0 else named
        facts = {"kind": deed["kind"], "change": "done", "subjects": named, "count": deed["count"]}
        yield Subject(
            f"{deed['kind']} {moment(deed['at'])}", f"{deed['title']}: {listed(about)}", facts
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
