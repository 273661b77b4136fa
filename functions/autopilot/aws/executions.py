"""Starts executions of state machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from autopilot.aws import errors
from autopilot.aws.pages import call


class Wakes(Protocol):
    """Something that an execution is started for."""

    @property
    def name(self) -> str:
        """The execution's name: the same for the same reason to start."""

    def document(self) -> Mapping[str, Any]:
        """The execution's input."""


def start(state_machine: str, wakeup: Wakes) -> bool:
    """Start the state machine (an ARN) for the wake-up; False if this started it before."""
    return begin(state_machine, wakeup.name, wakeup.document())


def begin(state_machine: str, name: str, document: Mapping[str, Any]) -> bool:
    """Start an execution under `name`; False if there is one."""
    try:
        call(
            "states",
            "StartExecution",
            stateMachineArn=state_machine,
            name=name,
            input=json.dumps(document),
        )
    except errors.AlreadyExists:
        return False
    return True
