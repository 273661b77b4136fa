"""`history`: who or what did what, when and why, newest first."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.aws.history import Past
    from autopilot.notify.history import Entry

    from cli.session import Here

_SINCE = re.compile(r"(\d{1,3})d")


@operators(
    "history",
    click.argument("id_", metavar="[ID]", default=""),
    click.option("--since", help="7d for seven days, or a date like 2026-11-01 (UTC)."),
)
def command(asked: Asked, id_: str, since: str | None) -> int:
    """Show who or what did what, when and why, newest first; kept 400 days.

    ID: a VPC, subnet, route table, endpoint, endpoint service, security group, load balancer's ARN
    or consumer's account, also one that has gone; without it, all of the last 7 days. Changes
    nothing.

    \b
    Example: ./autopilot history vpce-0123456789abcdef0 --since 2026-11-01
    Exit codes: 0 it could be read, also if nothing is remembered; 1 an error, or nothing is
    deployed.
    """
    from autopilot.notify.history import KEPT

    today = datetime.now(UTC).date()
    first = first_day(since or (f"{KEPT.days}d" if id_ else "7d"), today)
    here = asked.connect()
    here.output("LedgerTableName")  # nothing deployed, nothing remembered: that is no all clear
    past = read(here, id_, first, today)
    if asked.as_json:
        print_json(plain(past))
    else:
        of = f"of {id_}" if id_ else "of anything"
        print_past(Printer(), past, f"{of} since {first.isoformat()} (UTC)")
    return 0


def read(here: Here, id_: str, first: date, today: date) -> Past:
    """What is remembered of an id, or of all for ""; nothing if nothing is deployed."""
    from autopilot.aws import history

    ledger = here.table()
    if ledger is None:
        return history.Past(())
    if id_:
        return history.of_id(ledger, id_, first)
    return history.of_days(ledger, first, today)


def of_one(here: Here, id_: str) -> Past:
    """All that is remembered of an id."""
    from autopilot.notify.history import KEPT

    today = datetime.now(UTC).date()
    return read(here, id_, today - KEPT, today)


def plain(past: Past) -> dict[str, Any]:
    """As plain JSON types."""
    from autopilot.reconcile.codec import encode

    return {"entries": [encode(each) for each in past.entries], "more": past.more}


def print_past(printer: Printer, past: Past, of: str) -> None:
    """Each entry on a line or two; a word if there are more."""
    if not past.entries:
        printer.line(f"Nothing is remembered {of}.")
    for entry in past.entries:
        print_entry(printer, entry)
    if past.more:
        last = past.entries[-1].at
        printer.line(f"There is more, older than {last}: name an ID, or a shorter time.")


def print_entry(printer: Printer, entry: Entry, where: str = "") -> None:
    """One entry on a line or more; `where`: what stands behind who did it."""
    from autopilot.notify.history import TURNS

    by = f", by {entry.by}" if entry.change == "done" else ""
    printer.line((entry.at, "bold"), f" {TURNS[entry.change]}{by}{where}: {entry.what}")
    if entry.count > 1:
        named = [_named(entry, subject) for subject in entry.subjects]
        left = entry.count - len(named)
        more = [f"{left} more"] if left > 0 else []
        printer.line(", ".join([*named, *more]), indent=6)
    elif entry.subjects:
        printer.line(_named(entry, entry.subjects[0]), indent=6)
    if entry.why:
        printer.line(f"why: {entry.why}", indent=6)


def _named(entry: Entry, subject: str) -> str:
    """A subject, with the Name tags that its ids had."""
    names = [entry.names[part] for part in subject.split("/") if part in entry.names]
    return f"{subject} ({', '.join(names)})" if names else subject


def first_day(since: str, today: date) -> date:
    """The day that --since names. Raises Problem."""
    if days := _SINCE.fullmatch(since):
        return today - timedelta(int(days[1]))
    try:
        return date.fromisoformat(since)
    except ValueError as error:
        wanted = "write days like 7d, or a date like 2026-11-01"
        raise Problem(f"--since is {since}: {wanted}.") from error
