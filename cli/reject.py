"""`reject`: says no to a request that waits for a person."""

from __future__ import annotations

import click

from cli.answering import BY, ID, answer
from cli.options import Asked, operators


@operators("reject", ID, BY, click.option("--reason", required=True, help="Why, for the record."))
def command(asked: Asked, endpoint_id: str, by: str | None, reason: str) -> int:
    """Reject a request that waits: ID is the consumer's endpoint (./autopilot requests).

    CHANGES THE ACCOUNT through the stack's AnswerHold function. Waits, and says what became of it.

    \b
    Example: ./autopilot reject vpce-0123456789abcdef0 --reason "nobody knows them"
    Exit codes: 0 it is rejected; 1 it is not, or an error.
    """
    return answer(asked, endpoint_id, "reject", by, reason)
