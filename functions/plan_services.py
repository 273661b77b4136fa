"""Plan the services: looks at load balancers and endpoint services and says what to change."""

from __future__ import annotations

from collections.abc import Callable

from autopilot.aws.endpoint_services import look
from autopilot.aws.logs import log_plan
from autopilot.aws.step import acting_policy, identity, step
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.naming import with_names, with_owners
from autopilot.services.desired import Sorted
from autopilot.services.plan import ServicesPlan, ServicesRequest
from autopilot.services.planning import plan

LookAt = Callable[[ServicesRequest, Policy, str], Sorted]


@step(ServicesRequest)
def handler(
    request: ServicesRequest, *, policy: Callable[[], Policy] = acting_policy
) -> ServicesPlan:
    """Look and plan. Raises NotVisibleYet while the survey doesn't show what must be there."""
    made = planned(request, policy(), identity())[-1]
    log_plan(request, made, look_again=made.look_again)
    return made


def planned(
    request: ServicesRequest, policy: Policy, stack: StackIdentity, *, look: LookAt = look
) -> tuple[Sorted, ServicesPlan]:
    """What there is, sorted by what is to become of it, and the plan.

    `./autopilot plan` calls it too. Raises NotVisibleYet, other AwsErrors.
    """
    found = look(request, policy, stack.owner)
    made = plan(found, request, policy, stack)
    named, tag = with_names(made, request, found.facts.services), policy.notify.owner_tag
    return found, with_owners(named, request, tag, found.facts.with_tags_of_balancers)
