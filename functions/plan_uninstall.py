"""Plan the leaving: lists everything that bears our tag, and says what goes now.

What it needs (actions, on what, why):
- ec2:DescribeVpcEndpoints, DescribeSecurityGroups, DescribeVpcEndpointServiceConfigurations,
  DescribeVpcEndpointConnections and ssm:DescribeParameters on *.
Environment: OWNER, AWS_REGION.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autopilot.aws import owned_resources, settings
from autopilot.aws.errors import NotSettledYet
from autopilot.policy.model import Policy
from autopilot.uninstall.facts import Estate
from autopilot.uninstall.plan import UninstallRequest
from autopilot.uninstall.planning import plan
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name."""

    owner: str


@cache
def _owner() -> str:
    return settings.read(Settings).owner


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    survey: Callable[[str], Estate] = owned_resources.estate,
    policy: Callable[[], Policy] = settings.bundled_policy,
) -> dict[str, Any]:
    """Look and plan. Raises NotSettledYet while something that is going isn't gone."""
    request = UninstallRequest.from_json(event)
    logger.set_correlation_id(request.execution)
    made = plan(request, survey(_owner()), policy())
    if made.waiting and not made.items and request.patient:
        raise NotSettledYet(f"not gone yet: {', '.join(made.waiting)}")
    logger.info(
        "plan made",
        round=request.round_number,
        confirm=request.confirm,
        refused=made.refused,
        count=made.count,
        items=[item.id for item in made.items],
        findings=[finding.id for finding in made.findings],
        more=made.more,
    )
    return made.to_json()
