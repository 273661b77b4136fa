"""Plan the interface endpoints: looks at how things stand and says what to change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from autopilot.aws import interface_survey, quotas, retirements
from autopilot.aws.logs import log_plan
from autopilot.aws.step import acting_policy, identity, ledger, now, step
from autopilot.interfaces.changes import draft
from autopilot.interfaces.desired import desired_in
from autopilot.interfaces.plan import InterfacePlan, InterfaceRequest
from autopilot.interfaces.planning import plan
from autopilot.interfaces.retiring import retire
from autopilot.interfaces.situation import Desired, Situation
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.naming import with_names, with_owners
from autopilot.reconcile.quota import INTERFACES_IN_A_VPC, Limit

LookAt = Callable[
    [InterfaceRequest, Policy, StackIdentity, Rows, datetime], tuple[Situation, Desired]
]


@step(InterfaceRequest)
def handler(
    request: InterfaceRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = acting_policy,
    now: Callable[[], datetime] = now,
) -> InterfacePlan:
    """Look and plan. Raises NotVisibleYet while the look doesn't show what must be there."""
    made = planned(request, policy(), identity(), ledger(), now())[-1]
    log_plan(request, made, look_again=made.look_again)
    return made


def look(
    request: InterfaceRequest, policy: Policy, stack: StackIdentity, ledger: Rows, now: datetime
) -> tuple[Situation, Desired]:
    """How things stand, and what is wanted of them, step by step."""
    situation = interface_survey.look(request, policy, stack, ledger, now)
    desired = desired_in(situation)
    situation = retirements.moved_on(situation, desired, ledger)
    desired = retire(situation, desired)
    return interface_survey.probed(situation, desired), desired


def planned(
    request: InterfaceRequest,
    policy: Policy,
    stack: StackIdentity,
    ledger: Rows,
    now: datetime,
    *,
    look: LookAt = look,
    limit: Callable[[], Limit] = quotas.interface_endpoints,
) -> tuple[Situation, Desired, Limit, InterfacePlan]:
    """How things stand, what is wanted of them, the quota, and the plan of it.

    `./autopilot plan` calls it too. Raises NotVisibleYet, other AwsErrors.
    """
    situation, desired = look(request, policy, stack, ledger, now)
    drafted, facts = draft(situation, desired), situation.facts
    quota = limit() if desired.near_quota(facts) else INTERFACES_IN_A_VPC
    made = plan(drafted, situation, quota)
    named = with_names(made, request, facts.vpcs, facts.subnets, facts.endpoints)
    tag = policy.notify.owner_tag
    owned = with_owners(named, request, tag, facts.vpcs, facts.endpoints)
    return situation, desired, quota, owned
