"""Plan the services: looks at load balancers and endpoint services and says what to change.

What it needs (actions, on what, why):
- elasticloadbalancing:DescribeLoadBalancers, elasticloadbalancing:DescribeTags on *.
- ec2:DescribeVpcEndpointServiceConfigurations, ec2:DescribeVpcEndpointServicePermissions,
  ec2:DescribeVpcEndpointConnections on *.
Environment: OWNER, ACCOUNT_ID, AWS_REGION.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from autopilot.aws import endpoint_services, settings
from autopilot.aws.errors import NotVisibleYet
from autopilot.connections.request import ConnectionScope
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.services.desired import sort, to_ask_for_connections, to_ask_for_principals
from autopilot.services.facts import PublishFacts
from autopilot.services.plan import PublishRequest, ServicePlan
from autopilot.services.planning import plan
from autopilot.services.visible import unseen
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account, its Region."""

    owner: str
    account_id: str
    aws_region: str


class Looks(Protocol):
    """Reads how published services stand."""

    def survey(self, scope: ConnectionScope, publishing: bool) -> PublishFacts:
        """Load balancers and services."""

    def principals(self, service_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        """By service who may ask."""

    def connected(self, service_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """By service the endpoints that hold it."""


@cache
def _us() -> StackIdentity:
    known = settings.read(Settings)
    return StackIdentity(known.owner, known.account_id, known.aws_region)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    looks: Looks = endpoint_services,
    policy: Callable[[], Policy] = settings.bundled_policy,
) -> dict[str, Any]:
    """Look and plan. Raises NotVisibleYet while the survey lacks what must be there."""
    request = PublishRequest.from_json(event)
    logger.set_correlation_id(request.execution)
    made = _plan(request, looks, policy())
    logger.info(
        "plan made",
        round=request.round_number,
        trigger=request.trigger,
        looked_at=made.looked_at if made.looked_at == "all" else len(made.looked_at),
        items={item.id: item.reason for item in made.items},
        findings=[finding.id for finding in made.findings],
        look_again=made.look_again,
        left=made.left,
        more=made.more,
    )
    return made.to_json()


def _plan(request: PublishRequest, looks: Looks, policy: Policy) -> ServicePlan:
    publishing = bool(policy.endpoint_services.load_balancer_tags)
    facts = looks.survey(request.scope, publishing)
    facts = replace(
        facts, connected=looks.connected(to_ask_for_connections(sort(facts, policy, _us().owner)))
    )
    found = sort(facts, policy, _us().owner)
    facts = replace(facts, principals=looks.principals(to_ask_for_principals(found)))
    if missing := unseen(facts, request.expect, request.outcomes):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing[:20])}")
    return plan(facts, request, policy, _us())
