"""What a planted fault makes of a call to EC2, load balancing or quotas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.ec2 import Caller, Reply, answers, chance
from lab.ec2.errors import AwsError
from lab.ec2.models import is_mutating, operation_model
from lab.ec2.requests import Body, parse
from lab.errors import error_answer, message_for
from lab.faults import Fault


def reply_to(
    fault: Fault,
    service: str,
    operation: str,
    body: Body,
    caller: Caller,
    ask: Callable[[], Reply],
) -> Reply:
    """Return the reply to a call that `fault` met; `ask` has the service carry it out.

    A reply that nobody will hear of is that of the service, or one that bears the fault's kind as
    its error and leaves no record in CloudTrail: the call never arrived.
    """
    parameters = parameters_of(service, operation, body)
    if fault.error is None:
        return ask() if fault.carried_out or not fault.fails else _unheard(fault, parameters)
    if fault.carried_out:
        ask()
    words = fault.message or message_for(fault.error, service, operation, caller.arn)
    if fault.kind == "partial":
        return _in_part(operation, parameters, fault.error, words)
    return failed(service, operation, parameters, fault.error, words)


def failed(
    service: str, operation: str, parameters: dict[str, Any], code: str, words: str
) -> Reply:
    """Return the reply to a call that failed with an error of AWS's."""
    answer = error_answer(service, code, words)
    return Reply(
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        parameters=parameters,
        response=None,
        error=code,
        message=words,
        mutating=is_mutating(operation),
    )


def parameters_of(service: str, operation: str, body: Body) -> dict[str, Any]:
    """Return what a call asked that never reached the service; nothing if it can't be parsed."""
    model = operation_model(service, operation)
    try:
        return parse(model, body) if model else {}
    except AwsError:
        return {}


def _unheard(fault: Fault, parameters: dict[str, Any]) -> Reply:
    return Reply(0, {}, b"", parameters, None, fault.kind, None, mutating=False)


def _in_part(operation: str, parameters: dict[str, Any], code: str, words: str) -> Reply:
    """EC2's answer when the call is well but none of its items is."""
    model = operation_model("ec2", operation)
    if model is None:
        raise LookupError(f"botocore knows no {operation}")
    request_id = chance.uuid4("partial")
    ids: list[str] = next((value for name, value in parameters.items() if name.endswith("Ids")), [])
    error = {"Code": code, "Message": words}
    output = {"Unsuccessful": [{"Error": error, "ResourceId": each} for each in ids]}
    return Reply(
        status=200,
        headers={"Content-Type": "text/xml", "x-amzn-RequestId": request_id},
        body=answers.write("ec2", model, output, request_id),
        parameters=parameters,
        response=output,
        error=None,
        message=None,
        mutating=is_mutating(operation),
    )
