"""Plan the leaving: lists everything that bears the stack's tag, and says what goes now."""

from __future__ import annotations

from collections.abc import Callable

from autopilot.aws.errors import NotSettledYet
from autopilot.aws.logs import log_plan
from autopilot.aws.owned_resources import survey
from autopilot.aws.step import bundled_policy, identity, step
from autopilot.policy.model import Policy
from autopilot.uninstall.plan import UninstallPlan, UninstallRequest
from autopilot.uninstall.planning import plan


@step(UninstallRequest)
def handler(
    request: UninstallRequest, *, policy: Callable[[], Policy] = bundled_policy
) -> UninstallPlan:
    """Look and plan. Raises NotSettledYet while something that is going isn't gone."""
    made = plan(request, survey(identity().owner), policy())
    if made.waiting and not made.items and request.patient:
        raise NotSettledYet(f"not gone yet: {', '.join(made.waiting)}")
    log_plan(request, made, confirm=request.confirm, refused=made.refused, count=made.count)
    return made
