"""Remove one thing of ours for good.

What it needs (actions, on what, why):
- ec2:DescribeVpcEndpoints, DescribeSecurityGroups, DescribeVpcEndpointServiceConfigurations on *
  and ssm:ListTagsForResource on our parameters: whose it is, right before the call.
- ec2:DeleteVpcEndpoints, DeleteSecurityGroup, DeleteVpcEndpointServiceConfigurations and
  ssm:DeleteParameter on what bears the owner tag.
Environment: OWNER, AWS_REGION.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autopilot.aws import owned_resources, removals, settings
from autopilot.aws.errors import NotOurs
from autopilot.policy.model import Policy
from autopilot.reconcile.removal import Removal, RemovalAction, RemovalOutcome
from aws_lambda_powertools import Logger

logger = Logger()

Remove = Callable[[Removal, str], bool]
REMOVES: Mapping[RemovalAction, Remove] = {
    "delete endpoint": removals.endpoint,
    "delete group": removals.group,
    "delete service": owned_resources.delete_service,
    "delete parameter": owned_resources.delete_parameter,
}


class StillEnforcing(Exception):
    """Raised when the policy doesn't say audit: what goes would be put back at once."""


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
    removes: Mapping[RemovalAction, Remove] = REMOVES,
    policy: Callable[[], Policy] = settings.bundled_policy,
) -> dict[str, Any]:
    """Carry out `event["item"]`; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item = Removal.from_json(event["item"])
    logger.set_correlation_id(event["execution"])
    if policy().mode != "audit":
        raise StillEnforcing("the policy's mode is no longer audit")
    try:
        outcome = RemovalOutcome(item, "done", deleted=removes[item.action](item, _owner()))
    except NotOurs as error:
        outcome = RemovalOutcome(item, "stale", error="NotOurs", message=str(error))
    logger.info("removal applied", id=item.id, result=outcome.result, deleted=outcome.deleted)
    return outcome.to_json()
