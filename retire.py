"""Leaving: lists what bears our tag, asks, and has the stack's uninstall workflow remove it.

`make retire`; see README.md, "Leaving". In the account and Region that the environment names
(AWS_PROFILE, AWS_REGION, ...). STACK names another stack, CONFIRM=yes asks nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types

STACK = "EndpointAutopilot"
OUTPUT = "UninstallWorkflowArn"
# Endpoints take minutes to go, some dozens of them an hour at worst: the workflow's own limit.
_LONGEST = 4 * 3600
_EVERY = 2.0


class NotToBeDone(Exception):
    """Raised when nothing can be listed or removed; the message says what to do."""


def main() -> int:
    """List, ask, remove; 0 when nothing that the stack made is left, or the answer was no."""
    stack = os.environ.get("STACK") or STACK
    try:
        return run(boto3, stack, os.environ.get("CONFIRM") == "yes", _asked)
    except NotToBeDone as problem:
        print(problem, file=sys.stderr)
        return 1


def run(session: Any, stack: str, confirmed: bool, ask: Callable[[str], bool]) -> int:
    """The same with a boto3 session, or boto3 itself. Raises NotToBeDone."""
    states = session.client("stepfunctions")
    machine = _machine(session.client("cloudformation"), stack)
    listed = execute(states, machine, confirm=False)
    _show(listed)
    if not listed["count"]:
        return 0
    if not confirmed and not ask(
        f"Remove all {listed['count']} for good? Traffic stops. [yes/no] "
    ):
        print("Nothing was changed.")
        return 0
    return _remove(states, machine)


def execute(states: Any, machine: str, *, confirm: bool) -> Mapping[str, Any]:
    """Start the workflow and wait; its output. Raises NotToBeDone if it fails."""
    started = states.start_execution(
        stateMachineArn=machine, input=json.dumps({"trigger": "person", "confirm": confirm})
    )
    arn, since = started["executionArn"], time.monotonic()
    while True:
        ended = states.describe_execution(executionArn=arn)
        if ended["status"] != "RUNNING":
            break
        if time.monotonic() - since > _LONGEST:
            raise NotToBeDone(f"The execution is still running: {arn}")
        time.sleep(_EVERY)
    if ended["status"] != "SUCCEEDED":
        why = f"{ended.get('error', ended['status'])}: {ended.get('cause', '')}"
        raise NotToBeDone(f"The workflow failed: {why}\n{arn}")
    output: Mapping[str, Any] = json.loads(ended["output"])
    return output


def _remove(states: Any, machine: str) -> int:
    """One execution after the other, as long as one gets on and leaves more."""
    while True:
        ended = execute(states, machine, confirm=True)
        if ended["refused"]:
            raise NotToBeDone(
                f"Nothing was changed: {ended['refused']}. The automation would put it all back."
                " Write `mode: audit` in autopilot.yaml, deploy, and run this again."
            )
        print(f"Removed: {ended['removed']}")
        if not ended["more"] or not ended["removed"]:
            break
    for failed in ended["failed"]:
        print(f"Failed: {failed}")
    _show(ended)
    return 1 if ended["count"] else 0


def _machine(cloudformation: Any, stack: str) -> str:
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        raise NotToBeDone(f"No stack {stack} in this account and Region: {error}") from error
    outputs = {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", ())}
    if OUTPUT not in outputs:
        raise NotToBeDone(f"The stack {stack} has no output {OUTPUT}: deploy this version of it.")
    return str(outputs[OUTPUT])


def _show(ended: Mapping[str, Any]) -> None:
    print(f"Bears our tag: {ended['count']}")
    for line in ended["things"]:
        print(f"  {line}")
    if (more := ended["count"] - len(ended["things"])) > 0:
        print(f"  and {more} more")


def _asked(question: str) -> bool:
    return input(question).strip().lower() == "yes"


if __name__ == "__main__":
    sys.exit(main())
