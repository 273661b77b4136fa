"""What every command takes: --json, --stack, --region, --profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from cli.problem import one_line

if TYPE_CHECKING:
    from cli.session import Here

STACK = "EndpointAutopilot"
Work = Callable[..., int]


@dataclass(frozen=True)
class Asked:
    """What was asked of any command. `region`, `profile`: None, as the environment says."""

    as_json: bool
    stack: str
    region: str | None
    profile: str | None

    def connect(self) -> Here:
        """The account and Region, and what is deployed there. Raises Problem, AwsErrors."""
        from cli.session import connect  # it imports the SDK

        return connect(self.stack, self.region, self.profile)


def operators(name: str, *options: Callable[[Any], Any]) -> Callable[[Work], click.Command]:
    """Make a command of a function of `Asked` and its own `options` that returns the exit code.

    Its docstring is the help; "\\b" before a paragraph keeps its lines.
    """

    def wrap(work: Work) -> click.Command:
        def run(
            *, as_json: bool, stack: str, region: str | None, profile: str | None, **own: Any
        ) -> None:
            with one_line():
                code = work(Asked(as_json, stack, region, profile), **own)
            click.get_current_context().exit(code)

        run.__doc__ = work.__doc__
        made = run
        for option in reversed((*options, *_COMMON)):
            made = option(made)
        return click.command(name)(made)

    return wrap


_COMMON = (
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    click.option(
        "--stack",
        default=STACK,
        help=f"The stack; else {STACK}, of --fleet {STACK}Hub.",
    ),
    click.option("--region", help="The Region; else AWS_REGION, or the profile's."),
    click.option("--profile", help="A profile of your AWS configuration."),
)
