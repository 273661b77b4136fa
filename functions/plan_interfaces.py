"""Plan the interface endpoints: looks at how things stand and says what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from autopilot.aws import quotas
from autopilot.aws.interface_survey import look
from autopilot.aws.logs import log_plan
from autopilot.aws.step import bundled_policy, identity, ledger, now, step
from autopilot.interfaces.changes import draft
from autopilot.interfaces.plan import InterfacePlan, InterfaceRequest
from autopilot.interfaces.planning import plan
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of, owners_of
from autopilot.reconcile.quota import INTERFACES_IN_A_VPC


@step(InterfaceRequest)
def handler(
    request: InterfaceRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> InterfacePlan:
    """Look and plan. Raises NotVisibleYet while the look doesn't show what must be there."""
    wanted = policy()
    situation, desired = look(request, wanted, identity(), ledger(), now())
    drafted, facts = draft(situation, desired), situation.facts
    near = desired.near_quota(facts)
    limit = quotas.interface_endpoints() if near else INTERFACES_IN_A_VPC
    made = plan(drafted, situation, limit)
    spoken = (made.findings, made.items, request.outcomes)
    names = names_of(spoken, facts.vpcs, facts.subnets, facts.endpoints)
    owners = owners_of(wanted.notify.owner_tag, spoken, facts.vpcs, facts.endpoints)
    made = replace(made, names=names, owners=owners)
    log_plan(request, made, look_again=made.look_again)
    return made
