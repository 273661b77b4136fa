"""Stop executions: the stack's last deed, before CloudFormation deletes the state machines.

AWS deletes a state machine only when its executions have ended, and the stack waits for it: a hold
may wait for a week, a withdrawal for an hour. CloudFormation calls this as a custom resource, which
goes after everything that starts executions, and before the machines. A request that was held stays
as it is, pending, and nobody is cut.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from autopilot.aws import custom_resource, settings
from autopilot.aws.errors import (
    AwsError,
    NotFound,
    RefusedByAws,
    ServiceUnavailable,
    Throttled,
)
from autopilot.aws.executions import Executions
from aws_lambda_powertools import Logger

logger = Logger()

# Seconds. An intake or a step that runs at this moment may start one more, and lists trail.
_PAUSE = 5.0
# What is left for the answer to CloudFormation, in milliseconds.
_RESERVE = 15_000


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the machines' ARNs."""

    machine_arns: str


class Context(Protocol):
    """Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""


class Runs(Protocol):
    """The executions."""

    def running(self, machine: str) -> Iterable[str]:
        """The ARNs of a machine's executions that run."""

    def stop(self, execution: str) -> None:
        """Stop one."""


class StillRunning(Exception):
    """Raised when executions are left and the time is over: delete the stack again."""


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    context: Context,
    *,
    executions: Callable[[], Runs] = Executions,
    send: custom_resource.Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Answer CloudFormation's request; on Delete only when nothing runs any more."""

    def work() -> None:
        if event["RequestType"] == "Delete":
            machines = settings.read(Settings).machine_arns.split()
            _stop_all(machines, executions(), context, pause)

    failed = custom_resource.serve(event, work, send)
    logger.info("cloudformation answered", request=event["RequestType"], failed=failed)


def _stop_all(
    machines: Sequence[str], executions: Runs, context: Context, pause: Callable[[float], None]
) -> None:
    """Stop until two looks in a row find nothing. Raises StillRunning, AccessDenied.

    It sleeps: no workflow can wait for the end of all workflows.
    """
    quiet, words = 0, ""
    while quiet < 2:
        found: list[str] = []
        try:
            found += (each for machine in machines for each in executions.running(machine))
            quiet = 0 if found else quiet + 1
        except (ServiceUnavailable, Throttled) as error:
            quiet, words = 0, _said(error)
        words = _stop(found, executions) or words
        if context.get_remaining_time_in_millis() < _RESERVE:
            raise StillRunning(f"{len(found)} executions run, delete the stack again; {words}")
        if quiet < 2:
            pause(_PAUSE)


def _stop(found: Sequence[str], executions: Runs) -> str:
    """Stop these; what AWS said last of those it didn't stop: the next look sees them."""
    words = ""
    for each in found:
        try:
            executions.stop(each)
        except (NotFound, RefusedByAws, ServiceUnavailable, Throttled) as error:
            words = _said(error)
    logger.info("executions stopped", count=len(found), words=words)
    return words


def _said(error: AwsError) -> str:
    return f"{type(error).__name__}: {error}"
