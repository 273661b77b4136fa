"""All that there is to see, read with the operator's credentials; what couldn't be read is said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.options import Asked
from cli.output import Printer, progress

if TYPE_CHECKING:
    from autopilot.view.model import Overview, Part

    from cli.session import Here


def read(asked: Asked, here: Here | None = None) -> Overview:
    """The view, by the checkout's policy file; `here` if known. Raises Problem, AwsErrors."""
    from autopilot.aws.overview import overview

    from cli import policy_file

    here = here or asked.connect()
    policy = policy_file.own_policy(here)
    with progress("Reading how everything stands", quiet=asked.as_json):
        return overview(policy, here.us, here.table(), datetime.now(UTC))


def print_unlike(here: Here) -> None:
    """Say that nothing is deployed here, or another policy than the file that the view goes by."""
    from cli import policy_file
    from cli.deployed import deployed

    printer, runs = Printer(), deployed(here)
    own = policy_file.checkout(here)
    if runs is None:
        print_not_deployed(here)
    elif runs.why:
        printer.line(f"Which policy is deployed isn't known, this goes by {own.name}: {runs.why}")
    elif not runs.runs(own.policy):
        said = f"Another policy is deployed, this goes by {own.name}"
        printer.line(f"{said}: {own.compare} compares them.")


def print_not_deployed(here: Here) -> None:
    """Say so if it is so."""
    from cli import policy_file

    if not here.outputs:
        what = f"Nothing is deployed here yet (no stack {here.stack_name})"
        Printer().line(f"{what}: this goes by {policy_file.own()} alone.")


def named(id_: str, name: str) -> str:
    """An id, with its Name tag if there is one."""
    return f"{id_} ({name})" if name else id_


def print_unknown(printer: Printer, seen: Overview, *parts: Part) -> bool:
    """Say what of these parts couldn't be read; whether there was something."""
    lost = [each for each in seen.unknown if not parts or set(parts) & set(each.parts)]
    return print_lost(printer, [(each.what, each.why) for each in lost])


def print_lost(printer: Printer, lost: Collection[tuple[str, str]]) -> bool:
    """Say what couldn't be read, and why; whether there was something."""
    from autopilot.foreseen.missing import missing_in

    if lost:
        printer.heading("Not seen: nothing above counts as fine without it")
    for what, why in lost:
        denied = missing_in(what, why)
        said = f"{denied[0].permission} is missing. " if denied else ""
        printer.line((f"{what}: ", "bold red"), f"{said}AWS's words: {why}", indent=2)
    return bool(lost)
