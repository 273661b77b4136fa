"""`accept`: says yes to a request that waits for a person."""

from __future__ import annotations

import click

from cli.answering import BY, ID, answer
from cli.options import Asked, operators


@operators("accept", ID, BY, click.option("--reason", default="", help="Why, for the record."))
def command(asked: Asked, endpoint_id: str, by: str | None, reason: str) -> int:
    """Accept a request that waits: ID is the consumer's endpoint (./autopilot requests).

    CHANGES THE ACCOUNT through the stack's AnswerHold function: what `deny` names, or the service's
    permission list doesn't admit, stays out. Waits, and says what became of it.

    \b
    Example: ./autopilot accept vpce-0123456789abcdef0 --reason "agreed in CHG-17"
    Exit codes: 0 it is accepted; 1 it is not, or an error.
    """
    return answer(asked, endpoint_id, "accept", by, reason)
