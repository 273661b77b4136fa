"""Hub's look, every five minutes: finds who is silent or failed, and tells ops, spokes' news too.

It calls dynamodb:Query, dynamodb:BatchGetItem and, in transactions, dynamodb:PutItem and
dynamodb:DeleteItem on the hub's table; sns:GetTopicAttributes (sns:ListSubscriptionsByTopic,
where owners have addresses) and sns:Publish on the hub's topic;
cloudformation:ListStackInstances on the fleet's StackSets, organizations:ListAccounts,
organizations:ListAccountsForParent and organizations:ListOrganizationalUnitsForParent, once an
hour. Environment: LEDGER_TABLE, OPS_TOPIC_ARN, OWNER (the hub's stack), ACCOUNT_ID, RELEASE (what
spokes should run; the roster's by default), CHAT_ASKS (what a chat's buttons call). It runs for
less than ten minutes: after that its claim counts as dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import fleet_survey, hub, settings, step
from autopilot.aws.fleet_look import Fleet, Looked, look
from autopilot.aws.hub_table import HubTable, hub_table
from autopilot.aws.outlets import Bus, OpsTopic, Outlets, Publishes
from autopilot.fleet.facts import Survey
from autopilot.fleet.looking import LOOK, looks
from autopilot.fleet.messages import CATALOG
from autopilot.fleet.roster import Roster
from autopilot.notify.notice import Place


@dataclass(frozen=True)
class Settings:
    """What the environment tells: where ops listen, what spokes should run, and which function a
    chat's buttons call, "" for no buttons."""

    ops_topic_arn: str
    release: str = ""
    chat_asks: str = ""


class Called(Protocol):
    """What Lambda tells a function of a call."""

    @property
    def aws_request_id(self) -> str:
        """The same for a second try of the same call."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


def _topic() -> Publishes:
    return OpsTopic(_settings().ops_topic_arn)


@step.logger.inject_lambda_context(clear_state=True)
def handler(
    _event: Mapping[str, Any],
    context: Called,
    *,
    table: Callable[[], HubTable] = hub_table,
    ops: Callable[[], Publishes] = _topic,
    roster: Callable[[], Roster] = hub.roster,
    ask: Callable[[Roster], Survey] = fleet_survey.survey,
    now: Callable[[], datetime] = step.now,
) -> dict[str, Any]:
    """Look once; how many messages went out. Raises AwsErrors: Lambda then tries again."""
    ledger, fleet, at = table(), roster(), now()
    wanted, execution = _settings().release or fleet.release, f"look/{context.aws_request_id}"
    known = ledger.of([LOOK]).get(LOOK)
    right = looks(known, wanted, execution, at)
    if right is None or ledger.write([right.claim]):
        step.logger.info("somebody else is looking")
        return Looked().counts
    us = step.identity()
    place = Place(us.account, us.region, us.owner, execution, at.isoformat(timespec="seconds"))
    listening = ops().heard_partly_by(fleet.partly) if fleet.partly else ops()
    to = Outlets(ledger, listening, Bus(), catalog=CATALOG)
    place = place._replace(restarts=False, answer_hold=_settings().chat_asks)
    given = Fleet(ledger, fleet, to, place, ask, wanted, at)
    told = Looked()
    try:
        told = look(given, right)
    finally:
        ledger.write([right.settle(deaf=told.deaf)])
    return told.counts
