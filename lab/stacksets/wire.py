"""StackSets' calls on the wire, checked by botocore's model of CloudFormation."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from ministack.services.cloudformation import helpers

from lab.ec2 import answers, requests
from lab.ec2.errors import AwsError
from lab.stacksets.model import invalid
from lab.stacksets.permissions import check_administrator

Params = Mapping[str, list[str]]
Act = Callable[[dict[str, Any]], dict[str, Any]]
#: What CloudFormation says of a value that isn't in the model (as CreateStack words it).
_FAILS = "failed to satisfy constraint: Member must"


@cache
def model_of(operation: str) -> OperationModel:
    """botocore's model of one of CloudFormation's operations."""
    session = botocore.session.get_session()
    return session.get_service_model("cloudformation").operation_model(operation)


def handler(operation: str, act: Act) -> Callable[[Params], Any]:
    """What MiniStack calls for an operation: from its parameters to status, headers and body."""

    def handled(params: Params) -> Any:
        model = model_of(operation)
        try:
            pairs = [(name, helpers._p(params, name)) for name in params]
            request = requests.parse(model, pairs)
            check(model.input_shape, request)
            check_administrator(request)
            output = act(request)
        except AwsError as error:
            return helpers._error(error.code, error.message, error.status)
        body = answers.write("cloudformation", model, output, str(uuid.uuid4()))
        return 200, {"Content-Type": "text/xml"}, body

    return handled


def check(shape: Shape | None, request: Any) -> None:
    """Hold a request's values against the model. Raises StackSetError with all that is wrong."""
    problems = [*_problems(shape, request, "")]
    if problems:
        many = "s" if len(problems) > 1 else ""
        raise invalid(f"{len(problems)} validation error{many} detected: {'; '.join(problems)}")


def _problems(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _in_members(shape, value, f"{path}." if path else "")
    elif isinstance(shape, ListShape):
        for number, each in enumerate(value, 1):
            yield from _problems(shape.member, each, f"{path}.{number}.member")
    elif shape is not None:
        said = f"Value '{value}' at '{path}' {_FAILS}"
        yield from (f"{said} {wrong}" for wrong in _wrong(shape, value))


def _in_members(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    for name, inner in shape.members.items():
        if name in value:
            yield from _problems(inner, value[name], f"{path}{name[0].lower()}{name[1:]}")


def _wrong(shape: Shape, value: Any) -> Iterator[str]:
    limits, text = shape.metadata, isinstance(value, str)
    choices: list[str] = list(getattr(shape, "enum", ()))
    if choices and value not in choices:
        yield f"satisfy enum value set: [{', '.join(choices)}]"
    if "pattern" in limits and not re.fullmatch(limits["pattern"].strip("^$"), str(value)):
        yield f"satisfy regular expression pattern: {limits['pattern']}"
    size = len(value) if text else value
    have = "have length" if text else "have value"
    if "max" in limits and size > limits["max"]:
        yield f"{have} less than or equal to {limits['max']}"
    if "min" in limits and size < limits["min"]:
        yield f"{have} greater than or equal to {limits['min']}"


def typed(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A template's properties as the operation takes them: numbers and truths may be words."""
    shape = model_of(operation).input_shape
    found: dict[str, Any] = _as(shape, request)
    return found


def _as(shape: Shape | None, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {name: _as(shape.members.get(name), each) for name, each in value.items()}
    if isinstance(shape, ListShape):
        return [_as(shape.member, each) for each in value]
    if shape is not None and shape.type_name == "boolean":
        return str(value).lower() == "true"
    if shape is not None and shape.type_name == "integer":
        return int(value)
    return value
