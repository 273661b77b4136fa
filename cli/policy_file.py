"""The policy file of the checkout, or another one, compiled as `cdk deploy` does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.problem import Problem

if TYPE_CHECKING:
    from autopilot.policy.model import Policy
    from autopilot.reconcile.identity import StackIdentity

    from infra.fleet.file import Sourced
    from infra.policy_file import Configuration

CHECKOUT = Path(__file__).parents[1]


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


def own_policy(us: StackIdentity) -> Policy:
    """What `own` says for this stack; its warnings are the synth's. Raises Mistaken."""
    return load(own(), us.owner, us.region, warn=False).policy


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
