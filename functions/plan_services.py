"""Plan the services: looks at load balancers and endpoint services and says what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autopilot.aws.endpoint_services import look
from autopilot.aws.logs import log_plan
from autopilot.aws.step import bundled_policy, identity, step
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of
from autopilot.services.plan import ServicesPlan, ServicesRequest
from autopilot.services.planning import plan


@step(ServicesRequest)
def handler(
    request: ServicesRequest, *, policy: Callable[[], Policy] = bundled_policy
) -> ServicesPlan:
    """Look and plan. Raises NotVisibleYet while the survey doesn't show what must be there."""
    found = look(request, policy(), identity().owner)
    made = plan(found, request, policy(), identity())
    names = names_of((made.findings, made.items, request.outcomes), found.facts.services)
    made = replace(made, names=names)
    log_plan(request, made, look_again=made.look_again)
    return made
