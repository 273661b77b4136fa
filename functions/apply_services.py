"""Apply one change of the plan to one endpoint service."""

from __future__ import annotations

from autopilot.aws.logs import log_outcome
from autopilot.aws.published_services import apply
from autopilot.aws.step import identity, step
from autopilot.reconcile.request import Change
from autopilot.services.plan import ServiceItem, ServiceOutcome


@step(Change[ServiceItem])
def handler(change: Change[ServiceItem]) -> ServiceOutcome:
    """Carry out the item; the outcome. Raises the AwsErrors that make it no outcome yet."""
    outcome = apply(change.item, identity().owner, change.execution)
    item = outcome.item
    log_outcome(
        outcome, service_id=item.service_id, balancer_arn=item.balancer_arn, refused=outcome.refused
    )
    return outcome
