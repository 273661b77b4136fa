"""The executions of state machines that are to end."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.aws.clients import client
from autopilot.aws.errors import NotFound, aws_errors

_ERROR, _CAUSE = "StackDeleted", "The stack is being deleted, and its machines with it."


class Executions:
    """What runs, and its end."""

    def running(self, machine: str) -> Iterator[str]:
        """The ARNs of the machine's executions that run; none if it is gone.

        Eventually consistent (API reference, ListExecutions). Raises AwsError's subclasses.
        """
        pages = client("stepfunctions").get_paginator("list_executions")
        try:
            with aws_errors("states", "ListExecutions"):
                for page in pages.paginate(stateMachineArn=machine, statusFilter="RUNNING"):
                    yield from (each["executionArn"] for each in page["executions"])
        except NotFound:
            return

    def stop(self, execution: str) -> None:
        """Stop an execution (its ARN). Raises AwsError's subclasses."""
        with aws_errors("states", "StopExecution"):
            client("stepfunctions").stop_execution(
                executionArn=execution, error=_ERROR, cause=_CAUSE
            )
