"""Executions of state machines: their start, those that run, their end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from autopilot.aws.clients import client
from autopilot.aws.errors import AlreadyExists, NotFound, aws_errors

_ERROR, _CAUSE = "StackDeleted", "The stack is being deleted, and its machines with it."


class Wakes(Protocol):
    """Something that an execution is started for."""

    @property
    def name(self) -> str:
        """The execution's name: the same for the same reason to start."""

    def document(self) -> Mapping[str, Any]:
        """The execution's input."""


def start(state_machine: str, wakeup: Wakes) -> bool:
    """Start the state machine (an ARN) for the wake-up; False if this started it before.

    Raises AwsError's subclasses.
    """
    return begin(state_machine, wakeup.name, wakeup.document())


def begin(state_machine: str, name: str, document: Mapping[str, Any]) -> bool:
    """Start an execution under `name`; False if there is one. Raises AwsError's subclasses."""
    try:
        with aws_errors("states", "StartExecution"):
            client("stepfunctions").start_execution(
                stateMachineArn=state_machine, name=name, input=json.dumps(document)
            )
    except AlreadyExists:
        return False
    return True


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
