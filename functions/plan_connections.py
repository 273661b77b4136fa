"""Plan the answers: looks at how connections stand and says whom to accept, reject, hold or cut.

What it needs (actions, on what, why):
- ec2:DescribeVpcEndpointServiceConfigurations, ec2:DescribeVpcEndpointConnections,
  ec2:DescribeVpcEndpointServicePermissions, ec2:DescribeVpcEndpointConnectionNotifications on *.
- ec2:DeleteTags on vpc-endpoint-connection/* with our owner tag: a person's aren't ours to cut.
- dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem on the ledger table: what people answered,
  what is over; and, where the policy names an organization, who belongs to it.
- organizations:DescribeAccount, organizations:ListParents on *, where the policy's
  `organization.read_by` is None; else sts:AssumeRole on that role.
- where `zones.before_accepting` is hold: ec2:DescribeVpcEndpoints, ec2:DescribeSubnets on *, and
  sts:AssumeRole on the peers' roles, as check_zones.
Environment: OWNER, ACCOUNT_ID, AWS_REGION, LEDGER_TABLE, CONNECTION_TOPIC_ARN.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import settings
from autopilot.aws.connections_survey import Survey
from autopilot.aws.errors import AwsError, NotSettledYet
from autopilot.aws.ledger import Ledger
from autopilot.connections.attribution import to_forget, to_unmark, with_marks
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Connection, ConnectionFacts
from autopilot.connections.items import in_turn, to_answer
from autopilot.connections.locks import asks_for_units
from autopilot.connections.organization import Organization
from autopilot.connections.plan import ConnectionPlan, ZoneCheck
from autopilot.connections.planning import light, owners_to_ask_for, plan, verdicts
from autopilot.connections.request import ConnectionsRequest, services_answered, unsettled
from autopilot.connections.zones import Alignment
from autopilot.connections.zoning import checks
from autopilot.notify.ledger import Write
from autopilot.policy.model import OrganizationPolicy, Policy
from autopilot.reconcile.identity import StackIdentity
from aws_lambda_powertools import Logger

logger = Logger()


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, account, Region, a table, a topic."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str
    connection_topic_arn: str


@cache
def _settings() -> Settings:
    return settings.read(Settings)


class Looks(Protocol):
    """Reads how connections stand."""

    def facts(self, request: ConnectionsRequest) -> ConnectionFacts:
        """How things stand, and what is remembered."""

    def connections(self, service_ids: Sequence[str]) -> Sequence[Connection]:
        """The connections of these services, and nothing else."""

    def organization(
        self,
        owners: Collection[str],
        units: bool,
        policy: OrganizationPolicy | None,
        law: DecisionContext,
    ) -> Organization:
        """Where the owners stand."""

    def alignments(
        self, checks: Sequence[ZoneCheck], law: DecisionContext
    ) -> Mapping[str, Alignment]:
        """By endpoint how its zones meet its service's."""

    def unmark(self, connection_ids: Collection[str]) -> None:
        """Take our tags from connections that aren't ours to cut."""

    def forget(self, writes: Sequence[Write]) -> None:
        """Forget what is over."""


@cache
def _survey() -> Survey:
    return Survey(Ledger(_settings().ledger_table))


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    survey: Callable[[], Looks] = _survey,
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Look and plan. Raises NotSettledYet while AWS doesn't show what was answered."""
    request = ConnectionsRequest.from_json(event)
    logger.set_correlation_id(request.execution)
    known = _settings()
    us = StackIdentity(known.owner, known.account_id, known.aws_region)
    law = DecisionContext(policy(), us, Organization(), now(), request.execution)
    made = _plan(request, survey(), law)
    logger.info(
        "plan made",
        round=request.round_number,
        trigger=request.trigger,
        looked_at=made.looked_at if made.looked_at == "all" else len(made.looked_at),
        items={item.id: len(item.endpoint_ids) for item in made.items},
        reasons={id_: why.reason for item in made.items for id_, why in item.reasons.items()},
        holds=[hold.endpoint_id for hold in made.holds],
        left=made.left,
        more=made.more,
    )
    return made.to_json()


def _plan(request: ConnectionsRequest, survey: Looks, law: DecisionContext) -> ConnectionPlan:
    if settled := light(request):
        _believe(survey.connections(services_answered(request)), request)
        return settled
    facts = with_marks(survey.facts(request), law.us.owner)
    _believe(facts.connections, request)
    law = _informed(facts, survey, law)
    facts = _with_zones(facts, request, survey, law)
    made = plan(verdicts(facts, law), request, facts, law, _settings().connection_topic_arn)
    if over := to_forget(facts, law):
        survey.forget(over)
    if law.policy.mode == "enforce" and (marked := to_unmark(facts, law.us.owner)):
        _unmark(marked, survey)
    return made


def _unmark(connection_ids: Collection[str], survey: Looks) -> None:
    """The next look tries again; until then the ledger goes before the tags."""
    try:
        survey.unmark(connection_ids)
    except AwsError as error:
        logger.warning("connections still marked", error=str(error))


def _believe(connections: Sequence[Connection], request: ConnectionsRequest) -> None:
    if missing := unsettled(connections, request):
        raise NotSettledYet(f"AWS doesn't show the answers yet: {', '.join(missing[:20])}")


def _informed(facts: ConnectionFacts, survey: Looks, law: DecisionContext) -> DecisionContext:
    """The law with what of the organization can change a verdict; most looks need nothing."""
    owners = owners_to_ask_for(verdicts(facts, law))
    if not owners:
        return law
    rules = (*law.policy.connections.allow, *law.policy.connections.deny)
    listed = [each for entries in facts.permissions.values() for each in entries]
    units = asks_for_units(rules, listed)
    return replace(
        law, organization=survey.organization(owners, units, law.policy.organization, law)
    )


def _with_zones(
    facts: ConnectionFacts, request: ConnectionsRequest, survey: Looks, law: DecisionContext
) -> ConnectionFacts:
    """With the zones of what is about to be accepted, where they have a say in that."""
    if law.policy.zones.before_accepting != "hold":
        return facts
    turn = in_turn(to_answer(verdicts(facts, law)), request)
    wanted = checks(each for each in turn if each.verdict.action == "accept")
    return replace(facts, alignments=survey.alignments(wanted, law)) if wanted else facts
