"""The function of the weekly letter."""

from __future__ import annotations

from infra.function import Row
from infra.functions.dashboard import LOOK, MEMORY, METRICS
from infra.functions.surroundings import Surroundings
from infra.grants import may
from infra.ledger import LETTERS, READ, SELECT, WRITE

# Once a week for all VPCs: as many calls as a dashboard's, with metrics of each endpoint.
_TIMEOUT = 300


def table(here: Surroundings) -> tuple[Row, ...]:
    """It reads what the dashboard shows and a week of history, publishes, and notes that it did."""
    topic = {"OPS_TOPIC_ARN": here.ops.topic.topic_arn}
    return (
        Row(
            "letter",
            memory=1024,
            timeout=_TIMEOUT,
            environment={**here.ledger.known, **topic},
            may=(
                may(*LOOK, *METRICS, on="*"),
                here.ledger.rows(SELECT, among=MEMORY),
                here.ledger.history(SELECT),
                here.ledger.rows(READ, WRITE, among=[LETTERS]),
                *here.ops.sending,
            ),
        ),
    )
