"""Plan the network: looks at how things stand and says what to change.

From the ledger it takes what was withdrawn and may not be put back yet, and what is new: that waits
for an endpoint of its own tool.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import quotas, settings, survey
from autopilot.aws.errors import NotVisibleYet
from autopilot.aws.ledger import Ledger
from autopilot.aws.network_memory import recalled
from autopilot.aws.withdrawal_memory import Rows, withdrawn
from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import NetworkPlan
from autopilot.gateway.planning import draft, limit_matters, plan, vpcs_to_probe
from autopilot.gateway.quota import DEFAULT
from autopilot.gateway.request import PlanRequest
from autopilot.gateway.scope import Scope
from autopilot.gateway.visible import unseen
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import Limit
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account, its Region, a table."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str


class Network(Protocol):
    """Reads how the network stands."""

    def survey(self, scope: Scope) -> Facts:
        """VPCs, route tables and endpoints."""

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The subnets with a network interface, by VPC."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


def _us() -> StackIdentity:
    known = _settings()
    return StackIdentity(known.owner, known.account_id, known.aws_region)


def _away(now: datetime) -> frozenset[str]:
    return withdrawn(_ledger(), now)


@cache
def _ledger() -> Rows:
    return Ledger(_settings().ledger_table)


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    network: Network = survey,
    limit: Callable[[], Limit] = quotas.gateway_endpoints,
    away: Callable[[datetime], frozenset[str]] = _away,
    ledger: Callable[[], Rows] = _ledger,
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Look and plan. Raises NotVisibleYet while the survey lacks what must be there."""
    request = PlanRequest.from_json(event)
    logger.set_correlation_id(request.execution)
    facts = network.survey(request.scope)
    # After the survey: what is withdrawn stands in the ledger before it is missing from the facts.
    facts = replace(facts, withdrawn=away(now()))
    if missing := unseen(facts, request.expect, request.outcomes):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing)}")
    facts, again = recalled(ledger(), request, facts, policy(), _us(), now())
    made = replace(_plan(request, facts, network, limit, policy(), now()), again=again)
    _log(made, request)
    return made.to_json()


def _log(made: NetworkPlan, request: PlanRequest) -> None:
    logger.info(
        "plan made",
        round=request.round_number,
        trigger=request.trigger,
        looked_at=made.looked_at if made.looked_at == "all" else len(made.looked_at),
        items={item.id: item.reason for item in made.items},
        findings=[finding.id for finding in made.findings],
        left=made.left,
        more=made.more,
        again=made.again.seconds,
    )


def _plan(
    request: PlanRequest,
    facts: Facts,
    network: Network,
    limit: Callable[[], Limit],
    policy: Policy,
    now: datetime,
) -> NetworkPlan:
    if vpc_ids := vpcs_to_probe(facts, policy, _us()):
        facts = replace(facts, busy_subnets=network.busy_subnets(vpc_ids))
    wanted = draft(facts, policy, _us(), now, frozenset(request.expect))
    quota = limit() if limit_matters(wanted, facts) else DEFAULT
    return plan(wanted, request, facts, policy, _us(), quota)
