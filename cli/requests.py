"""`requests`: what waits for a person, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.overview import named, print_unknown, read

if TYPE_CHECKING:
    from autopilot.view.model import Overview, Waiting


@operators("requests")
def command(asked: Asked) -> int:
    """List the requests that wait for a person, oldest first, with how to answer them.

    Changes nothing. A request that nobody answers is rejected when its time is over.

    \b
    Example: ./autopilot requests
    Exit codes: 0 all could be read; 1 something couldn't, nothing is deployed, or another error.
    """
    from autopilot.reconcile.codec import encode

    here = asked.connect()
    here.output("LedgerTableName")  # nothing waits where nothing is deployed: that is no all clear
    seen = read(asked, here)
    waiting = [each for each in seen.waiting if each.kind == "request"]
    unknown = seen.unknown_in("waiting")
    if asked.as_json:
        print_json({"requests": encode(waiting), "unknown": encode(unknown)})
    else:
        _show(seen, waiting)
    return 1 if unknown else 0


def _show(seen: Overview, waiting: list[Waiting]) -> None:
    printer = Printer()
    for each in waiting:
        print_request(printer, each)
    if not waiting:
        printer.line("No request waits for a person.")
    print_unknown(printer, seen, "waiting")


def print_request(printer: Printer, each: Waiting) -> None:
    """One that waits, and the commands that answer it."""
    endpoint_id = each.subject.rpartition("/")[2]
    service = named(each.service_id, each.name)
    printer.line(
        (endpoint_id, "bold"), f" of account {each.owner} asks for {service}, since {each.since}"
    )
    printer.line(f"why it waits: {each.reason}", indent=2)
    if each.until:
        printer.line(f"until {each.until}: then {each.then}", indent=2)
    printer.line(f"./autopilot accept {endpoint_id}", indent=2)
    printer.line(f'./autopilot reject {endpoint_id} --reason "..."', indent=2)
