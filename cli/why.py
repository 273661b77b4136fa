"""`why`: everything about one thing, and which rule says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from autopilot.view.about import about as about_it
from autopilot.view.about import remembered_as, unheard_of

from cli import history
from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.overview import named, print_unknown, print_unlike, read
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.aws.history import Past
    from autopilot.view.model import Overview

    from cli.session import Here


@operators("why", click.argument("id_", metavar="ID"))
def command(asked: Asked, id_: str) -> int:
    """Say everything about one thing: how it stands, which rule says so, and its history.

    ID: a VPC, subnet, route table, endpoint, endpoint service (id or name), load balancer's name or
    consumer's account. What has gone has its history still. Changes nothing.

    \b
    Example: ./autopilot why vpc-0123456789abcdef0
    Exit codes: 0 it is known, and all could be read; 1 it isn't, or something couldn't be read.
    """
    from autopilot.reconcile.codec import encode

    here = asked.connect()
    seen = read(asked, here)
    made, known = about_it(seen, id_)
    past, lost = _past(here, remembered_as(made, id_))
    if not known and not (past and past.entries):
        raise _unheard_of(seen, id_)
    if asked.as_json:
        print_json({**encode(made), "history": history.plain(past) if past else None})
    else:
        print_unlike(here)
        show(made, id_)
        show_past(past, lost, id_)
    return 1 if seen.unknown or lost else 0


def about(seen: Overview, id_: str) -> Overview:
    """What of the view speaks of `id_`, and what couldn't be read. Raises Problem for nothing."""
    made, known = about_it(seen, id_)
    if not known:
        raise _unheard_of(seen, id_)
    return made


def _unheard_of(seen: Overview, id_: str) -> Problem:
    return Problem(f"{unheard_of(seen, id_)} ./autopilot status --all lists what there is.")


def _past(here: Here, id_: str) -> tuple[Past | None, str]:
    """Its history, or why that couldn't be read."""
    from autopilot.aws.errors import AwsError

    try:
        return history.of_one(here, id_) if id_ else None, ""
    except AwsError as error:
        return None, str(error)


def show(made: Overview, id_: str) -> None:
    """Print how it stands, part by part."""
    from cli import status_text

    printer = Printer()
    printer.line((id_, "bold"), f" in account {made.place.account}, {made.place.region}")
    if made.vpcs:
        printer.heading("Coverage")
    for vpc in made.vpcs:
        printer.line((named(vpc.id, vpc.name), "bold"), f": {vpc.worst}")
        for line in vpc.subnets:
            status_text.print_subnet(printer, line)
    if made.services:
        printer.heading("Services")
    for service in made.services:
        status_text.print_service(printer, service)
    status_text.print_waiting(printer, made.waiting)
    status_text.print_problems(printer, made.problems)
    print_unknown(printer, made)


def show_past(past: Past | None, lost: str, id_: str) -> None:
    """Print its history, or why that couldn't be read."""
    printer = Printer()
    printer.heading("History")
    if past:
        history.print_past(printer, past, f"of {id_}")
    else:
        printer.line(("It couldn't be read: ", "bold red"), lost)
