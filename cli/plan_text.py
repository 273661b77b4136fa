"""How a plan, and the difference between two, reads on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autopilot.foreseen.difference import Difference
from autopilot.foreseen.model import Action, Foreseen, Told
from autopilot.notify.phrases import counted

from cli.output import Printer

_AUDIT = "The mode is audit: none of this is done until the file says enforce and is deployed."
_NOT_DEPLOYED = "Nothing is deployed here yet: this is what the first looks would do."

_MAY_DIFFER = "they may come to another plan than this checkout"


def print_plan(made: Foreseen, compare: str) -> None:
    """By VPC and service, then what waits or is in the way, then what couldn't be seen.

    `compare`: the command that says what this checkout would change of what is deployed.
    """
    printer = Printer()
    printer.line(
        (f"What would be done in account {made.account}, {made.region}", "bold"),
        f", by {made.policy_file} (mode {made.mode}), stack {made.stack}",
    )
    if not made.deployed:
        printer.line(_NOT_DEPLOYED)
    if made.runs is False:
        printer.line(f"Another policy is deployed: {compare} says what this one would change.")
    _unlike(printer, made)
    if made.mode == "audit" and made.actions:
        printer.line(_AUDIT)
    _actions(printer, made.actions, made.names)
    _told(printer, "Waits, or is in the way", made.told)
    _left(printer, made)
    _unseen(printer, made)
    printer.line("")
    printer.line(
        f"{counted(len(made.actions), 'change')}." if made.actions else "Nothing to do.",
    )


def print_difference(made: Difference) -> None:
    """What is added, what goes."""
    before, after, printer = made.before, made.after, Printer()
    printer.line(
        (f"What {after.policy_file} changes", "bold"),
        f", compared with {before.policy_file}, in account {after.account}, {after.region}",
    )
    _unlike(printer, after)
    if before.mode != after.mode:
        printer.line(f"The mode becomes {after.mode}; it is {before.mode}.")
    if after.mode == "audit":
        printer.line(_AUDIT)
    for title, actions in (("Would be done, too", made.added), ("Wouldn't be done", made.gone)):
        if actions:
            printer.heading(title)
            _actions(printer, actions, after.names)
    _told(printer, "Would wait, or be in the way", made.told)
    _told(printer, "Wouldn't wait any more", made.untold)
    _unseen(printer, after)
    printer.line("")
    printer.line(
        f"Added: {len(made.added)}, gone: {len(made.gone)}." if made.differs else "No difference."
    )


def _unlike(printer: Printer, made: Foreseen) -> None:
    """What makes the deployed functions come to another plan, or may."""
    if made.why_unknown:
        printer.line(f"Which policy is deployed isn't known: {made.why_unknown}")
    if made.outdated:
        files = counted(len(made.outdated), "file")
        printer.line(f"The deployed functions are of another version ({files}): {_MAY_DIFFER}.")


def _actions(printer: Printer, actions: Iterable[Action], names: Mapping[str, str]) -> None:
    by_place: dict[str, list[Action]] = {}
    for action in actions:
        by_place.setdefault(action.place, []).append(action)
    for place, there in sorted(by_place.items()):
        name = f" ({names[place]})" if place in names else ""
        printer.heading(f"{place}{name}")
        for action in sorted(there, key=lambda each: (each.follows, each.service)):
            _action(printer, action)


def _action(printer: Printer, action: Action) -> None:
    then = "then " if action.follows else ""
    printer.line((f"{action.service}: ", "bold"), f"{then}{action.what}", indent=2)
    printer.line(f"why: {action.reason}", indent=6)


def _told(printer: Printer, title: str, told: tuple[Told, ...]) -> None:
    if not told:
        return
    printer.heading(title)
    for each in told:
        printer.line((f"{each.severity}: ", _STYLES[each.severity]), each.headline, indent=2)
        printer.line(each.line, indent=6)


_STYLES = {"info": "", "action": "yellow", "failure": "bold red"}


def _left(printer: Printer, made: Foreseen) -> None:
    if made.left:
        printer.heading("Left alone")
    for workflow, left in made.left.items():
        counts = ", ".join(f"{count} {reason}" for reason, count in left.items())
        printer.line(f"{workflow}: {counts}", indent=2)


def _unseen(printer: Printer, made: Foreseen) -> None:
    if made.unseen:
        printer.heading("Not seen, since your credentials don't allow it")
    for each in made.unseen:
        printer.line((f"{each.what}: ", "bold red"), f"{each.permission} is missing", indent=2)
        printer.line(f"AWS's words: {each.words}", indent=6)
