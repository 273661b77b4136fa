"""How the view reads on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from autopilot.notify.phrases import counted
from autopilot.services.facts import name_of
from autopilot.view.model import (
    ConnectionView,
    Overview,
    Problem,
    ServiceView,
    SubnetView,
    VpcView,
    Waiting,
    ZoneRow,
)

from cli.output import Printer
from cli.overview import named, print_unknown
from cli.requests import print_request

_FINE = ("private", "left alone")
# The worst; more fill screens, and say the same.
_MOST_VPCS = 20
_STYLES = {"not private": "bold red", "unknown": "yellow", "waiting": "yellow", "private": "green"}


def print_status(seen: Overview, *, every: bool) -> None:
    """All of it. `every`: also the subnets that are as they should be."""
    printer, place = Printer(), seen.place
    printer.line(
        (f"{place.stack} in account {place.account}, {place.region}", "bold"),
        f", mode {place.mode}, at {place.at}",
    )
    _coverage(printer, seen.vpcs, every)
    if seen.services:
        printer.heading("Services")
    for service in seen.services:
        print_service(printer, service)
    print_waiting(printer, seen.waiting)
    print_problems(printer, seen.problems)
    print_unknown(printer, seen)


def _coverage(printer: Printer, vpcs: Iterable[VpcView], every: bool) -> None:
    printer.heading("Coverage")
    bad = [vpc for vpc in vpcs if every or vpc.worst not in _FINE]
    shown = bad if every else bad[:_MOST_VPCS]
    ids = {vpc.id for vpc in shown}
    for vpc in shown:
        printer.line((named(vpc.id, vpc.name), "bold"), ": ", (vpc.worst, _style(vpc.worst)))
        for line in vpc.subnets:
            if every or line.reach not in _FINE:
                print_subnet(printer, line)
    rest = Counter(vpc.worst for vpc in vpcs if vpc.id not in ids)
    for reach, count in rest.items():
        printer.line(f"{counted(count, 'VPC')}: {reach} (--all shows each)")
    if not shown and not rest:
        printer.line("There is no VPC.")


def print_subnet(printer: Printer, line: SubnetView) -> None:
    """How one subnet reaches one service."""
    subnet = named(line.subnet_id or "all subnets", line.name)
    where = " ".join(filter(None, (line.zone_id, line.route_table_id, line.endpoint_id)))
    printer.line(
        f"{subnet} to {line.service}: ", (line.reach, _style(line.reach)), f" [{where}]", indent=2
    )
    printer.line(line.reason, indent=6)


def print_service(printer: Printer, service: ServiceView) -> None:
    """A service with its connections and zones."""
    printer.line((named(service.id, service.name), "bold"), f": {service.service_name}")
    behind = ", ".join(map(name_of, service.load_balancers)) or "none"
    printer.line(f"load balancers: {behind}; zones: {', '.join(service.zone_ids)}", indent=2)
    for connection in service.connections:
        print_connection(printer, connection)
    for row in service.zone_map:
        print_zones(printer, row)


def print_connection(printer: Printer, each: ConnectionView) -> None:
    """One connection: how it stands, who decided it, why."""
    by = f", by {each.by}" if each.by else ""
    rule = f" (rule: {each.rule})" if each.rule else ""
    printer.line(
        f"{each.endpoint_id} of account {each.owner}: {each.state}, since {each.since}{by}{rule}",
        indent=2,
    )
    if each.reason:
        printer.line(each.reason, indent=6)


def print_zones(printer: Printer, row: ZoneRow) -> None:
    """How the service or one of its consumers stands in each zone."""
    who = f"{row.endpoint_id} of account {row.owner}" if row.endpoint_id else "the service"
    zones = ", ".join(f"{zone} {how}" for zone, how in sorted(row.zones.items())) or "none known"
    printer.line(f"zones of {who}: {zones}", indent=4)


def print_waiting(printer: Printer, waiting: Iterable[Waiting]) -> None:
    """What waits for a person, then what waits for its time."""
    if waiting:
        printer.heading("Waits")
    for each in waiting:
        if each.kind == "request":
            print_request(printer, each)
            continue
        since = f", since {each.since}" if each.since else ""
        printer.line((named(each.subject, each.name), "bold"), f": {each.reason}{since}")
        if each.until:
            printer.line(f"until {each.until}: then {each.then}", indent=2)


def print_problems(printer: Printer, problems: Iterable[Problem]) -> None:
    """What is wrong, in the words of its mail."""
    if problems:
        printer.heading("Open findings")
    for each in problems:
        told = "" if each.told else " (ops don't know yet)"
        style = "bold red" if each.severity == "failure" else ""
        printer.line((f"{each.severity}: ", style), f"{each.headline}, since {each.since}{told}")
        printer.line(f"{named(each.subject, each.name)}: {each.line}", indent=2)


def _style(reach: str) -> str:
    return _STYLES.get(reach, "")
