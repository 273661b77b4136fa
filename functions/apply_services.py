"""Apply one change of the plan to one endpoint service.

What it needs (actions, on what, why):
- ec2:CreateVpcEndpointServiceConfiguration with our owner tag, and ec2:CreateTags at that.
- ec2:ModifyVpcEndpointServiceConfiguration, ec2:ModifyVpcEndpointServicePermissions,
  ec2:StartVpcEndpointServicePrivateDnsVerification, ec2:DeleteVpcEndpointServiceConfigurations,
  ec2:RejectVpcEndpointConnections on services that carry our tag.
- ec2:DescribeVpcEndpointServiceConfigurations, ec2:DescribeVpcEndpointConnections on *: the second
  look, right before the call.
- vpce:AllowMultiRegion where the policy names Regions.
Environment: OWNER.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, assert_never

from autopilot.aws import published_services, settings
from autopilot.aws.errors import (
    AlreadyExists,
    NotFound,
    NotOurs,
    OperationInProgress,
    ParameterMismatch,
    PrincipalRejected,
    RefusedByAws,
    StillConnected,
)
from autopilot.services.plan import ServiceItem, ServiceOutcome, allowed, published
from aws_lambda_powertools import Logger

logger = Logger()

# The plan no longer fits how things stand: another look tells what does.
_STALE = (AlreadyExists, NotFound, ParameterMismatch, NotOurs, StillConnected)
# Ops hear anyway that the name isn't verified; whether AWS is at it already doesn't matter.
_NOT_VERIFIED = (*_STALE, OperationInProgress, RefusedByAws)


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name."""

    owner: str


class Services(Protocol):
    """Changes endpoint services."""

    def publish(self, item: ServiceItem, owner: str, execution: str) -> tuple[str, str]:
        """Make one; its id and name."""

    def change(self, item: ServiceItem, owner: str) -> None:
        """Change one."""

    def allow(self, item: ServiceItem, owner: str) -> Mapping[str, str]:
        """Let principals ask; those that AWS doesn't take."""

    def revoke(self, item: ServiceItem, owner: str) -> None:
        """Let them ask no more."""

    def verify(self, item: ServiceItem, owner: str) -> None:
        """Have its private name verified."""

    def retire(self, item: ServiceItem, owner: str) -> None:
        """Delete one."""


@cache
def _owner() -> str:
    return settings.read(Settings).owner


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any], _context: object, *, services: Services = published_services
) -> dict[str, Any]:
    """Carry out `event["item"]`; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item = ServiceItem.from_json(event["item"])
    logger.set_correlation_id(event["execution"])
    outcome = _apply(item, event["execution"], services)
    logger.info("change applied", **{key: outcome.to_json()[key] for key in _LOGGED})
    return outcome.to_json()


_LOGGED = ("id", "action", "service_id", "balancer_arn", "result", "error", "reason", "refused")


def _apply(item: ServiceItem, execution: str, services: Services) -> ServiceOutcome:
    stale = _NOT_VERIFIED if item.action == "verify" else _STALE
    try:
        return _carried_out(item, execution, services)
    except stale as error:
        return ServiceOutcome(item, "stale", type(error).__name__, str(error))


def _carried_out(item: ServiceItem, execution: str, services: Services) -> ServiceOutcome:
    match item.action:
        case "publish":
            return published(item, *services.publish(item, _owner(), execution))
        case "allow":
            return allowed(item, services.allow(item, _owner()), PrincipalRejected.__name__)
        case "change" | "revoke" | "verify" | "retire":
            act: Callable[[ServiceItem, str], None] = getattr(services, item.action)
            act(item, _owner())
            return ServiceOutcome(item, "done")
        case _:
            assert_never(item.action)
