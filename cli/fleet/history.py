"""`--fleet history`: what happened in any account, newest first, and who answered in the hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from cli.history import first_day, print_entry
from cli.options import Asked, operators
from cli.output import Printer, print_json

if TYPE_CHECKING:
    from autopilot.fleet.answers import Trail
    from autopilot.fleet.news import Happened
    from autopilot.notify.ledger import Row

    from cli.fleet.hub import Hub

_MOST = 200
# Partitions that one call reads (see `Ledger.partitions`).
_DAYS_AT_ONCE = 8


@operators(
    "history",
    click.argument("id_", metavar="[ID]", default=""),
    click.option("--account", default="", help="Of one account only."),
    click.option("--since", default="7d", show_default=True, help="7d, or a date (UTC)."),
)
def command(asked: Asked, id_: str, account: str, since: str) -> int:
    """Show what happened in any account, and who answered what in the hub, newest first.

    ID: what a message is about, as an endpoint or a service, or a hold's name. Changes nothing.

    \b
    Example: ./autopilot --fleet history --account 222222222222 --since 2026-11-01
    Exit codes: 0 it could be read; 1 there is no hub, or another error.
    """
    from autopilot.aws.asking import trails
    from autopilot.fleet.news import happened
    from autopilot.reconcile.codec import encode

    from cli.fleet.hub import connect

    hub, today = connect(asked), datetime.now(UTC).date()
    first = first_day(since, today)
    known = map(happened, rows(hub, account, first, today))
    found = [each for each in known if not id_ or is_about(each, id_)]
    answers = [each for each in trails(hub.table) if _asks(each, id_, account, first)]
    if asked.as_json:
        entries = [{"spoke": str(e.spoke), **encode(e.entry)} for e in found[:_MOST]]
        print_json({"entries": entries, "answers": encode(answers), "more": len(found) > _MOST})
    else:
        _show(found, answers)
    return 0


def rows(hub: Hub, account: str, first: date, today: date) -> Iterator[Row]:
    """The rows of history, the newest first."""
    from autopilot.notify.history import KEPT, about, day

    if account:
        found = hub.table.rows(about(account))
        yield from _newest(row for row in found if row.key.sk >= first.isoformat())
        return
    days = [today - timedelta(n) for n in range((today - max(first, today - KEPT)).days + 1)]
    for start in range(0, len(days), _DAYS_AT_ONCE):
        some = [day(each.isoformat()) for each in days[start : start + _DAYS_AT_ONCE]]
        yield from _newest(r for found in hub.table.partitions(some).values() for r in found)


def _newest(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.key.sk, reverse=True)


def is_about(each: Happened, id_: str) -> bool:
    """Whether an entry is about that id."""
    return any(id_ == s or id_ in s.split("/") for s in each.entry.subjects)


def _asks(trail: Trail, id_: str, account: str, first: date) -> bool:
    fits = not id_ or id_ in (trail.endpoint_id, trail.hold, trail.id)
    mine = not account or trail.spoke.startswith(f"{account}/")
    return fits and mine and trail.at >= first.isoformat()


def _show(found: list[Happened], answers: list[Trail]) -> None:
    from autopilot.notify.phrases import instant

    printer = Printer()
    if not found:
        printer.line("Nothing is remembered of it.")
    for each in found[:_MOST]:
        where = str(each.spoke) if each.spoke.account else "the hub"
        entry = replace(each.entry, at=instant(each.entry.at))
        print_entry(printer, entry, f" in {where}")
    if len(found) > _MOST:
        printer.line("There is more: name an ID or an account, or a shorter time.")
    if answers:
        printer.heading("Answers given in the hub")
    for trail in answers:
        _print_trail(printer, trail)


def _print_trail(printer: Printer, trail: Trail) -> None:
    from autopilot.notify.phrases import instant

    said: dict[str, Any] = {
        "asking": "on its way, or nobody knows whether it was heard",
        "taken": "taken",
        "refused": "not taken",
        "unanswered": "the spoke couldn't be asked",
    }
    printer.line(
        (instant(trail.at), "bold"),
        f" {trail.by}: {trail.answer} {trail.endpoint_id} in {trail.spoke}: {said[trail.state]}",
    )
    for line in (trail.why, f"reason: {trail.reason}" if trail.reason else ""):
        if line:
            printer.line(line, indent=6)
