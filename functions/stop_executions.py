"""Stop executions: the stack's last act, before CloudFormation deletes the state machines.

AWS deletes a state machine only when its executions have ended: a hold may wait for a week. This is
a custom resource, which goes after all that starts executions, and before the machines. A request
that was held stays pending, and nobody is cut.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.aws import settings
from autopilot.aws.custom_resource import Send, logger, serve
from autopilot.aws.stopping import Executions, Runs, stop_all


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the machines' ARNs, separated by spaces."""

    machine_arns: str


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    context: Any,
    *,
    executions: Callable[[], Runs] = Executions,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Answer CloudFormation's request; on Delete only when nothing runs any more."""

    def work() -> None:
        machines = settings.read(Settings).machine_arns.split()
        stop_all(machines, executions(), context.get_remaining_time_in_millis, pause)

    serve(event, "Delete", work, send)
