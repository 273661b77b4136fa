"""`why`: everything about one thing, and which rule says so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.overview import named, print_unknown, read
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.view.model import Overview, ServiceView, SubnetView, VpcView


@operators("why", click.argument("id_", metavar="ID"))
def command(asked: Asked, id_: str) -> int:
    """Say everything about one thing: how it stands, and which rule says so.

    ID: a VPC, subnet, route table, endpoint, endpoint service (id or name), load balancer's name or
    consumer's account. Changes nothing.

    \b
    Example: ./autopilot why vpc-0123456789abcdef0
    Exit codes: 0 it is known, and all could be read; 1 it isn't, or something couldn't be read.
    """
    from autopilot.reconcile.codec import encode

    seen = read(asked)
    made = about(seen, id_)
    if asked.as_json:
        print_json(encode(made))
    else:
        _show(made, id_)
    return 1 if seen.unknown else 0


def about(seen: Overview, id_: str) -> Overview:
    """What of the view speaks of `id_`, and what couldn't be read. Raises Problem for nothing."""
    made = replace(
        seen,
        vpcs=_vpcs(seen, id_),
        services=_services(seen, id_),
        waiting=tuple(w for w in seen.waiting if _names(id_, w.subject, w.owner, w.reason)),
        problems=tuple(p for p in seen.problems if _names(id_, p.subject, p.line)),
    )
    if not id_ or not (made.vpcs or made.services or made.waiting or made.problems):
        place = f"account {seen.place.account}, {seen.place.region}"
        lost = ", ".join(each.what for each in seen.unknown)
        raise Problem(
            f"Nothing in {place} is called {id_}"
            + (f", as far as it can be read (not: {lost})." if lost else ".")
            + " ./autopilot status --all lists what there is."
        )
    return made


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
