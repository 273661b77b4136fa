"""Withdraw one resource: notes it in the ledger first, so that no look puts it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autopilot.aws.logs import log_outcome
from autopilot.aws.removals import remove
from autopilot.aws.step import identity, ledger, now, step
from autopilot.notify.ledger import Rows
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.request import Change
from autopilot.reconcile.withdrawn import note


@step(Change[Removal])
def handler(
    change: Change[Removal],
    *,
    ledger: Callable[[], Rows] = ledger,
    now: Callable[[], datetime] = now,
) -> RemovalOutcome:
    """Carry out the item; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item = change.item
    if item.remember:
        note(ledger(), item.remember, item.until, execution=change.execution, now=now())
    outcome = remove(item, identity().owner)
    log_outcome(outcome, deleted=outcome.deleted)
    return outcome
