"""A person's answer in the hub: handed to the spoke, followed until the spoke's news of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from cli.options import Asked
from cli.output import Printer, print_json, progress
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.fleet.asking import Told
    from autopilot.fleet.wire import Held, Spoke

    from cli.fleet.hub import Hub

ID = click.argument("endpoint_id", metavar="ID")
ACCOUNT = click.option("--account", default="", help="The account in which it waits.")
IN = click.option("--in", "in_", default="", help="The Region in which it waits.")
BY = click.option("--by", default="", help="Who answers; default: your session's name.")
MINUTES = click.option(
    "--minutes", default=60, show_default=True, help="How long the answer may be on its way."
)
# The spoke's workflow takes seconds; its news is at the hub within a minute or so.
_PATIENCE, _EVERY = 180.0, 2.0


@dataclass(frozen=True)
class Where:
    """Which request; account and Region "" where the endpoint tells."""

    endpoint_id: str
    account: str
    region: str


def answer(
    asked: Asked,
    where: Where,
    said: Literal["accept", "reject"],
    by: str,
    reason: str,
    minutes: int,
) -> int:
    """Give the answer and say what became of it; the exit code. Raises Problem, AwsErrors."""
    from cli.fleet.hub import connect, held

    hub = connect(asked)
    spoke, request = held(hub, where.endpoint_id, where.account, where.region)
    given = {"endpoint_id": where.endpoint_id, "hold": request.hold, "answer": said,
             "by": by or hub.name(), "reason": reason, "minutes": minutes}  # fmt: skip
    told = hub.ask(spoke, "answer", given)
    made = {
        **given,
        "spoke": str(spoke),
        "id": told.id,
        **_outcome(hub, spoke, request, told, asked),
    }
    if asked.as_json:
        print_json(made)
    else:
        _show(made)
    return 0 if made["result"] == "done" else 1


def _outcome(hub: Hub, spoke: Spoke, request: Held, told: Told, asked: Asked) -> dict[str, str]:
    """What became of it. Raises Problem if the spoke couldn't be asked."""
    if told.answer is None:
        raise Problem(f"{spoke} couldn't be asked ({told.refused}): {told.why}.")
    if not told.answer.get("taken"):
        return {"result": "refused", "message": str(told.answer.get("why", ""))}
    with progress("The answer is being carried out", quiet=asked.as_json):
        return _followed(hub, spoke, request)


def _followed(hub: Hub, spoke: Spoke, request: Held) -> dict[str, str]:
    """What the spoke's news say of the hold; unknown if none comes."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if found := _news(hub, spoke, request.hold):
            return found
        time.sleep(_EVERY)
    return {
        "result": "unknown",
        "message": f"{spoke} took it, and hasn't told what became of it",
    }


def _news(hub: Hub, spoke: Spoke, hold: str) -> dict[str, str] | None:
    from autopilot.fleet.news import happened
    from autopilot.notify.history import about

    for row in hub.table.latest(about(spoke.account), 50):
        seen = happened(row)
        if seen.spoke == spoke and hold in seen.entry.subjects and seen.entry.change == "done":
            done = seen.severity == "info"
            return {"result": "done" if done else "stale", "message": seen.entry.what}
    return None


def _show(made: Mapping[str, Any]) -> None:
    printer, id_ = Printer(), made["endpoint_id"]
    if made["result"] == "done":
        verb = {"accept": "accepted", "reject": "rejected"}[made["answer"]]
        printer.line(f"{id_} in {made['spoke']} is {verb}, by {made['by']}.")
        return
    printer.line(
        (f"Not {'known to be ' if made['result'] == 'unknown' else ''}done: {id_}", "bold red"),
        f" in {made['spoke']}. {made['message']}. The account's own policy judges an answer;"
        f" ./autopilot --fleet history {id_} says what is heard of it.",
    )
