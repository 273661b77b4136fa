"""Starts the executions that wait for a person, and ends their waiting."""

from __future__ import annotations

import json
from dataclasses import asdict

from autopilot.aws.clients import client
from autopilot.aws.errors import NotFound, aws_errors
from autopilot.aws.executions import begin
from autopilot.connections.holds import Hold, HoldAnswer


def start(state_machine: str, hold: Hold) -> bool:
    """Start the hold's execution; False if it was started before. Raises AwsError's subclasses."""
    return begin(state_machine, hold.name, {"hold": asdict(hold)})


def end(token: str, answer: HoldAnswer) -> bool:
    """Give the waiting execution its answer; False if it doesn't wait any more.

    Raises AwsError's subclasses, ValueError for no token.
    """
    if not token:
        raise ValueError("no task token: whose waiting?")
    try:
        with aws_errors("states", "SendTaskSuccess"):
            client("stepfunctions").send_task_success(
                taskToken=token, output=json.dumps(asdict(answer))
            )
    except NotFound:
        return False
    return True
