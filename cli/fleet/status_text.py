"""How the fleet's standing reads on a terminal, however narrow: a spoke is a line that folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.fleet.standing import PRIVATE, WAYS, Stand, Totals
from autopilot.fleet.wire import OpenFinding
from autopilot.notify.phrases import counted, moment, span

from cli.output import Printer

# The worst; more fill screens, and say the same.
_MOST = 20


def print_status(
    stands: Sequence[Stand],
    all_: Totals,
    findings: Sequence[OpenFinding],
    release: str,
    *,
    every: bool,
) -> None:
    """The counts, what the hub itself found, and spokes, the worst first."""
    printer = Printer()
    _head(printer, all_, release)
    _found(printer, findings)
    printer.heading("Spokes, worst first")
    bad = [each for each in stands if every or not each.is_fine]
    shown = bad if every else bad[:_MOST]
    for each in shown:
        _spoke(printer, each)
    if len(bad) > len(shown):
        left = counted(len(bad) - len(shown), "spoke")
        printer.line(f"{left} more to look at (--all shows each)")
    if fine := len(stands) - len(bad):
        printer.line(f"{counted(fine, 'spoke')}: nothing to do (--all shows each)")
    if not stands:
        printer.line("The hub has heard no spoke yet.")


def _head(printer: Printer, all_: Totals, release: str) -> None:
    where = f"{counted(all_.accounts, 'account')} and {counted(all_.regions, 'Region')}"
    printer.line(
        (counted(all_.spokes, "spoke"), "bold"), f" in {where}: {', '.join(_counts(all_))}"
    )
    for line in _all(all_, release):
        printer.line(line)


def _found(printer: Printer, findings: Sequence[OpenFinding]) -> None:
    if findings:
        printer.heading("What the hub found")
    for finding in findings:
        style = "bold red" if finding.severity == "failure" else ""
        printer.line(
            (f"{finding.severity}: ", style), f"{finding.title}, since {moment(finding.since)}"
        )


def _counts(all_: Totals) -> Iterator[str]:
    yield f"{all_.silent} silent"
    yield f"{all_.failing} with failures"
    yield f"{counted(all_.held, 'request')} held"
    yield counted(all_.findings, "finding")


def _all(all_: Totals, release: str) -> Iterator[str]:
    if release:
        running = all_.spokes - all_.behind
        yield f"release {release}: {running} of {all_.spokes} run it"
    if ways := all_.coverage.get(WAYS):
        yield f"{all_.coverage.get(PRIVATE, 0)} of {counted(ways, 'way')} to services are private"
    if all_.cents is not None:
        unknown = f" (not known of {all_.cents_unknown})" if all_.cents_unknown else ""
        yield f"endpoints cost {_dollars(all_.cents)} a month{unknown}"


def _spoke(printer: Printer, each: Stand) -> None:
    state, style = _state(each)
    printer.line((str(each.spoke), "bold"), ": ", (state, style), ", ".join(["", *_facts(each)]))


def _state(each: Stand) -> tuple[str, str]:
    if each.silent_seconds:
        return f"silent for {span(each.silent_seconds)}", "bold red"
    if each.failures:
        return counted(each.failures, "failure"), "bold red"
    if each.held:
        return f"{counted(each.held, 'request')} held", "yellow"
    return ("nothing to do", "green") if each.is_fine else ("needs a look", "yellow")


def _facts(each: Stand) -> Iterator[str]:
    held = each.held and (each.silent_seconds or each.failures)
    yield from [f"{counted(each.held, 'request')} held"] if held else []
    yield from [counted(each.findings, "finding")] if each.findings else []
    for how, count in each.unserved.items():
        yield f"{counted(count, 'way')} {how}"
    yield from _further(each)


def _further(each: Stand) -> Iterator[str]:
    if each.undelivered:
        yield f"{each.undelivered} untold"
    if each.behind:
        yield f"release {each.release or 'unknown'}"
    if each.mode not in ("", "enforce"):
        yield f"mode {each.mode}"
    if each.cents is not None:
        yield f"{_dollars(each.cents)} a month"


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}"
