"""`retire`: lists what bears our tag, asks, and has the stack's uninstall workflow remove it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.options import Asked, operators
from cli.output import Printer, print_json, progress
from cli.problem import Problem

if TYPE_CHECKING:
    from cli.session import Here

_OUTPUT = "UninstallWorkflowArn"
_LISTS = ("count", "things", "removed", "failed")


@operators("retire", click.option("--yes", is_flag=True, help="Remove it without asking."))
def command(asked: Asked, yes: bool) -> int:
    """Remove what the automation made, for good: lists it, asks, removes it.

    CHANGES THE ACCOUNT, in audit mode only, and only after you say yes: traffic through those
    endpoints stops. For leaving (docs/uninstall.md); run it as often as you like. With --json it
    never asks: without --yes it only lists.

    \b
    Example: ./autopilot retire
    Exit codes: 0 nothing is left, or you said no; 1 something is left, or an error.
    """
    here = asked.connect()
    machine = here.output(_OUTPUT)
    ended = _execute(machine, confirm=False, quiet=asked.as_json)
    if not asked.as_json:
        _show(ended)
    confirmed = ended["count"] and (yes or (not asked.as_json and _says_yes(here, ended["count"])))
    if confirmed:
        ended = _remove(machine, asked.as_json)
    if asked.as_json:
        print_json({name: ended[name] for name in _LISTS if name in ended})
    elif confirmed:
        _show(ended)
    elif ended["count"]:
        Printer().line("Nothing was changed.")
    return 1 if confirmed and ended["count"] else 0


def _execute(machine: str, *, confirm: bool, quiet: bool) -> Mapping[str, Any]:
    from cli.executions import start, wait

    arn = start(machine, {"trigger": "person", "confirm": confirm})
    with progress("Removing" if confirm else "Listing what bears our tag", quiet=quiet) as tell:
        return wait(arn, tell).output


def _says_yes(here: Here, count: int) -> bool:
    """Raises Problem if a yes would be refused; an unread policy leaves that to the workflow."""
    from cli.deployed import deployed

    runs = deployed(here)
    if runs and runs.policy and runs.policy.mode != "audit":
        raise _refused(f"the mode is {runs.policy.mode}")
    question = f"Remove all {count} for good? Traffic stops. [yes/no]"
    said: str = click.prompt(question, default="no", show_default=False)
    return said.strip().lower() == "yes"


def _remove(machine: str, quiet: bool) -> Mapping[str, Any]:
    """One execution after the other, as long as one gets on and leaves more."""
    removed, failed = 0, list[str]()
    while True:
        ended = _execute(machine, confirm=True, quiet=quiet)
        if ended["refused"]:
            raise _refused(ended["refused"])
        removed += ended["removed"]
        failed = [*map(str, ended["failed"])]
        if not ended["more"] or not ended["removed"]:
            return {**ended, "removed": removed, "failed": failed}


def _refused(why: str) -> Problem:
    return Problem(
        f"Nothing was changed: {why}. The automation would put it all back."
        " Write `mode: audit` in autopilot.yaml, deploy, and run this again."
    )


def _show(ended: Mapping[str, Any]) -> None:
    printer = Printer()
    if ended["removed"] or ended["failed"]:
        printer.line(f"Removed: {ended['removed']}")
    for failed in ended["failed"]:
        printer.line(("Failed: ", "bold red"), str(failed))
    printer.line(f"Bears our tag: {ended['count']}")
    for thing in ended["things"]:
        printer.line(str(thing), indent=2)
    if (more := ended["count"] - len(ended["things"])) > 0:
        printer.line(f"and {more} more", indent=2)
