"""Starts the network workflow."""

from __future__ import annotations

import json

from autopilot.aws.clients import client
from autopilot.aws.errors import AlreadyExists, aws_errors
from autopilot.core.wakeup import Wakeup


def start(state_machine: str, wakeup: Wakeup) -> bool:
    """Start the state machine (an ARN) for the wake-up; False if these events started it before.

    Raises AwsError's subclasses.
    """
    document = {
        "trigger": "event",
        "scope": wakeup.scope.to_json(),
        "expect": list(wakeup.expect),
    }
    try:
        with aws_errors("states", "StartExecution"):
            client("stepfunctions").start_execution(
                stateMachineArn=state_machine, name=wakeup.name, input=json.dumps(document)
            )
    except AlreadyExists:
        return False
    return True
