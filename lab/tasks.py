"""Which permission a state machine's task, or a schedule's target, takes of its role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lab.iam import Check

# By which name a workflow hears of a refusal (Step Functions guide, "Error names"; believed).
_ERRORS = {
    "lambda": "Lambda.AWSLambdaException",
    "states": "StepFunctions.AccessDeniedException",
}
_INTEGRATION = re.compile(r"arn:[^:]+:states:::(?:aws-sdk:)?([a-z0-9]+):([A-Za-z]+)")
_ACTIONS = {"lambda:invoke": "lambda:InvokeFunction", "sfn:startExecution": "states:StartExecution"}
#: What an event source mapping needs of its queue (Lambda guide, Amazon SQS, execution role).
READ_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_NAMED_BY = ("FunctionName", "StateMachineArn", "TopicArn", "QueueUrl", "TableName")


def check(resource: str, given: Mapping[str, Any]) -> Check:
    """The check on a task with this `Resource` and these arguments."""
    found = _INTEGRATION.match(resource)
    if found is None:
        return Check("lambda:InvokeFunction", resource)
    service, operation = found.groups()
    name = f"{service}:{operation}"
    action = _ACTIONS.get(name, f"{service}:{operation[0].upper()}{operation[1:]}")
    return Check(action, next((str(given[key]) for key in _NAMED_BY if key in given), "*"))


def error_of(refused: Check) -> str:
    """The name under which a workflow hears that its role may not do this."""
    return _ERRORS.get(refused.action.split(":")[0], "States.Permissions")


def of_target(target: Mapping[str, Any]) -> Check | None:
    """The check on a target that is started under a role; None for one that the lab can't judge."""
    arn = str(target.get("Arn", ""))
    if ":stateMachine:" in arn:
        return Check("states:StartExecution", arn)
    return Check("lambda:InvokeFunction", arn) if ":function:" in arn else None
