"""How a plan for the whole fleet reads: by target, in the order of the waves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from autopilot.foreseen.counted import Counted
from autopilot.notify.phrases import counted, listed

from cli.output import Printer

if TYPE_CHECKING:
    from cli.fleet.plan import Answer
    from infra.fleet.model import Fleet

_EXAMPLES, _NAMED = 5, 20
_BY_HAND = "deployed by hand"
_SIGNS = {"added": "+", "gone": "-"}


def print_plan(fleet: Fleet, answers: Sequence[Answer]) -> None:
    """What would change, then who couldn't be asked; a target of whom nobody spoke is named."""
    printer = Printer()
    printer.line(
        ("What this checkout would change", "bold"),
        f" in {counted(len(answers), 'spoke')} (+ what would be done or told, - what wouldn't any"
        " more)",
    )
    by_target: dict[str, list[Answer]] = {}
    for each in answers:
        by_target.setdefault(each.target, []).append(each)
    order = [name for wave in fleet.waves for name in wave.targets]
    for name in sorted(
        by_target,
        key=lambda each: (each not in order, order.index(each) if each in order else 0, each),
    ):
        _target(printer, fleet, name, by_target[name])
    _lost(printer, answers)
    printer.line("")
    changed = sum(each.differs for each in answers)
    lost = sum(1 for each in answers if not each.is_whole)
    said = f"{changed} of {len(answers)} spokes would change."
    if not changed:
        said = "Nothing is known to change." if lost else "Nothing would change."
    printer.line(said, f" Not all could be seen or asked: {lost}." if lost else "")


def _target(printer: Printer, fleet: Fleet, name: str, answers: Sequence[Answer]) -> None:
    wave = next((n for n, each in enumerate(fleet.waves, 1) if name in each.targets), 0)
    where = f", wave {wave}" if wave else ""
    printer.heading(f"{name or _BY_HAND}{where}: {counted(len(answers), 'spoke')}")
    _leaving(printer, answers)
    _modes(printer, answers)
    for line in _counts(answers):
        printer.line(line, indent=2)
    for where, what, why in islice(_examples(answers), _EXAMPLES):
        printer.line((f"{where}: ", "bold"), what, indent=4)
        printer.line(f"why: {why}", indent=8)
    if not any(each.differs for each in answers):
        known = any(each.ahead for each in answers)
        printer.line("nothing would change" if known else "not known", indent=2)


def _leaving(printer: Printer, answers: Sequence[Answer]) -> None:
    gone = [str(each.spoke) for each in answers if each.leaves]
    if gone:
        printer.line(
            ("would lose their stack", "bold red"),
            f", since fleet.yaml no longer names their target, or their Region: {_some(gone)}",
            indent=2,
        )


def _modes(printer: Printer, answers: Sequence[Answer]) -> None:
    found = Counter(
        (each.ahead.mode, each.ahead.mode_after)
        for each in answers
        if each.ahead and each.ahead.mode != each.ahead.mode_after
    )
    for (before, after), count in sorted(found.items()):
        printer.line(
            f"the mode becomes {after} in {counted(count, 'spoke')}; it is {before}", indent=2
        )


def _counts(answers: Sequence[Answer]) -> Iterator[str]:
    """Each sort of change, summed up, with how many spokes it is in."""
    total, spokes = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for each in answers:
        for found in each.ahead.counts if each.ahead else ():
            key = _key(found)
            total[key] += found.count
            spokes[key] += 1
    for key in sorted(total):
        sign, workflow, verb, kind = key
        what = f"tell of {kind}" if verb == "tell" else f"{verb} {kind}"
        number = f"{_SIGNS.get(sign, '?')}{total[key]}"
        yield f"{number} {what} ({workflow}), in {counted(spokes[key], 'spoke')}"


def _key(found: Counted) -> tuple[str, ...]:
    return (found.sign, found.workflow, found.verb, found.kind)


def _examples(answers: Sequence[Answer]) -> Iterator[tuple[str, str, str]]:
    """One of each spoke, then the second of each: so that a few show more than one account."""
    held = [(each, each.ahead.examples) for each in answers if each.ahead]
    for number in range(max((len(found) for _, found in held), default=0)):
        for each, found in held:
            if number < len(found):
                one = found[number]
                name = f" ({one.name})" if one.name else ""
                sign = "" if one.sign == "added" else "no longer: "
                yield f"{each.spoke} {one.place}{name}", f"{sign}{one.what}", one.why


def _lost(printer: Printer, answers: Sequence[Answer]) -> None:
    silent = [each for each in answers if each.ahead is None and not each.leaves]
    if silent:
        printer.heading("Couldn't be asked")
    for each in silent:
        printer.line((f"{each.spoke}: ", "bold red"), each.why, indent=2)
    unseen = Counter(
        f"{lost.what}: {lost.permission} is missing"
        for each in answers
        if each.ahead
        for lost in each.ahead.unseen
    )
    unread = Counter(key for each in answers if each.ahead for key in each.ahead.unread)
    if unseen or unread:
        printer.heading("Not seen")
    for what, count in sorted(unseen.items()):
        printer.line(f"{what}, in {counted(count, 'spoke')}", indent=2)
    for key, count in sorted(unread.items()):
        said = f"{key} says nothing to {counted(count, 'spoke')} of another version"
        printer.line(f"{said}: what it changes there isn't known", indent=2)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return listed(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
