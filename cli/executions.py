"""Starts the stack's workflows and waits for their end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autopilot.aws.pages import call

from cli.problem import Problem

# The longest that one of the workflows may run (statemachines/*.asl.json).
_LONGEST = 4 * 3600
_EVERY = 2.0
# There an execution has told ops all there is, and waits for what is new.
_ASIDE = "Wait for the others"


@dataclass(frozen=True)
class Ended:
    """How an execution ended. `waits`: it goes on by itself, when what is new had its time."""

    arn: str
    output: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False


def start(machine: str, given: Mapping[str, Any]) -> str:
    """Start a workflow; the execution's ARN. Raises AwsErrors."""
    started = call("states", "StartExecution", stateMachineArn=machine, input=json.dumps(given))
    return str(started["executionArn"])


def wait(arn: str, tell: Callable[[str], None], *, every: float = _EVERY) -> Ended:
    """Wait for an execution; `tell` hears in which state it is. Raises Problem if it fails."""
    since = time.monotonic()
    while True:
        found = call("states", "DescribeExecution", executionArn=arn)
        if found["status"] != "RUNNING":
            return _ended(arn, found)
        state = _state(arn)
        if state == _ASIDE:
            return Ended(arn, waits=True)
        tell(state)
        if time.monotonic() - since > _LONGEST:
            raise Problem(f"The execution is still running: {arn}")
        time.sleep(every)


def _ended(arn: str, found: Mapping[str, Any]) -> Ended:
    if found["status"] != "SUCCEEDED":
        why = f"{found.get('error', found['status'])}: {found.get('cause', '')}"
        raise Problem(f"The workflow failed: {why} ({arn})")
    return Ended(arn, json.loads(found["output"]))


def _state(arn: str) -> str:
    """The state that an execution entered last, "" if it is only beginning."""
    history = call(
        "states", "GetExecutionHistory", executionArn=arn, reverseOrder=True, maxResults=20
    )
    entered = (each.get("stateEnteredEventDetails") for each in history["events"])
    return next((str(each["name"]) for each in entered if each), "")
