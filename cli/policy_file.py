"""The policy file of the checkout, or another one, compiled as `cdk deploy` does."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from cli.options import STACK
from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.policy.model import Policy

    from cli.session import Here
    from infra.fleet.file import Sourced
    from infra.fleet.model import Fleet
    from infra.policy_file import Configuration

CHECKOUT = Path(__file__).parents[1]
# As StackSets call the stacks of EndpointAutopilot-<target>.
SPOKE = re.compile(rf"StackSet-{STACK}-(.+)-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


class Mistaken(Problem):
    """Raised when a policy file has mistakes; shown as `cdk deploy` shows them, line by line."""

    def show(self, file: object = None) -> None:  # noqa: ARG002 click hands it in
        """Print the mistakes and nothing else."""
        click.echo(self.message, err=True)


def own() -> str:
    """The policy file that `cdk deploy` takes here: POLICY, else the checkout's autopilot.yaml."""
    return _near(Path(os.environ.get("POLICY") or CHECKOUT / "autopilot.yaml"))


def own_fleet() -> str:
    """The fleet's file that `cdk deploy` takes here: FLEET, else the checkout's fleet.yaml; "" for
    none."""
    if named := os.environ.get("FLEET"):
        return _near(Path(named))
    path = CHECKOUT / "fleet.yaml"
    return _near(path) if path.exists() else ""


def _near(path: Path) -> str:
    """A path as a person here would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def fleet(*, warn: bool = True) -> Sourced | None:
    """The fleet with where each value of its policies is from; None if there is none.

    Its warnings go to stderr if `warn`. Raises Mistaken.
    """
    path = own_fleet()
    if not path:
        return None
    from infra.fleet.file import read_fleet
    from infra.policy.report import PolicyMistakes

    try:
        found = read_fleet(path, own())
    except PolicyMistakes as mistakes:
        raise Mistaken(str(mistakes)) from mistakes
    for warning in found.fleet.warnings if warn else ():
        click.echo(str(warning), err=True)
    return found


@dataclass(frozen=True)
class Checkout:
    """What this checkout says of a stack. `name`: of which files; `compare`: the command that says
    what it would change there."""

    name: str
    policy: Policy
    compare: str


def checkout(here: Here, *, warn: bool = False) -> Checkout:
    """The policy file's policy; for a spoke with the fleet's overlays for it. Raises Mistaken."""
    found = fleet(warn=warn)
    merged = _for_spoke(found.fleet, here) if found else None
    if merged:
        target, policy = merged
        whose = f"target {target}" if target else "by hand"
        compare = f"./autopilot --fleet plan --account {here.us.account}"
        return Checkout(f"{own()} and {own_fleet()} ({whose})", policy, compare)
    policy = load(own(), here.us.owner, here.us.region, warn=warn).policy
    return Checkout(own(), policy, f"./autopilot plan --policy {quote(own())}")


def own_policy(here: Here) -> Policy:
    """What this checkout says for a stack; its warnings are the synth's. Raises Mistaken."""
    return checkout(here).policy


def _for_spoke(fleet: Fleet, here: Here) -> tuple[str, Policy] | None:
    """The target and policy of a spoke, by the name that its StackSet gives its stack; "" for one
    that is deployed by hand. None for a stack that isn't the fleet's."""
    account, called = here.us.account, SPOKE.fullmatch(here.stack_name)
    for target in fleet.targets if called else ():
        if called and target.name == called[1]:
            return target.name, target.accounts.get(account, target.configuration).policy
    plain = next((each for each in fleet.plain if each.account == account), None)
    if plain and here.stack_name == STACK:
        return "", plain.configuration.policy
    return None


def load(path: str, stack: str, region: str | None, *, warn: bool = True) -> Configuration:
    """Read a policy file; its warnings go to stderr if `warn`. Raises Mistaken."""
    from infra.policy.where import Where
    from infra.policy_file import PolicyMistakes
    from infra.policy_file import load as read

    try:
        configuration = read(path, Where(stack, region))
    except PolicyMistakes as mistakes:
        raise Mistaken(str(mistakes)) from mistakes
    for warning in configuration.warnings if warn else ():
        click.echo(str(warning), err=True)
    return configuration
