"""`policy`: what an account's policy says, and where each value of it is from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import policy_file
from cli.options import Asked, operators
from cli.output import Printer, print_json
from cli.problem import Problem

if TYPE_CHECKING:
    from infra.fleet.file import Sourced
    from infra.fleet.model import Target
    from infra.policy.report import Node
    from infra.policy_file import Configuration


@dataclass(frozen=True)
class Merged:
    """A policy, the root that its values are from, and whose it is; `target` "" outside a fleet's
    units, `waves` 0 outside a fleet."""

    configuration: Configuration
    node: Node | None
    target: str = ""
    unit: str = ""
    regions: tuple[str, ...] = ()
    wave: int = 0
    waves: int = 0
    by_hand: bool = False


@operators(
    "policy",
    click.option("--account", help="An account of the fleet."),
    click.option("--target", help="A target of fleet.yaml, where nobody can ask Organizations."),
)
def command(asked: Asked, account: str | None, target: str | None) -> int:
    """Show an account's policy, with the file and line that each value is from.

    With a fleet.yaml (or FLEET): autopilot.yaml with the overlays of the account's unit and of the
    account. AWS Organizations is asked for the unit, which the management account and delegated
    administrators may; --target says it without asking. Without one: autopilot.yaml. Changes
    nothing.

    \b
    Example: ./autopilot policy --account 222222222222
    Exit codes: 0 it was shown; 1 an error, or the account is in no target's unit.
    """
    if account and not re.fullmatch(r"[0-9]{12}", account):
        raise Problem(f'--account is "{account}": write an account\'s 12 digits.')
    found = policy_file.fleet()
    merged = _of_fleet(asked, found, account, target) if found else _alone(asked, account, target)
    if asked.region and merged.regions and asked.region not in merged.regions:
        raise Problem(
            f"{merged.target or account} isn't deployed to {asked.region}, but to"
            f" {', '.join(merged.regions)}."
        )
    if asked.as_json:
        print_json(_plain(merged, account))
    else:
        _show(merged, account)
    return 0


def _alone(asked: Asked, account: str | None, target: str | None) -> Merged:
    """The policy file's. Raises Mistaken, Problem."""
    from infra.policy.report import Report
    from infra.policy_file import compose_policy

    if account or target:
        raise Problem("There is no fleet.yaml here: every account has autopilot.yaml's policy.")
    path = policy_file.own()
    configuration = policy_file.load(path, asked.stack, asked.region)
    return Merged(configuration, compose_policy(Report(path), Path(path)))


def _of_fleet(asked: Asked, found: Sourced, account: str | None, target: str | None) -> Merged:
    plain = next((each for each in found.fleet.plain if each.account == account), None)
    if plain and not target:
        node = found.nodes["", plain.account]
        return Merged(plain.configuration, node, regions=plain.regions, by_hand=True)
    known = {each.name: each for each in found.fleet.targets}
    if target is None:
        target = _target_of(asked, found, account)
    if target not in known:
        raise Problem(f"{target} is no target of fleet.yaml: name one of {', '.join(known)}.")
    return _of_target(found, known[target], account or "")


def _of_target(found: Sourced, target: Target, account: str) -> Merged:
    waves = found.fleet.waves
    return Merged(
        target.accounts.get(account, target.configuration),
        found.nodes[target.name, account if account in target.accounts else ""],
        target.name,
        target.unit,
        target.regions,
        next((n for n, wave in enumerate(waves, 1) if target.name in wave.targets), 0),
        len(waves),
    )


def _target_of(asked: Asked, found: Sourced, account: str | None) -> str:
    """The target that an account belongs to. Raises Problem."""
    targets = found.fleet.targets
    names = ", ".join(each.name for each in targets)
    if not account:
        raise Problem(f"Name an account with --account, or a target with --target: {names}.")
    above = _above(asked, found.fleet.organization, account, names)
    there = [each.name for each in targets if each.unit in above]
    if len(there) > 1:
        raise Problem(
            f"Account {account} is in the units of {', '.join(there)}, one inside the other: each"
            " would give it a stack. Let targets name units that don't hold each other."
        )
    if not there:
        raise Problem(
            f"Account {account} is in no target's unit: it gets no stack. It is in"
            f" {', '.join(sorted(above)) or 'another organization'}."
        )
    return there[0]


def _above(asked: Asked, organization: str, account: str, names: str) -> frozenset[str]:
    """The units and the root above an account. Raises Problem if nobody may know."""
    import os

    from autopilot.aws.organizations import look_up
    from autopilot.policy.model import OrganizationPolicy

    from cli.session import region_of

    os.environ["AWS_REGION"] = region_of(asked.region, asked.profile)
    seen = look_up([account], True, OrganizationPolicy(organization))
    if account not in seen.members:
        raise Problem(
            f"Which unit account {account} is in can't be told: {seen.why.rstrip('.')}. Name its"
            f" target with --target ({names}), or use credentials that may ask (--profile)."
        )
    return frozenset(i for i in seen.members[account].ids if not i.startswith("o-"))


def _show(merged: Merged, account: str | None) -> None:
    printer = Printer()
    whose = f"account {account}" if account else merged.target or policy_file.own()
    printer.line((f"The policy of {whose}", "bold"), *_belonging(merged))
    section = ""
    for value in _values(merged):
        if (top := value.key.partition(".")[0].partition("[")[0]) != section:
            section = top
            printer.line("")
        printer.line((f"{value.key}: ", "bold"), _text(value.value), f"  ({value.source})")
    if merged.waves or merged.by_hand:
        printer.line("")
        printer.line(f"The hub tells, by {policy_file.own_fleet()}; its emails hear of all.")


def _belonging(merged: Merged) -> tuple[str, ...]:
    from infra.fleet.values import STACK_SET

    if merged.by_hand:
        return (", deployed by hand to ", ", ".join(merged.regions))
    if not merged.target:
        return ()
    return (
        f": target {merged.target} (unit {merged.unit}, StackSet {STACK_SET}{merged.target}),",
        f" wave {merged.wave} of {merged.waves}, {', '.join(merged.regions)}",
    )


def _values(merged: Merged) -> list[Any]:
    """What it says; in a fleet without what the hub does instead of the spokes."""
    from infra.fleet.policies import HUB_TELLS
    from infra.policy.origin import values

    in_fleet = bool(merged.waves) or merged.by_hand
    told = tuple(".".join(path) for path in HUB_TELLS)
    return [
        each
        for each in values(merged.configuration, merged.node)
        if not (in_fleet and each.key.startswith(told))
    ]


def _text(value: Any) -> str:
    """As the file would say it, on one line."""
    import yaml

    text: str = yaml.safe_dump(
        value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n...\n").strip()


def _plain(merged: Merged, account: str | None) -> dict[str, Any]:
    from autopilot.reconcile.codec import encode

    return {
        "account": account or "",
        "target": merged.target,
        "unit": merged.unit,
        "regions": list(merged.regions),
        "wave": merged.wave,
        "by_hand": merged.by_hand,
        "values": [encode(each) for each in _values(merged)],
    }
