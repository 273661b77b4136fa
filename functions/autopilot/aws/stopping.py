"""Stops all executions: a machine that still runs one keeps its stack from being deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from aws_lambda_powertools import Logger

from autopilot.aws import errors
from autopilot.aws.clients import client
from autopilot.aws.pages import call

logger = Logger()

_ERROR, _CAUSE = "StackDeleted", "The stack is being deleted, and its machines with it."
# Seconds. An intake or a step that runs at this moment may start one more, and lists trail.
_PAUSE = 5.0
# What is left for the answer to CloudFormation, in milliseconds.
_RESERVE = 15_000
_BUSY = (errors.ServiceUnavailable, errors.Throttled)


class StillRunning(Exception):
    """Raised when executions are left and the time is over: delete the stack again."""


class Runs(Protocol):
    """What runs, and its end."""

    def running(self, machine: str) -> Iterable[str]:
        """The ARNs of a machine's executions that run."""

    def stop(self, execution: str) -> None:
        """Stop one."""


class Executions:
    """Those that run in Step Functions."""

    def running(self, machine: str) -> Iterator[str]:
        """The ARNs of the machine's executions that run; none if it is gone.

        Eventually consistent (API reference, ListExecutions). Raises AwsErrors.
        """
        pages = client("stepfunctions").get_paginator("list_executions")
        try:
            with errors.aws_errors("states", "ListExecutions"):
                for page in pages.paginate(stateMachineArn=machine, statusFilter="RUNNING"):
                    yield from (each["executionArn"] for each in page["executions"])
        except errors.NotFound:
            return

    def stop(self, execution: str) -> None:
        """Stop an execution (its ARN)."""
        call("states", "StopExecution", executionArn=execution, error=_ERROR, cause=_CAUSE)


def stop_all(
    machines: Sequence[str],
    runs: Runs,
    milliseconds_left: Callable[[], int],
    pause: Callable[[float], None],
) -> None:
    """Stop until two looks in a row find nothing. Raises StillRunning, AccessDenied.

    It sleeps: no workflow can wait for the end of all workflows.
    """
    quiet, words = 0, ""
    while quiet < 2:
        found: list[str] = []
        try:
            found += (each for machine in machines for each in runs.running(machine))
            quiet = 0 if found else quiet + 1
        except _BUSY as error:
            quiet, words = 0, _said(error)
        words = _stop(found, runs) or words
        if milliseconds_left() < _RESERVE:
            raise StillRunning(f"{len(found)} executions run, delete the stack again; {words}")
        if quiet < 2:
            pause(_PAUSE)


def _stop(found: Sequence[str], runs: Runs) -> str:
    """Stop these; what AWS said last of those it didn't stop: the next look sees them."""
    words = ""
    for each in found:
        try:
            runs.stop(each)
        except (errors.NotFound, errors.RefusedByAws, *_BUSY) as error:
            words = _said(error)
    logger.info("executions stopped", count=len(found), words=words)
    return words


def _said(error: errors.AwsError) -> str:
    return f"{type(error).__name__}: {error}"
