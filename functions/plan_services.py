"""Plan the services: looks at load balancers and endpoint services and says what to change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from autopilot.aws.endpoint_services import look
from autopilot.aws.logs import log_plan
from autopilot.aws.step import bundled_policy, identity, step
from autopilot.policy.model import Policy
from autopilot.reconcile.naming import names_of, owners_of
from autopilot.services.plan import ServicesPlan, ServicesRequest
from autopilot.services.planning import plan


@step(ServicesRequest)
def handler(
    request: ServicesRequest, *, policy: Callable[[], Policy] = bundled_policy
) -> ServicesPlan:
    """Look and plan. Raises NotVisibleYet while the survey doesn't show what must be there."""
    wanted = policy()
    found = look(request, wanted, identity().owner)
    made = plan(found, request, wanted, identity())
    spoken, tag = (made.findings, made.items, request.outcomes), wanted.notify.owner_tag
    names = names_of(spoken, found.facts.services)
    owners = owners_of(tag, spoken, found.facts.with_tags_of_balancers)
    made = replace(made, names=names, owners=owners)
    log_plan(request, made, look_again=made.look_again)
    return made
