"""All commands. Each is a module of its own, imported when it is asked for: a start stays quick."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from cli.fleet import COMMANDS as FLEET
from cli.problem import Problem

COMMANDS = (
    "plan", "status", "why", "history", "costs", "requests", "accept", "reject", "doctor", "sweep",
    "restore", "retire", "policy",
)  # fmt: skip
"""In the order of the help; `cli.<name>` holds `command`."""


class Commands(click.Group):
    """The group of all commands; every error exits with 1, since 2 means that there is a plan."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return [*_of(ctx)[1]]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None if there is none."""
        package, names = _of(ctx)
        if cmd_name not in names:
            if cmd_name in COMMANDS:
                raise Problem(
                    f"{cmd_name} looks at one account and Region: ./autopilot {cmd_name}, without"
                    " --fleet and with credentials of that account."
                )
            return None
        found: click.Command = import_module(f"{package}.{cmd_name}").command
        return found

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and exit. An error is one line on stderr."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except click.ClickException as problem:
            _shown(problem).show()
            code = 1
        except (click.Abort, KeyboardInterrupt):
            click.echo("Broken off.", err=True)
            code = 1
        sys.exit(code)


def _shown(problem: click.ClickException) -> click.ClickException:
    """The problem, with the remedy where `--fleet` stands too late."""
    if isinstance(problem, click.NoSuchOption) and problem.option_name == "--fleet":
        name = problem.ctx.info_name if problem.ctx else "COMMAND"
        return Problem(f"--fleet stands before the command: ./autopilot --fleet {name} …")
    return problem


def _call_it(ctx: click.Context, _: click.Parameter, fleet: bool) -> bool:
    """Have usage lines and hints name the command as it is typed."""
    if fleet:
        ctx.info_name = f"{ctx.info_name} --fleet"
    return fleet


def _of(ctx: click.Context) -> tuple[str, tuple[str, ...]]:
    """Where the commands lie, and which there are: one account's, or the fleet's."""
    return ("cli.fleet", FLEET) if ctx.params.get("fleet") else ("cli", COMMANDS)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--fleet",
    is_flag=True,
    is_eager=True,
    callback=_call_it,
    help="All accounts and Regions, from the hub's account.",
)
def commands(fleet: bool) -> None:
    """Endpoint Autopilot: see what it does, and answer what waits for you.

    With your own AWS credentials, in the account and Region that they name. Nothing is changed but
    by accept, reject, sweep, restore and retire. Errors exit with 1.
    """


def main() -> None:
    """Run the command that the arguments name."""
    commands(prog_name="autopilot")
