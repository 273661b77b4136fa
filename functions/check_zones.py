"""Check zones: compares consumers' zones with their service's, by ID, and explains refused ones."""

from __future__ import annotations

from collections.abc import Callable

from autopilot.aws import zones
from autopilot.aws.step import bundled_policy, identity, logger, now, step
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Organization
from autopilot.connections.request import ZonesRequest
from autopilot.connections.zones import ZonesReport
from autopilot.connections.zoning import report
from autopilot.policy.model import Policy


@step(ZonesRequest)
def handler(
    asked: ZonesRequest,
    *,
    reads: zones.Reads = zones,
    policy: Callable[[], Policy] = bundled_policy,
) -> ZonesReport:
    """Compare zones, explain refused endpoints. Raises AwsErrors of our own account."""
    context = DecisionContext(policy(), identity(), Organization(), now())
    advice = [zones.explain(each, reads) for each in asked.advice]
    made = report(asked, reads.consumer_sides, advice, context)
    logger.info(
        "zones compared",
        alignments={each.subject: each.status for each in made.alignments},
        why={each.subject: each.why for each in made.alignments if each.why},
        advice=[each.vpc_id for each in asked.advice],
    )
    return made
