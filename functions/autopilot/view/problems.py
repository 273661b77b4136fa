"""What is wrong: the open findings of the ledger, in the words of their mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autopilot.notify.finding import Catalog, Finding
from autopilot.notify.ledger import Row
from autopilot.notify.notice import URGENCY, Place
from autopilot.notify.phrases import title
from autopilot.view.model import Problem
from autopilot.view.seen import Seen
from autopilot.workflows import CATALOG


def problems(
    seen: Seen, names: Mapping[str, str], elsewhere: Collection[str] = ()
) -> tuple[Problem, ...]:
    """The open findings, the most urgent first, then the oldest.

    `names`: of VPCs and services, by id. `elsewhere`: ids of findings that the view shows already.
    """
    found = (
        _problem(finding, row, names, seen.place)
        for id_, (finding, row) in seen.findings.items()
        if id_ not in elsewhere
    )
    return tuple(sorted(found, key=lambda p: (URGENCY.index(p.severity), p.since, p.id)))


def _problem(finding: Finding, row: Row, names: Mapping[str, str], place: Place) -> Problem:
    headline, line = words_of(finding, place)
    return Problem(
        id=finding.id,
        kind=finding.kind,
        severity=finding.severity,
        subject=finding.subject,
        name=names.get(finding.subject.partition("/")[0], ""),
        since=str(row.body["first_seen"]),
        headline=headline,
        line=line,
        told=row.told,
    )


def words_of(finding: Finding, place: Place, catalog: Catalog = CATALOG) -> tuple[str, str]:
    """A finding's headline, and its line on what it is about.

    Of a kind that this version doesn't know, as after a step back, there is only its name.
    """
    definition = catalog.get(finding.kind)
    if definition is None:
        return title(f"{finding.kind}: {finding.subject}"), ""
    words = definition.reads([finding], place)
    return title(words.title), words.subjects[0].line if words.subjects else ""


def why(finding: Finding, place: Place, catalog: Catalog = CATALOG) -> str:
    """Why it is so, in the first sentence of its mail; "" if that says nothing."""
    definition = catalog.get(finding.kind)
    reasons = definition.reads([finding], place).why if definition else ()
    return next(iter(reasons), "")
