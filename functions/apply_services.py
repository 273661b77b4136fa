"""Apply one change of the plan to one endpoint service."""

from __future__ import annotations

from autopilot.aws import published_services
from autopilot.aws.step import logger, owner, step
from autopilot.reconcile.request import Change
from autopilot.services.plan import ServiceItem, ServiceOutcome


@step(Change[ServiceItem])
def handler(change: Change[ServiceItem]) -> ServiceOutcome:
    """Carry out the item; the outcome. Raises the AwsErrors that make it no outcome yet."""
    outcome = published_services.apply(change.item, owner(), change.execution)
    logger.info("change applied", ...)
    return outcome
