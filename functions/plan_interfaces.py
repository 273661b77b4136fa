"""Plan the interface endpoints: looks at how things stand and says what to change.

What it needs (actions, on what, why):
- ec2:Describe… of VPCs, their attributes, subnets, endpoints, groups and services; quotas.
- ssm:GetParametersByPath, ssm:ListTagsForResource on our path.
- dynamodb:Query on the ledger's partitions `withdrawn` and `finding`.
Environment: OWNER, ACCOUNT_ID, AWS_REGION, LEDGER_TABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import interface_survey, parameters, quotas, settings
from autopilot.aws.errors import NotVisibleYet
from autopilot.aws.ledger import Ledger
from autopilot.aws.withdrawal_memory import withdrawn
from autopilot.interfaces.draft import Situation
from autopilot.interfaces.facts import DnsAttributes, Facts
from autopilot.interfaces.parameters import to_probe
from autopilot.interfaces.plan import InterfacePlan
from autopilot.interfaces.planning import draft, plan, vpcs_to_probe
from autopilot.interfaces.quota import worth_asking
from autopilot.interfaces.request import InterfaceRequest
from autopilot.interfaces.scope import InterfaceScope
from autopilot.interfaces.visible import unseen
from autopilot.notify.ledger import Rows
from autopilot.notify.remembered import FINDINGS
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import Limit
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account, its Region, its ledger."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str


class World(Protocol):
    """Reads how things stand."""

    def survey(self, scope: InterfaceScope, policy: Policy, us: StackIdentity) -> Facts:
        """VPCs, subnets, endpoints, groups, services, parameters."""

    def dns_attributes(self, vpc_ids: Iterable[str]) -> Mapping[str, DnsAttributes]:
        """Each VPC's DNS attributes."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@cache
def _ledger() -> Ledger:
    return Ledger(_settings().ledger_table)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sources:
    """Where a plan's facts come from."""

    world: World = interface_survey
    not_ours: Callable[[Iterable[str], str], frozenset[str]] = parameters.not_ours
    limit: Callable[[], Limit] = quotas.interface_endpoints
    ledger: Callable[[], Rows] = _ledger


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    sources: Sources = Sources(),
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Look and plan. Raises NotVisibleYet while the look lacks what must be there."""
    request = InterfaceRequest.from_json(event)
    logger.set_correlation_id(request.execution)
    made = _plan(request, sources, policy(), now())
    logger.info(
        "plan made",
        round=request.round_number,
        trigger=request.trigger,
        looked_at=made.looked_at if made.looked_at == "all" else len(made.looked_at),
        items={item.id: item.reason for item in made.items},
        findings=[finding.id for finding in made.findings],
        left=made.left,
        more=made.more,
        look_again=made.look_again,
    )
    return made.to_json()


def _plan(request: InterfaceRequest, to: Sources, policy: Policy, at: datetime) -> InterfacePlan:
    known = _settings()
    us = StackIdentity(known.owner, known.account_id, known.aws_region)
    facts = to.world.survey(request.scope, policy, us)
    if missing := unseen(facts, request.expect, request.outcomes):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing)}")
    now = _situation(facts, request, to, policy, us, at)
    if vpc_ids := vpcs_to_probe(now):
        found = to.world.dns_attributes(vpc_ids)
        vpcs = tuple(replace(vpc, dns=found.get(vpc.id)) for vpc in facts.vpcs)
        now = replace(now, facts=replace(facts, vpcs=vpcs))
    if names := to_probe(now):
        foreign = to.not_ours(names, us.owner)
        now = replace(now, facts=replace(now.facts, foreign=foreign))
    wanted = draft(now)
    asks = worth_asking(now.facts, [*wanted.items, *wanted.later])
    return plan(wanted, request, now, to.limit() if asks else quotas.INTERFACE_DEFAULT)


def _situation(
    facts: Facts,
    request: InterfaceRequest,
    to: Sources,
    policy: Policy,
    us: StackIdentity,
    at: datetime,
) -> Situation:
    ledger = to.ledger()
    told = (row.key.sk for row in ledger.rows(FINDINGS, "InterfaceUnwanted/") if row.told)
    return Situation(
        facts=facts,
        policy=policy,
        us=us,
        withdrawn=withdrawn(ledger, at),
        told=frozenset(told) if policy.retire_interfaces == "now" else frozenset(),
        outcomes=request.outcomes,
        new=frozenset(request.expect),
        hour=at.strftime("%Y-%m-%dT%H"),
        scheduled=request.trigger in ("sweep", "person"),
    )
