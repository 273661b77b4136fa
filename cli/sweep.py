"""`sweep`: has the workflows look at everything now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.options import Asked, operators
from cli.output import Printer, print_json, progress

if TYPE_CHECKING:
    from cli.executions import Ended
    from cli.session import Here

_WORKFLOWS = ("network", "interfaces", "services", "connections")
# Not "sweep": what a scheduled sweep finds counts as an event that was lost.
_GIVEN = {"trigger": "person"}


@operators(
    "sweep",
    click.option(
        "--workflow",
        "workflows",
        type=click.Choice(_WORKFLOWS),
        multiple=True,
        help="Only this one; may be repeated.",
    ),
)
def command(asked: Asked, workflows: tuple[str, ...]) -> int:
    """Look at everything now, instead of at the next scheduled sweep.

    CHANGES THE ACCOUNT as the policy says (in audit mode nothing): starts each workflow of the
    deployed stack, waits for its end and says what was done.

    \b
    Example: ./autopilot sweep --workflow network
    Exit codes: 0 all went well; 1 a change or a workflow failed, or another error.
    """
    from cli.executions import start

    here = asked.connect()
    names = workflows or _WORKFLOWS
    started = {name: start(_machine(here, name), _GIVEN) for name in names}
    ended = {name: _wait(name, arn, asked.as_json) for name, arn in started.items()}
    if asked.as_json:
        print_json({name: _plain(each) for name, each in ended.items()})
    else:
        for name, each in ended.items():
            _show(name, each)
        Printer().line("./autopilot status says what waits, and what is in the way.")
    return 1 if any(_failed(each) for each in ended.values()) else 0


def _machine(here: Here, name: str) -> str:
    return here.output(f"{name.title()}WorkflowArn")


def _wait(name: str, arn: str, quiet: bool) -> Ended | str:
    """How the execution ended; what went wrong."""
    from cli.executions import wait
    from cli.problem import Problem

    with progress(f"{name}: looking at everything", quiet=quiet) as tell:
        try:
            return wait(arn, lambda state: tell(f"{name}: {state}"))
        except Problem as problem:
            return problem.message


def _outcomes(each: Ended | str) -> list[Mapping[str, Any]]:
    if isinstance(each, str):
        return []
    found = each.output.get("outcomes") or []
    return found if isinstance(found, list) else [found]


def _failed(each: Ended | str) -> bool:
    return isinstance(each, str) or any(o["result"] == "failed" for o in _outcomes(each))


def _plain(each: Ended | str) -> dict[str, Any]:
    if isinstance(each, str):
        return {"failure": each}
    return {"execution": each.arn, "goes_on": each.waits, **each.output}


def _show(name: str, each: Ended | str) -> None:
    printer = Printer()
    if isinstance(each, str):
        printer.line((f"{name}: failed. ", "bold red"), each)
        return
    printer.line((f"{name}: ", "bold"), _said(each))
    for outcome in _outcomes(each):
        words = str(outcome.get("message") or outcome.get("reason") or "")
        printer.line(f"{outcome['result']}  {outcome['id']}  {words}", indent=2)


def _said(each: Ended) -> str:
    """What was done, what failed, what is only planned; findings aren't in a workflow's output."""
    from autopilot.notify.phrases import counted

    if each.waits:
        return (
            "looked at everything; what is new waits for its own tool, and is looked at again then"
        )
    results = Counter(outcome["result"] for outcome in _outcomes(each))
    planned = (each.output.get("left") or {}).get("audit mode", 0)
    more = each.output.get("more", 0)
    parts = [f"{counted(results['done'], 'change')} done"] if results or more else []
    parts += [f"{results['failed']} failed"] if results["failed"] else []
    parts += [f"{planned} planned (the mode is audit)"] if planned else []
    rest = f"; another execution does {more} more" if more else ""
    return ", ".join(parts or ["nothing was done"]) + rest
