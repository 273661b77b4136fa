"""`plan`: what the automation would do now, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.options import Asked, operators
from cli.output import print_json, progress

if TYPE_CHECKING:
    from cli.foreseen.model import Foreseen
    from cli.session import Here


@operators(
    "plan",
    click.option(
        "--policy",
        "file",
        type=click.Path(dir_okay=False),
        help="Say what this policy file would change, compared with autopilot.yaml.",
    ),
    click.option("--partial", is_flag=True, help="Take a plan that misses what you may not read."),
)
def command(asked: Asked, file: str | None, partial: bool) -> int:
    """Say what would be done now, and why: by VPC and service, by the workflows' own decisions.

    Changes nothing, and works before the first deployment. It takes the autopilot.yaml of this
    checkout (or POLICY), reads the account with your credentials, and shows in audit mode, too,
    what enforce would do. With --policy FILE: what that file adds and what goes.

    \b
    Example: ./autopilot plan --policy new.yaml
    Exit codes: 0 nothing would be done (or differs); 2 something would; 1 an error, or you
    may not read all that it takes and didn't say --partial.
    """
    here = asked.connect()
    found = _foreseen(asked, here, file)
    something = _show_one(asked, found[0]) if file is None else _show_both(asked, *found)
    if not partial and any(each.unseen for each in found):
        return 1
    return 2 if something else 0


def _foreseen(asked: Asked, here: Here, file: str | None) -> list[Foreseen]:
    """For the checkout's policy file, then for the other one, if there is one."""
    from cli import policy_file
    from cli.foreseen.everything import foresee
    from cli.once import asked_once

    paths = [policy_file.own(), *([file] if file else [])]
    loaded = [policy_file.load(path, here.us.owner, here.us.region).policy for path in paths]
    now = datetime.now(UTC)
    with progress("Reading", quiet=asked.as_json) as tell, asked_once("ec2", "elbv2", "dynamodb"):
        return [
            foresee(here, policy, path, now, tell)
            for path, policy in zip(paths, loaded, strict=True)
        ]


def _show_one(asked: Asked, made: Foreseen) -> bool:
    """Print a plan; whether anything would be done."""
    from autopilot.reconcile.codec import encode

    from cli.plan_text import print_plan

    if asked.as_json:
        print_json(encode(made))
    else:
        print_plan(made)
    return bool(made.actions)


def _show_both(asked: Asked, before: Foreseen, after: Foreseen) -> bool:
    """Print what another file changes; whether it changes anything."""
    from autopilot.reconcile.codec import encode

    from cli.foreseen.difference import difference
    from cli.plan_text import print_difference

    made = difference(before, after)
    if asked.as_json:
        print_json(encode(made))
    else:
        print_difference(made)
    return made.differs
