"""`doctor`: whether all is in place that the automation needs here, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.options import Asked, operators
from cli.output import Printer, print_json, progress

if TYPE_CHECKING:
    from cli.checkup.model import Ailment, Checkup

_HEADINGS = {"broken": "Doesn't work", "weak": "Works, but"}


@operators("doctor")
def command(asked: Asked) -> int:
    """Find what the automation needs here and doesn't have; each with the command that mends it.

    Trails, who listens, notifications, dead letters, alarms, rules, functions, workflows, quotas,
    each role's permissions and what stands in their way, version and policy against this checkout.
    docs/doctor.md has every check. Changes nothing: calls that would are rehearsed (DryRun).

    \b
    Example: ./autopilot doctor
    Exit codes: 0 all is in place; 2 something isn't; 1 something couldn't be checked, or an error.
    """
    from cli.checkup.visit import visit

    here = asked.connect()
    here.output("LedgerTableName")  # says what to do if nothing is deployed
    with progress("Looking", quiet=asked.as_json) as tell:
        found = visit(here, asked.region, asked.profile, tell)
    if asked.as_json:
        print_json(plain(found))
    else:
        show(found, f"{here.stack_name} in account {here.us.account}, {here.us.region}")
    return found.code


def plain(found: Checkup) -> dict[str, Any]:
    """As plain JSON types."""
    return {
        "healthy": found.code == 0,
        "ailments": [
            {
                "kind": each.kind,
                "severity": each.severity,
                "subject": each.subject,
                "what": each.what,
                "why": each.why,
                "first": each.first,
                "mend": [*each.mend],
            }
            for each in found.ailments
        ],
        "unchecked": [
            {"what": each.what, "why": each.why, "needs": each.needs} for each in found.unchecked
        ],
        "notes": [*found.notes],
    }


def show(found: Checkup, where: str) -> None:
    """Print it, worst first."""
    printer = Printer()
    for severity, heading in _HEADINGS.items():
        listed = [each for each in found.ailments if each.severity == severity]
        if listed:
            printer.heading(heading)
        for each in listed:
            _show_one(printer, each)
    _show_unseen(printer, found)
    printer.line("")
    printer.line((_verdict(found), "bold"), f" {where}")


def _show_unseen(printer: Printer, found: Checkup) -> None:
    if found.unchecked:
        printer.heading("Not checked: nothing of this counts as fine")
    for lost in found.unchecked:
        needs = f"needs {lost.needs}. " if lost.needs else ""
        printer.line((f"{lost.what}: ", "bold"), f"{needs}AWS's words: {lost.why}", indent=2)
    if found.notes:
        printer.heading("Can't be seen from here")
    for note in found.notes:
        printer.line(note, indent=2)


def _show_one(printer: Printer, each: Ailment) -> None:
    style = "bold red" if each.severity == "broken" else "bold"
    printer.line((each.what, style), f" [{each.kind}]", indent=2)
    printer.line(each.why, indent=4)
    if each.first:
        printer.line(each.first, indent=4)
    for command in each.mend:
        printer.line((command, "cyan"), indent=6)


def _verdict(found: Checkup) -> str:
    from autopilot.notify.phrases import counted

    if found.ailments:
        return f"{counted(len(found.ailments), 'thing')} to mend:"
    return "Nothing found in what could be checked:" if found.unchecked else "All is in place:"
