"""`--fleet requests`: what waits for a person anywhere, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.overview import named

if TYPE_CHECKING:
    from autopilot.fleet.standing import HeldIn
    from autopilot.fleet.wire import Spoke


@operators("requests")
def command(asked: Asked) -> int:
    """List the requests that wait for a person in any account, oldest first, and how to answer.

    Changes nothing. It is as the hub heard it last, which may be a minute ago.

    \b
    Example: ./autopilot --fleet requests
    Exit codes: 0 all is listed; 1 more wait than heartbeats name, there is no hub, or an error.
    """
    from autopilot.fleet.standing import unnamed, waiting
    from autopilot.reconcile.codec import encode

    from cli.fleet.hub import connect

    heard = connect(asked).spokes()
    every, more = waiting(heard), unnamed(heard)
    if asked.as_json:
        listed = [{"spoke": str(each.spoke), **encode(each.held)} for each in every]
        print_json({"requests": listed, "unnamed": {str(s): count for s, count in more.items()}})
    else:
        _show(every, more)
    return 1 if more else 0


def _show(every: Sequence[HeldIn], more: Mapping[Spoke, int]) -> None:
    printer = Printer()
    for each in every:
        _print(printer, each)
    if not every and not more:
        printer.line("No request waits for a person.")
    for spoke, count in more.items():
        printer.line(
            (f"{spoke}: {count} more wait. ", "bold"),
            "Its heartbeat names the oldest only: ./autopilot requests, with credentials of that"
            " account and Region, lists all.",
        )


def _print(printer: Printer, each: HeldIn) -> None:
    from autopilot.notify.phrases import moment

    held = each.held
    service = named(held.service_id, held.service_name)
    printer.line(
        (held.endpoint_id, "bold"),
        f" of account {held.owner} asks for {service} in {each.spoke}, since {moment(held.since)}",
    )
    if held.why:
        printer.line(f"why it waits: {held.why}", indent=2)
    printer.line(f"until {moment(held.until)}: then it is rejected", indent=2)
    printer.line(f"./autopilot --fleet accept {held.endpoint_id}", indent=2)
    printer.line(f'./autopilot --fleet reject {held.endpoint_id} --reason "..."', indent=2)
