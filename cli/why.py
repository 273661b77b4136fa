"""`why`: everything about one thing, and which rule says so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cli import history
from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.overview import named, print_unknown, print_unlike, read
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.aws.history import Past
    from autopilot.view.model import Overview, ServiceView, SubnetView, VpcView

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
    made, known = _about(seen, id_)
    past, lost = _past(here, _remembered_as(made, id_))
    if not known and not (past and past.entries):
        raise _unheard_of(seen, id_)
    if asked.as_json:
        print_json({**encode(made), "history": history.plain(past) if past else None})
    else:
        print_unlike(here)
        _show(made, id_)
        _show_past(past, lost, id_)
    return 1 if seen.unknown or lost else 0


def about(seen: Overview, id_: str) -> Overview:
    """What of the view speaks of `id_`, and what couldn't be read. Raises Problem for nothing."""
    made, known = _about(seen, id_)
    if not known:
        raise _unheard_of(seen, id_)
    return made


def _about(seen: Overview, id_: str) -> tuple[Overview, bool]:
    """What speaks of it, and whether anything does."""
    made = replace(
        seen,
        vpcs=_vpcs(seen, id_),
        services=_services(seen, id_),
        waiting=tuple(w for w in seen.waiting if _names(id_, w.subject, w.owner, w.reason)),
        problems=tuple(p for p in seen.problems if _names(id_, p.subject, p.line)),
    )
    return made, bool(id_ and (made.vpcs or made.services or made.waiting or made.problems))


def _unheard_of(seen: Overview, id_: str) -> Problem:
    place = f"account {seen.place.account}, {seen.place.region}"
    lost = ", ".join(each.what for each in seen.unknown)
    return Problem(
        f"Nothing in {place} is called {id_}"
        + (f", as far as it can be read (not: {lost})." if lost else ".")
        + " ./autopilot status --all lists what there is."
    )


def _remembered_as(made: Overview, id_: str) -> str:
    """The id that history knows it by: a service's, a load balancer's ARN."""
    from autopilot.services.facts import name_of

    for service in made.services:
        if service.service_name == id_:
            return service.id
        for balancer in service.load_balancers:
            if name_of(balancer) == id_:
                return balancer
    return id_


def _past(here: Here, id_: str) -> tuple[Past | None, str]:
    """Its history, or why that couldn't be read."""
    from autopilot.aws.errors import AwsError

    try:
        return history.of_one(here, id_) if id_ else None, ""
    except AwsError as error:
        return None, str(error)


def _vpcs(seen: Overview, id_: str) -> tuple[VpcView, ...]:
    """All of a VPC; of others the lines that name it."""
    found = (vpc if vpc.id == id_ else replace(vpc, subnets=_lines(vpc, id_)) for vpc in seen.vpcs)
    return tuple(vpc for vpc in found if vpc.id == id_ or vpc.subnets)


def _lines(vpc: VpcView, id_: str) -> tuple[SubnetView, ...]:
    return tuple(
        line
        for line in vpc.subnets
        if id_ in (line.subnet_id, line.route_table_id, line.endpoint_id)
    )


def _services(seen: Overview, id_: str) -> tuple[ServiceView, ...]:
    """All of a service; of others the connections and zones of the endpoint or account."""
    from autopilot.services.facts import name_of

    found = []
    for service in seen.services:
        behind = (*service.load_balancers, *map(name_of, service.load_balancers))
        if id_ in (service.id, service.service_name, *behind):
            found.append(service)
            continue
        connections = tuple(c for c in service.connections if id_ in (c.endpoint_id, c.owner))
        zones = tuple(z for z in service.zone_map if id_ in (z.endpoint_id, z.owner))
        if connections:
            found.append(replace(service, connections=connections, zone_map=zones))
    return tuple(found)


def _names(id_: str, *texts: str) -> bool:
    """Whether one of the texts names `id_`, and not only a longer id that begins like it."""
    return any(re.search(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", text) for text in texts)


def _show(made: Overview, id_: str) -> None:
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


def _show_past(past: Past | None, lost: str, id_: str) -> None:
    printer = Printer()
    printer.heading("History")
    if past:
        history.print_past(printer, past, f"of {id_}")
    else:
        printer.line(("It couldn't be read: ", "bold red"), lost)
