"""One cause, one mail: the notices of one execution as a single one (decision 0019)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from autopilot.notify.notice import URGENCY, Change, Notice, Step, Subject
from autopilot.notify.phrases import NOTHING, counted, fine_if, title, where

T = TypeVar("T")
MOST_IN_FULL = 4
"""So many notices keep their own sentences in one mail; of further ones it has the titles."""
MOST_TOGETHER = 50
"""Subjects. Their facts stand in a message of 256 KB several times."""
_MOST_PARTS = 20
# How steps begin that are for one case, or one wish; any other has to be done.
_CASES = ("If ", "To ", "Likewise ", "And so on ", "The other ")
_CHANGES: tuple[Change, ...] = ("done", "opened", "changed", "resolved")
_MOST_REASONS = 6
# Of what needs nobody, and of most parts of a digest, a few steps: it is to be read in one go.
_MOST_STEPS = 3


def too_many(notices: Iterable[Notice]) -> bool:
    """Whether one message has no room for the facts of all their subjects, which programs get."""
    return sum(len(notice.subjects) for notice in notices) > MOST_TOGETHER


def combined(notices: Sequence[Notice]) -> Notice:
    """One notice of all of an execution's, which are not none; one alone stays as it is.

    It bears the most urgent's kind, change and severity.
    """
    parts = sorted(notices, key=_order)[:_MOST_PARTS]
    if len(parts) == 1:
        return parts[0]
    if all(part.change == "resolved" for part in parts):
        parts[0] = parts[0]._replace(why=tuple(chain.from_iterable(part.why for part in parts)))
    first = parts[0]
    return Notice(
        kind=first.kind,
        change=first.change,
        severity=first.severity,
        title=_title(parts),
        what=tuple(_what(parts, len(notices) - len(parts))),
        why=_once(chain.from_iterable(map(_why, parts)))[:_MOST_REASONS],
        subjects=tuple(_subjects(parts)),
        steps=tuple(_steps(parts)),
        counts=_counts(parts),
        kinds=_once(part.kind for part in parts),
        parts=tuple(parts),
    )


def _order(notice: Notice) -> tuple[int, int]:
    """The most urgent first; then what was done, then what is found, then what is over."""
    return URGENCY.index(notice.severity), _CHANGES.index(notice.change)


def _title(parts: Sequence[Notice]) -> str:
    """As many titles as there is room for; where it was is said once."""
    spot = f" in {where([s.id for part in parts for s in part.subjects])}"
    head, others = parts[0].title, [part.brief or part.title for part in parts[1:]]
    rest = [_lower(each.replace(spot, "") if spot in head else each) for each in others]
    for shown in range(len(rest), 0, -1):
        left = len(rest) - shown
        line = "; ".join([head, *rest[:shown], *([f"{left} more"] if left else [])])
        if title(line) == line:
            return line
    return title(f"{head}; {counted(len(rest), 'more thing')}")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _why(part: Notice) -> tuple[str, ...]:
    """Its reasons; how a thing may have come to an end is of no use beside others' reasons."""
    return () if part.change == "resolved" else part.why


def _what(parts: Sequence[Notice], unsaid: int) -> Iterator[str]:
    for part in parts[:MOST_IN_FULL]:
        yield from part.what
    for part in parts[MOST_IN_FULL:]:
        yield f"{part.title}."
    if unsaid:
        yield f"And {counted(unsaid, 'more thing')} happened."


def _subjects(parts: Sequence[Notice]) -> Iterator[Subject]:
    """Each thing once, with all that there is to say of it."""
    lines: dict[str, list[str]] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    for subject in (each for part in parts for each in part.subjects):
        lines.setdefault(subject.id, []).append(subject.line)
        facts.setdefault(subject.id, subject.facts)
    for id_, said in lines.items():
        yield Subject(id_, "; ".join(dict.fromkeys(said)), facts[id_])


def _steps(parts: Sequence[Notice]) -> Iterator[Step]:
    """All that needs somebody, a little of what doesn't; only one says that nothing has to be."""
    wanted: list[Step] = []
    for part in parts:
        own = [step for step in part.steps if NOTHING not in step.text.lower()]
        short = part.severity == "info" or (part is not parts[0] and len(parts) > MOST_IN_FULL)
        wanted += own[:_MOST_STEPS] if short else own
    if parts[0].severity == "info":
        silent = [step for part in parts for step in part.steps if NOTHING in step.text.lower()]
        only_to_see = all(step.text.startswith("To look at ") for step in wanted)
        same = only_to_see and len(silent) == len(parts) and len(set(silent)) == 1
        if silent and all(step.text.startswith(_CASES) for step in wanted):
            yield silent[0] if same else fine_if("all of that is as it should be")
    yield from _once(wanted)


def _counts(parts: Sequence[Notice]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in parts:
        counts[part.kind] = counts.get(part.kind, 0) + len(part.subjects)
    return counts


def _once(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
