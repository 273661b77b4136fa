"""What the ledger remembers as withdrawn; planners ask it before they make anything."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from autopilot.notify.ledger import Rows
from autopilot.reconcile.withdrawn import WITHDRAWN, left_in_vain, remember, still_away


def withdrawn(ledger: Rows, now: datetime) -> frozenset[str]:
    """Ids of VPCs and subnets, and route keys, that must not be served yet.

    Raises AwsError's subclasses.
    """
    return still_away(ledger.rows(WITHDRAWN), now)


def in_vain(ledger: Rows, now: datetime) -> frozenset[str]:
    """What stepped aside within the last 90 days, and may be back. Raises AwsError's subclasses."""
    return left_in_vain(ledger.rows(WITHDRAWN), now)


def note(ledger: Rows, keys: Iterable[str], until: str, *, execution: str, now: datetime) -> None:
    """Note `keys` as withdrawn until that ISO instant. Raises AwsError's subclasses.

    A write that is refused is another execution's, of the same moment: it says the same.
    """
    known = {row.key.sk: row for row in ledger.rows(WITHDRAWN)}
    noted = [remember(k, until, known.get(k), execution=execution, now=now) for k in keys]
    ledger.write([write for write in noted if write])
