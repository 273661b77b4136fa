"""Plan the interface endpoints: looks at how things stand and says what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from autopilot.aws.interface_survey import look
from autopilot.aws.logs import log_plan
from autopilot.aws.step import bundled_policy, identity, ledger, now, step
from autopilot.interfaces.plan import InterfacePlan, InterfaceRequest
from autopilot.interfaces.planning import plan
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of


@step(InterfaceRequest)
def handler(
    request: InterfaceRequest,
    *,
    ledger: Callable[[], Rows] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> InterfacePlan:
    """Look and plan. Raises NotVisibleYet while the look doesn't show what must be there."""
    situation, desired = look(request, policy(), identity(), ledger(), now())
    made, facts = plan(situation, desired), situation.facts
    spoken = (made.findings, made.items, request.outcomes)
    names = names_of(spoken, facts.vpcs, facts.subnets, facts.endpoints)
    made = replace(made, names=names)
    log_plan(request, made, look_again=made.look_again)
    return made
