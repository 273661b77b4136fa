"""`costs`: what interface endpoints cost a month, and what would save some of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.options import Asked, operators
from cli.output import print_json, progress
from cli.overview import print_not_deployed

if TYPE_CHECKING:
    from autopilot.spend.model import Costs

    from cli.session import Here


@operators(
    "costs",
    click.option("--all", "every", is_flag=True, help="Each service and VPC, however many."),
)
def command(asked: Asked, every: bool) -> int:
    """Show what interface endpoints cost a month, anybody's, and what would save some of it.

    Changes nothing. By service, zone and VPC at AWS's list prices, dated, where the Region's are
    known; then what is idle, what is there twice, what NAT gateways carry at most that a free
    gateway endpoint would, and which own services nobody uses. Idle is what the policy's section
    `idle` says (autopilot.yaml of this checkout). It asks CloudWatch for metrics, which costs 0.01
    USD per thousand.

    \b
    Example: ./autopilot costs
    Exit codes: 0 all could be read, whatever it shows; 1 something couldn't, or another error.
    """
    from autopilot.reconcile.codec import encode

    from cli.costs_text import print_costs

    here = asked.connect()
    found = read(asked, here)
    if asked.as_json:
        print_json(encode(found))
    else:
        print_not_deployed(here)
        print_costs(found, every=every)
    return 1 if found.unread else 0


def read(asked: Asked, here: Here) -> Costs:
    """The costs, by the checkout's policy file. Raises Problem, AwsErrors."""
    from autopilot.aws.spending import spending

    from cli import policy_file

    policy = policy_file.own_policy(here)
    with progress("Reading endpoints and what went through them", quiet=asked.as_json):
        return spending(policy, here.us, here.table(), datetime.now(UTC))
