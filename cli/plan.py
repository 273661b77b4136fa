"""`plan`: what the automation would do now, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.options import Asked, operators
from cli.output import print_json, progress

if TYPE_CHECKING:
    from autopilot.foreseen.model import Foreseen
    from autopilot.policy.model import Policy

    from cli.deployed import Deployed
    from cli.session import Here

DEPLOYED = "the deployed policy"


@operators(
    "plan",
    click.option(
        "--policy",
        "file",
        type=click.Path(dir_okay=False),
        help="Say what this policy file would change of what is deployed.",
    ),
    click.option("--partial", is_flag=True, help="Take a plan that misses what you may not read."),
)
def command(asked: Asked, file: str | None, partial: bool) -> int:
    """Say what would be done now, and why: by VPC and service, by the workflows' own decisions.

    Changes nothing, and works before the first deployment. It takes the autopilot.yaml of this
    checkout (or POLICY), reads the account with your credentials, and shows in audit mode, too,
    what enforce would do. With --policy FILE: what that file adds and what goes, compared with the
    deployed policy, or with autopilot.yaml while nothing is deployed.

    \b
    Example: ./autopilot plan --policy new.yaml
    Exit codes: 0 nothing would be done (or differs); 2 something would; 1 an error, or you
    may not read all that it takes and didn't say --partial.
    """
    here = asked.connect()
    found = _foreseen(asked, here, file)
    something = _show_one(asked, here, found[0]) if file is None else _show_both(asked, *found)
    if not partial and any(each.unseen for each in found):
        return 1
    return 2 if something else 0


def _foreseen(asked: Asked, here: Here, file: str | None) -> list[Foreseen]:
    """For the checkout's policy file; or for the deployed policy, then for the other file."""
    from autopilot.aws.once import asked_once
    from autopilot.foreseen.everything import Account, foresee

    from cli.deployed import deployed

    runs = deployed(here)
    policies, now = _policies(here, runs, file), datetime.now(UTC)
    topic = here.outputs.get("ConnectionTopicArn", "")
    account = Account(here.us, here.ledger(), topic, deployed=bool(here.outputs))
    with progress("Reading", quiet=asked.as_json) as tell, asked_once("ec2", "elbv2", "dynamodb"):
        found = [foresee(account, policy, path, now, tell) for path, policy in policies]
    if runs is None:
        return found
    return [
        _beside(made, policy, runs, compared=bool(file))
        for made, (_, policy) in zip(found, policies, strict=True)
    ]


def _policies(here: Here, runs: Deployed | None, file: str | None) -> list[tuple[str, Policy]]:
    """What to plan with, and what it is called. Raises Mistaken."""
    from cli import policy_file

    def load(path: str) -> tuple[str, Policy]:
        return path, policy_file.load(path, here.us.owner, here.us.region).policy

    if file is not None and runs and runs.policy:
        return [(DEPLOYED, runs.policy), load(file)]
    own = policy_file.checkout(here, warn=True)
    return [(own.name, own.policy), *([load(file)] if file is not None else [])]


def _beside(made: Foreseen, policy: Policy, runs: Deployed, *, compared: bool) -> Foreseen:
    """With what is deployed; where that is compared, with the permission that reading it takes."""
    from autopilot.foreseen.missing import missing_in

    unseen = missing_in(DEPLOYED, runs.why) if compared else ()
    return replace(
        made,
        runs=runs.runs(policy),
        why_unknown=runs.why,
        outdated=runs.outdated or (),
        unseen=(*unseen, *made.unseen),
    )


def _show_one(asked: Asked, here: Here, made: Foreseen) -> bool:
    """Print a plan; whether anything would be done."""
    from autopilot.reconcile.codec import encode

    from cli import policy_file
    from cli.plan_text import print_plan

    if asked.as_json:
        print_json(encode(made))
    else:
        print_plan(made, policy_file.checkout(here).compare)
    return bool(made.actions)


def _show_both(asked: Asked, before: Foreseen, after: Foreseen) -> bool:
    """Print what another file changes; whether it changes anything."""
    from autopilot.foreseen.difference import difference
    from autopilot.reconcile.codec import encode

    from cli.plan_text import print_difference

    made = difference(before, after)
    if asked.as_json:
        print_json(encode(made))
    else:
        print_difference(made)
    return made.differs
