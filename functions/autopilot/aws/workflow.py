"""Starts the workflows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from autopilot.aws.clients import client
from autopilot.aws.errors import AlreadyExists, aws_errors


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
