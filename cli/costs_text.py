"""How costs read on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.notify.phrases import counted
from autopilot.spend.model import Costs, Line, Saving
from autopilot.spend.prices import gigabytes, usd

from cli.output import Printer
from cli.overview import named, print_lost

# The dearest; more fill screens.
_MOST_LINES = 10
_WIDTH = 14


def print_costs(costs: Costs, *, every: bool) -> None:
    """All of it. `every`: also the services and VPCs that cost least."""
    printer = Printer()
    _headline(printer, costs)
    for title, lines in (
        ("By service", costs.by_service),
        ("By zone (hours only)", costs.by_zone),
        ("By VPC", costs.by_vpc),
    ):
        _lines(printer, title, lines, every=every)
    _savings(printer, costs)
    if costs.notes:
        printer.heading("Not in it")
    for note in costs.notes:
        printer.line(note, indent=2)
    print_lost(printer, costs.unread.items())
    printer.line("")
    printer.line(costs.prices)


def _headline(printer: Printer, costs: Costs) -> None:
    what = (
        f"{counted(costs.endpoints, 'interface endpoint')}, {counted(costs.zones, 'endpoint-zone')}"
    )
    where = f"{costs.region}, at {costs.at}"
    if not costs.seen:
        lost = "What interface endpoints cost isn't known: they couldn't be read"
        printer.line((lost, "bold red"), f" ({where})")
        return
    if not costs.known:
        printer.line((f"{what}, price unknown for {costs.region}", "bold"), f" ({where})")
        return
    printer.line((f"{what}: {usd(costs.micro_usd)} a month", "bold"), f" ({where})")
    data = f"{usd(costs.data_micro_usd or 0)} for {gigabytes(costs.bytes)} of data"
    rate = f"a month, at the rate of the last {counted(costs.days, 'day')}"
    measured = rate if costs.days else "which wasn't measured"
    printer.line(f"{usd(costs.hours_micro_usd or 0)} for hours, {data} {measured}", indent=2)


def _lines(printer: Printer, title: str, lines: Sequence[Line], *, every: bool) -> None:
    if not lines:
        return
    printer.heading(title)
    shown = lines if every else lines[:_MOST_LINES]
    for each in shown:
        amount = "price unknown" if each.hours_micro_usd is None else usd(each.micro_usd)
        data = f", {gigabytes(each.bytes)}" if each.bytes else ""
        what = (
            f"{counted(each.endpoints, 'endpoint')}, {counted(each.zones, 'endpoint-zone')}{data}"
        )
        printer.line(f"{amount:>{_WIDTH}}  ", (named(each.id, each.name), "bold"), f"  {what}")
    if left := lines[len(shown) :]:
        rest = usd(sum(each.micro_usd for each in left))
        printer.line(f"{rest:>{_WIDTH}}  {len(left)} more (--all shows each)")


def _savings(printer: Printer, costs: Costs) -> None:
    if not costs.savings:
        printer.heading("No saving is known." if costs.unread else "Nothing to save was found.")
        return
    sure, may = costs.saves_micro_usd, costs.may_save_micro_usd
    if sure is None or may is None:
        printer.heading("Could be saved (price unknown)")
    else:
        printer.heading(f"Could be saved: {usd(sure)} a month, and at most {usd(may)} more")
    for each in costs.savings:
        _saving(printer, each)


def _saving(printer: Printer, each: Saving) -> None:
    amount = "price unknown" if each.micro_usd is None else usd(each.micro_usd)
    most = "" if each.sure else "at most "
    where = f" in {each.vpc_id}" if each.vpc_id and each.vpc_id != each.subject else ""
    printer.line(
        (f"{each.kind}: {most}{amount}", "yellow"), f"  {named(each.subject, each.name)}{where}"
    )
    printer.line(f"{each.reason}.", indent=4)
    printer.line(each.do, indent=4)
    if each.command:
        printer.line(each.command, indent=4)
