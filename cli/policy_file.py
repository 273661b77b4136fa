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

    from infra.policy_file import Configuration

CHECKOUT = Path(__file__).parents[1]


class Mistaken(Problem):
    """Raised when a policy file has mistakes; shown as `cdk deploy` shows them, line by line."""

    def show(self, file: object = None) -> None:  # noqa: ARG002 click hands it in
        """Print the mistakes and nothing else."""
        click.echo(self.message, err=True)


def own() -> str:
    """The policy file that `cdk deploy` takes here: POLICY, else the checkout's autopilot.yaml."""
    path = Path(os.environ.get("POLICY") or CHECKOUT / "autopilot.yaml")
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def own_policy(us: StackIdentity) -> Policy:
    """What `own` says for this stack; its warnings are the synth's. Raises Mistaken."""
    return load(own(), us.owner, us.region, warn=False).policy


def load(path: str, stack: str, region: str, *, warn: bool = True) -> Configuration:
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
