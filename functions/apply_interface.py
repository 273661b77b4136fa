"""Apply one change of the plan: to a security group, an interface endpoint, or its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autopilot.aws import errors, interface_endpoints, parameters, security_groups
from autopilot.aws.logs import log_outcome
from autopilot.aws.step import bundled_policy, identity, step
from autopilot.interfaces.plan import InterfaceOutcome, Item, done, failed, stale
from autopilot.policy.model import Policy
from autopilot.reconcile.request import Change

# The plan no longer fits how things stand: another look tells what does.
_STALE = (
    *(errors.NotFound, errors.ParameterMismatch, errors.PrivateDnsRefused),
    *(errors.ZoneNotRemote, errors.ZoneTaken),
)
_APPLY: Mapping[str, Callable[[Any, str, Policy], str | None]] = {
    "group": security_groups.apply,
    "endpoint": interface_endpoints.apply,
    "parameter": parameters.apply,
}


@step(Change[Item])
def handler(
    change: Change[Item], *, policy: Callable[[], Policy] = bundled_policy
) -> InterfaceOutcome:
    """Carry out the item. Raises the AwsErrors that make it no outcome yet."""
    item = change.item
    try:
        outcome = done(item, _APPLY[item.kind](item, identity().owner, policy()))
    except _STALE as error:
        outcome = stale(item, type(error).__name__, str(error))
    except errors.NotOurs as error:
        # Another look would ask for the same: what bears our name isn't ours.
        outcome = failed(item, "NotOurs", str(error))
    log_outcome(outcome, kind=item.kind, action=item.action, thing=outcome.item.resource_id)
    return outcome
