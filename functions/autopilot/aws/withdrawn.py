"""What others are deleting and we have stepped aside from: looks leave it alone for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from autopilot.core.memory import Row

WITHDRAWN = "withdrawn"
"""The ledger's partition: a row's sort key is the id of a VPC or a subnet, `until` an ISO time."""


class Rows(Protocol):
    """The ledger, as far as it is read here."""

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        """All rows under `pk` whose sort key begins with `prefix`."""


def withdrawn(ledger: Rows, now: datetime) -> frozenset[str]:
    """The ids that are to be left alone at `now` (aware). Raises AwsError's subclasses."""
    rows = ledger.rows(WITHDRAWN)
    return frozenset(
        row.key.sk for row in rows if datetime.fromisoformat(str(row.body["until"])) > now
    )
