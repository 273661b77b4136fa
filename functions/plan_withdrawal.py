"""Plan a withdrawal: looks at what others' refused calls are about, and says what gives way.

What it needs (actions, on what, why):
- ec2:DescribeVpcs, DescribeSubnets, DescribeRouteTables, DescribeVpcEndpoints,
  DescribeSecurityGroups, DescribeNetworkInterfaces on *.
- dynamodb:Query on the ledger's rows of what was withdrawn.
Environment: OWNER, ACCOUNT_ID, AWS_REGION, LEDGER_TABLE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import settings
from autopilot.aws import vpc_contents as ec2
from autopilot.aws.errors import NotSettledYet
from autopilot.aws.ledger import Ledger
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.withdrawn import in_vain
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import NetworkContents
from autopilot.withdraw.plan import WithdrawalRequest
from autopilot.withdraw.planning import plan
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account, its Region, a table."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str


class Survey(Protocol):
    """Reads how the VPCs stand."""

    def survey(self, demands: Iterable[Demand], owner: str) -> NetworkContents:
        """The VPCs that the demands lead to."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


def _tried(now: datetime) -> frozenset[str]:
    return in_vain(Ledger(_settings().ledger_table), now)


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    survey: Survey = ec2,
    tried: Callable[[datetime], frozenset[str]] = _tried,
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Look and plan. Raises NotSettledYet while something that is going isn't gone."""
    request = WithdrawalRequest.from_json(event)
    logger.set_correlation_id(request.execution)
    known = _settings()
    us, moment = StackIdentity(known.owner, known.account_id, known.aws_region), now()
    grounds = survey.survey(request.demands, us.owner)
    made = plan(request, grounds, policy(), us, moment, tried(moment))
    if made.waiting and not made.items and request.patient:
        raise NotSettledYet(f"not gone yet: {', '.join(made.waiting)}")
    logger.info(
        "plan made",
        round=request.round_number,
        demands=[f"{demand.kind} {demand.id}" for demand in request.demands],
        items={item.id: item.reason for item in made.items},
        findings=[finding.id for finding in made.findings],
        left=dict(made.left),
    )
    return made.to_json()
