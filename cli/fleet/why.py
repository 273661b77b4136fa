"""`--fleet why`: everything about one thing, from the spoke that has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from cli.fleet.history import is_about, rows
from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.fleet.heard import Heard
    from autopilot.fleet.wire import Spoke

    from cli.fleet.hub import Hub


@operators(
    "why",
    click.argument("id_", metavar="ID"),
    click.option("--account", default="", help="The account that has it."),
    click.option("--in", "in_", default="", help="The Region that has it."),
)
def command(asked: Asked, id_: str, account: str, in_: str) -> int:
    """Say everything about one thing, as the account that has it knows it at this moment.

    ID: as for ./autopilot why. Which account and Region has it is looked for in what the hub has
    heard; where that doesn't tell, name both. Changes nothing.

    \b
    Example: ./autopilot --fleet why vpce-0123456789abcdef0
    Exit codes: 0 it is known, and all could be read; 1 it isn't, something couldn't be read, or
    an error.
    """
    from cli.fleet.hub import connect

    hub = connect(asked)
    spoke = _spoke(hub, id_, account, in_)
    told = hub.ask(spoke, "look", {"what": "why", "id": id_, "schema": 1})
    if told.answer is None:
        raise Problem(f"{spoke} couldn't be asked ({told.refused}): {told.why}.")
    answer = told.answer
    if wrong := answer.get("wrong") or (not answer.get("known") and answer.get("said")):
        raise Problem(f"{spoke} says: {wrong}")
    if asked.as_json:
        print_json({"spoke": str(spoke), **answer})
    else:
        _show(answer, id_)
    lost = answer.get("history_lost") or answer.get("view", {}).get("unknown")
    return 1 if lost else 0


def _show(answer: Mapping[str, Any], id_: str) -> None:
    from autopilot.aws.history import Past
    from autopilot.notify.history import Entry
    from autopilot.reconcile.codec import decode
    from autopilot.view.model import Overview

    from cli.why import show, show_past

    show(decode(Overview, answer["view"]), id_)
    if left := answer.get("left_out"):
        Printer().line(f"{left} lines more had no room: ./autopilot why in that account has all.")
    told = answer.get("history")
    entries = tuple(decode(Entry, each) for each in told["entries"]) if told else ()
    past = Past(entries, bool(told["more"])) if told else None
    show_past(past, str(answer.get("history_lost", "")), id_)


def _spoke(hub: Hub, id_: str, account: str, region: str) -> Spoke:
    """Which spoke has it. Raises Problem if that can't be told, AwsErrors."""
    known = [each for each in hub.spokes(account) if region in ("", each.spoke.region)]
    if len(known) == 1:
        return known[0].spoke
    found = set(_having(known, id_)) or set(_heard_of(hub, id_, {each.spoke for each in known}))
    if len(found) == 1:
        return found.pop()
    where = ", ".join(map(str, sorted(found)))
    told = f"{id_} is in {where}" if found else f"The hub has heard nothing of {id_}"
    raise Problem(f"{told}: name one account and Region with --account and --in.")


def _having(known: list[Heard], id_: str) -> Iterator[Spoke]:
    """Those whose heartbeat names it."""
    for each in known:
        beat = each.heartbeat
        held = [part for h in beat.holds for part in (h.endpoint_id, h.service_id, h.service_name)]
        found = [part for f in beat.findings for part in f.id.split("/")]
        if id_ in (each.spoke.account, *held, *found):
            yield each.spoke


def _heard_of(hub: Hub, id_: str, known: set[Spoke]) -> Iterator[Spoke]:
    """Those whose news of the last month was about it."""
    from autopilot.fleet.news import happened

    today = datetime.now(UTC).date()
    for row in rows(hub, "", today - timedelta(30), today):
        seen = happened(row)
        if seen.spoke in known and is_about(seen, id_):
            yield seen.spoke
