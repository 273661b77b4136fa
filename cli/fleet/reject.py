"""`--fleet reject`: says no, in the hub, to a request that waits in any account."""

from __future__ import annotations

import click

from cli.fleet.answering import ACCOUNT, BY, ID, IN, MINUTES, Where, answer
from cli.options import Asked, operators


@operators(
    "reject", ID, ACCOUNT, IN, BY, MINUTES, click.option("--reason", required=True, help="Why.")
)
def command(
    asked: Asked, endpoint_id: str, account: str, in_: str, by: str, minutes: int, reason: str
) -> int:
    """Reject a request that waits in any account: ID is the consumer's endpoint.

    CHANGES THE ACCOUNT in which it waits. Waits, and says what became of it.

    \b
    Example: ./autopilot --fleet reject vpce-0123456789abcdef0 --reason "nobody knows them"
    Exit codes: 0 it is rejected; 1 it is not, or not known to be, or an error.
    """
    return answer(asked, Where(endpoint_id, account, in_), "reject", by, reason, minutes)
