"""The weekly letter: what was done, what waits, what drifts, what it costs and would save.

Also a week in which nothing happened has one: it is a sign of life.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from autopilot.notify.history import Entry
from autopilot.notify.notice import Notice, Step, Subject
from autopilot.notify.phrases import counted, fine, title
from autopilot.spend.model import Costs, Saving
from autopilot.spend.prices import usd
from autopilot.view.letter_lines import Section, cost_of, done, drifts, money, unread, waits
from autopilot.view.model import Overview

KIND = "WeeklyLetter"
COVERS = timedelta(days=7)
_MOST_SUBJECTS = 50
_LOST = (
    "If a permission is missing in what wasn't seen, deploy this version again (`npx cdk deploy`):"
    " it brings its function's own. If AWS was busy, the next letter sees it."
)


@dataclass(frozen=True)
class Week:
    """What is remembered of the days from `since` to `until`, dates in UTC, newest first.

    `more`: so much happened that only the newest is here. `forgotten`: why it couldn't be read.
    """

    since: str
    until: str
    entries: tuple[Entry, ...] = ()
    more: bool = False
    forgotten: str = ""


@dataclass(frozen=True)
class Letter:
    """`notice` for programs and chats, `sections` for a mail. `names`: Name tags, by id."""

    notice: Notice
    sections: tuple[Section, ...]
    names: Mapping[str, str] = field(default_factory=dict)


def letter(seen: Overview, costs: Costs, week: Week) -> Letter:
    """The letter. The same facts always give the same one."""
    sections = tuple(
        section
        for section in (
            done(
                week.entries,
                week.since,
                week.until,
                more=week.more,
                forgotten=bool(week.forgotten),
            ),
            waits(seen),
            drifts(seen, week.entries),
            money(costs),
            unread(seen, costs, week.forgotten),
        )
        if section.lines
    )
    return Letter(_notice(seen, costs, week), sections, _names(seen, costs, week))


def _notice(seen: Overview, costs: Costs, week: Week) -> Notice:
    acts = [each for each in week.entries if each.change == "done"]
    counts: dict[str, int] = {}
    for each in acts:
        counts[each.kind] = counts.get(each.kind, 0) + each.count
    said = f"Weekly letter: {', '.join(_gist(seen, costs, week, sum(counts.values())))}"
    lost = bool(seen.unknown or costs.unread or week.forgotten)
    return Notice(
        kind=KIND,
        change="done",
        severity="failure" if lost else "info",
        title=title(said),
        what=(f"{said}.", f"{cost_of(costs)}."),
        why=(f"It covers {week.since} to {week.until}, in UTC; {costs.prices}",),
        subjects=tuple(_subjects(seen, costs))[:_MOST_SUBJECTS],
        steps=tuple(steps(seen, costs, lost=bool(week.forgotten))),
        thread="weekly letter",
        counts=counts,
    )


def _gist(seen: Overview, costs: Costs, week: Week, acts: int) -> Iterator[str]:
    """Of what couldn't be read nothing is said to be nothing."""
    if acts or not week.forgotten:
        yield f"{counted(acts, 'thing')} done" if acts else "nothing done"
    if seen.waiting or not seen.unknown_in("waiting"):
        yield f"{len(seen.waiting)} waiting" if seen.waiting else "nothing waits"
    if seen.problems or not seen.unknown_in("problems"):
        yield f"{len(seen.problems)} open" if seen.problems else "nothing open"
    if costs.saves_micro_usd:
        yield f"{usd(costs.saves_micro_usd)} a month to save"
    if seen.unknown or costs.unread or week.forgotten:
        yield "not everything could be read"


def _subjects(seen: Overview, costs: Costs) -> Iterator[Subject]:
    """What it costs, each saving, and what waits, with facts for programs."""
    money_ = {
        "hours_micro_usd": costs.hours_micro_usd,
        "data_micro_usd": costs.data_micro_usd,
        "saves_micro_usd": costs.saves_micro_usd,
        "may_save_micro_usd": costs.may_save_micro_usd,
        "endpoints": costs.endpoints,
        "prices": costs.prices,
    }
    yield Subject(costs.region, cost_of(costs), money_)
    for each in costs.savings:
        yield Subject(each.subject, f"{each.kind}: {amount(each)}; {each.reason}", _facts(each))
    for one in seen.waiting:
        yield Subject(one.subject, one.reason, {"kind": one.kind, "since": one.since})


def _facts(each: Saving) -> dict[str, object]:
    return {
        "saving": each.kind,
        "micro_usd": each.micro_usd,
        "sure": each.sure,
        "ids": list(each.ids),
    }


def amount(each: Saving) -> str:
    """What it would save a month, in words."""
    if each.micro_usd is None:
        return "price unknown"
    return f"{'' if each.sure else 'at most '}{usd(each.micro_usd)} a month"


def steps(seen: Overview, costs: Costs, *, lost: bool = False) -> Iterator[Step]:
    """What there is to do, each with its command."""
    found: Sequence[tuple[bool, str, str]] = (
        (
            any(each.kind == "request" for each in seen.waiting),
            "To see and answer the requests that wait:",
            "./autopilot requests",
        ),
        (bool(seen.problems), "To see what is open, and why:", "./autopilot status"),
        (bool(costs.savings), "To see what could be saved, and how:", "./autopilot costs"),
    )
    wanted = [Step(text, command) for due, text, command in found if due]
    if seen.unknown or costs.unread or lost:
        wanted.append(Step(_LOST))
    yield from wanted or [fine("this letter is a sign of life")]


def _names(seen: Overview, costs: Costs, week: Week) -> dict[str, str]:
    names = {id_: name for each in week.entries for id_, name in each.names.items()}
    listed = (
        *((vpc.id, vpc.name) for vpc in seen.vpcs),
        *((service.id, service.name) for service in seen.services),
        *((each.subject.partition("/")[0], each.name) for each in costs.savings),
        *((each.id, each.name) for each in costs.by_vpc),
    )
    return {**names, **{id_: name for id_, name in listed if name}}


def of_mail(made: Letter) -> tuple[Section, ...]:
    """The sections of a mail, with what to do at their end."""
    lines = [f"{number}. {step.text}" for number, step in enumerate(made.notice.steps, 1)]
    said = [line for pair in zip(lines, made.notice.steps, strict=True) for line in _step(*pair)]
    return (*made.sections, Section("WHAT TO DO", tuple(said)))


def _step(line: str, step: Step) -> Iterator[str]:
    yield line
    if step.command:
        yield from ("", step.command, "")
