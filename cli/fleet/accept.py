"""`--fleet accept`: says yes, in the hub, to a request that waits in any account."""

from __future__ import annotations

import click

from cli.fleet.answering import ACCOUNT, BY, ID, IN, MINUTES, Where, answer
from cli.options import Asked, operators


@operators(
    "accept", ID, ACCOUNT, IN, BY, MINUTES, click.option("--reason", default="", help="Why.")
)
def command(
    asked: Asked, endpoint_id: str, account: str, in_: str, by: str, minutes: int, reason: str
) -> int:
    """Accept a request that waits in any account: ID is the consumer's endpoint.

    CHANGES THE ACCOUNT in which it waits. That account's stack decides again: what its `deny`
    names, or the service's permission list doesn't admit, stays out. Waits, and says what became
    of it.

    \b
    Example: ./autopilot --fleet accept vpce-0123456789abcdef0 --reason "agreed in CHG-17"
    Exit codes: 0 it is accepted; 1 it is not, or not known to be, or an error.
    """
    return answer(asked, Where(endpoint_id, account, in_), "accept", by, reason, minutes)
