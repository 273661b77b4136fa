"""Check zones: compares consumers' zones with their service's, by ID, and explains refused ones.

What it needs (actions, on what, why):
- ec2:DescribeVpcEndpoints, ec2:DescribeSubnets on *: our own account's endpoints.
- ec2:DescribeVpcEndpointServices on *: the zones of a service that refused one of ours.
- sts:AssumeRole on arn:<partition>:iam::*:role/EndpointAutopilotZoneReader-<Region>: the peers'.
Environment: OWNER, ACCOUNT_ID, AWS_REGION.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import settings, zones
from autopilot.aws.errors import AwsError, ServiceUnavailable, Throttled
from autopilot.connections.decision import DecisionContext
from autopilot.connections.messages import ZONE_ADVICE
from autopilot.connections.organization import Organization
from autopilot.connections.plan import ZoneCheck
from autopilot.connections.request import Advice
from autopilot.connections.zones import ConsumerSide, advised
from autopilot.connections.zoning import alignments, report, to_read
from autopilot.notify.finding import Finding
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account, its Region."""

    owner: str
    account_id: str
    aws_region: str


class Reads(Protocol):
    """Reads zones."""

    def consumer_sides(
        self, wanted: Mapping[str, Iterable[str]], us: StackIdentity
    ) -> Mapping[str, ConsumerSide | str]:
        """By endpoint what its owner's account shows, or why that isn't known."""

    def zone_ids_of(self, service_name: str) -> tuple[str, ...]:
        """The zone IDs that a service offers to our account."""

    def zones_in(self, vpc_id: str) -> dict[str, str]:
        """The zone ID of each subnet of a VPC of ours."""


@cache
def _us() -> StackIdentity:
    known = settings.read(Settings)
    return StackIdentity(known.owner, known.account_id, known.aws_region)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    reads: Reads = zones,
    policy: Callable[[], Policy] = settings.bundled_policy,
) -> dict[str, Any]:
    """Compare `event["zones"]`, explain `event["advice"]`. Raises AwsErrors of our own account."""
    logger.set_correlation_id(event["execution"])
    wanted = [ZoneCheck.from_json(check) for check in event.get("zones", ())]
    refused = [Advice.from_json(advice) for advice in event.get("advice", ())]
    law = DecisionContext(policy(), _us(), Organization(), datetime.now(UTC))
    sides = reads.consumer_sides(to_read(wanted, law), law.us)
    made = report(
        alignments(wanted, sides, law),
        {check.service_id: check.service_name for check in wanted},
        law.policy.zones.require,
        [_explained(advice, reads) for advice in refused],
    )
    logger.info(
        "zones compared",
        alignments={each.subject: each.status for each in made.alignments},
        why={each.subject: each.why for each in made.alignments if each.why},
        advice=[advice.vpc_id for advice in refused],
    )
    return made.to_json()


def _explained(advice: Advice, reads: Reads) -> Finding:
    """Which subnets would have worked. What can't be worked out is said, not retried for ever."""
    try:
        worked_out, why = _worked_out(advice, reads)
    except (Throttled, ServiceUnavailable):
        raise
    except AwsError as error:
        worked_out, why = advised((), (), {}), str(error)
    told = asdict(advice)
    del told["subnet_ids"]
    subject = f"{advice.vpc_id}/{advice.service_name}"
    return ZONE_ADVICE.about(subject, {**told, **worked_out, "why": why})


def _worked_out(advice: Advice, reads: Reads) -> tuple[dict[str, Any], str]:
    zone_ids = reads.zone_ids_of(advice.service_name)
    made = advised(zone_ids, advice.subnet_ids, reads.zones_in(advice.vpc_id))
    return made, "" if zone_ids else "AWS names no zone of the service"
