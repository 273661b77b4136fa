"""The digest for whoever begins to listen: all that stands, and what was done unheard."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autopilot.notify.finding import Catalog, Finding
from autopilot.notify.notice import URGENCY, Change, Notice, Place, Step, Subject
from autopilot.notify.owners import Whose, whose_all
from autopilot.notify.phrases import command, counted, listed, moment, title

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
        owners=_owners(notices, untold, place),
    )


def _owners(notices: Sequence[Notice], untold: Untold, place: Place) -> Whose:
    """All whom any of it concerns: each must hear what stands."""
    found = {o for notice in notices for o in whose_all(notice.subjects, place.owners)}
    done = {owner for each in untold.done for owner in json.loads(str(each.get("whose") or "[]"))}
    return tuple(sorted(found | (done if place.owners else set())))


def _by_urgency(untold: Untold, place: Place, catalog: Catalog) -> list[Notice]:
    """A notice of each kind, the most urgent first."""
    groups: dict[tuple[Change, str], list[Finding]] = {}
    changes: tuple[tuple[Change, Sequence[Finding]], ...] = (
        ("opened", untold.standing),
        ("resolved", untold.over),
    )
    for change, findings in changes:
        for each in findings:
            alike = f"{each.kind}/{catalog[each.kind].alike(each)}"
            groups.setdefault((change, alike), []).append(each)
    notices = [
        catalog[group[0].kind].notice(change, group, place) for (change, _), group in groups.items()
    ]
    return sorted(notices, key=lambda notice: URGENCY.index(notice.severity))


def _opening(place: Place, mode: str) -> Iterator[str]:
    does = (
        "it tells what it would do, and changes nothing"
        if mode == "audit"
        else "it does what autopilot.yaml says"
    )
    yield (
        f"Endpoint Autopilot is deployed as {place.stack_name} in account {place.account},"
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
