"""Remove one resource of the stack for good."""

from __future__ import annotations

from collections.abc import Callable

from autopilot.aws.logs import log_outcome
from autopilot.aws.removals import remove
from autopilot.aws.step import bundled_policy, identity, step
from autopilot.policy.model import Policy
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.request import Change


class StillEnforcing(Exception):
    """Raised when the policy doesn't say audit: what goes would be put back at once."""


@step(Change[Removal])
def handler(
    change: Change[Removal], *, policy: Callable[[], Policy] = bundled_policy
) -> RemovalOutcome:
    """Carry out the item; the outcome. Raises the AwsErrors that make it no outcome yet."""
    if policy().mode != "audit":
        raise StillEnforcing("the policy's mode is no longer audit")
    outcome = remove(change.item, identity().owner)
    log_outcome(outcome, deleted=outcome.deleted)
    return outcome
