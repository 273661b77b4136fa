"""The example answers that AWS publishes with its CLI, read from the installed package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import awscli  # type: ignore[import-untyped]  # it has no types
from botocore import xform_name
from botocore.model import ListShape, Shape, StructureShape
from botocore.utils import parse_timestamp

from tests.adapters.canned import model, output

FOLDER = Path(awscli.__file__).parent / "examples" / "ec2"
_OPERATIONS = {xform_name(name, "-"): name for name in model("ec2").operation_names}
# Examples that are older than botocore's model.
_RENAMED = {"ReturnValue": "Return"}


@dataclass(frozen=True)
class Example:
    """One example output of an operation, as botocore hands it over; `number` counts from 0."""

    operation: str
    number: int
    answer: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.operation}-{self.number}"


@cache
def examples() -> tuple[Example, ...]:
    """Every example about VPC endpoints that has an output."""
    return tuple(
        Example(operation, number, parsed(answer, output("ec2", operation)))
        for path in sorted(FOLDER.glob("*vpc-endpoint*.rst"))
        for operation in [_OPERATIONS[path.stem]]
        for number, answer in enumerate(outputs(path.read_text(encoding="utf-8")))
    )


def of(operation: str) -> tuple[Example, ...]:
    """The examples of an operation."""
    return tuple(each for each in examples() if each.operation == operation)


def outputs(text: str) -> list[dict[str, Any]]:
    """The JSON below each "Output::"; the text's markup escapes asterisks."""
    found = []
    for part in text.split("Output::")[1:]:
        begin = part.find("{")
        found.append(json.JSONDecoder().raw_decode(part[begin:].replace("\\*", "*"))[0])
    return found


def parsed(value: Any, shape: Shape) -> Any:
    """With moments as moments; a member that isn't in botocore's model would never reach us."""
    if isinstance(shape, StructureShape):
        known = shape.members
        named = {n if n in known else _RENAMED.get(n, n): each for n, each in value.items()}
        unknown = named.keys() - known.keys()
        assert not unknown, f"botocore has no {unknown} in {shape.name}"
        return {name: parsed(each, known[name]) for name, each in named.items()}
    if isinstance(shape, ListShape):
        return [parsed(each, shape.member) for each in value]
    return parse_timestamp(value) if shape.type_name == "timestamp" else value


def lacks(example: Any, answer: Any, path: str = "") -> list[str]:
    """The members of `example` that `answer` doesn't have, or has in another shape."""
    if isinstance(example, dict):
        if not isinstance(answer, dict):
            return [f"{path} is no structure"]
        missing = [f"{path}.{name}" for name in example if name not in answer]
        missing += [f"{path}.{n} is another" for n in _KINDS if _differ(example, answer, n)]
        there = [name for name in example if name in answer]
        return missing + [m for n in there for m in lacks(example[n], answer[n], f"{path}.{n}")]
    if isinstance(example, list):
        if not isinstance(answer, list):
            return [f"{path} is no list"]
        return [m for each in example for m in _nearest(each, answer, f"{path}[]")]
    return [] if type(example) is type(answer) else [f"{path} is a {type(answer).__name__}"]


# What tells one kind of thing from another.
_KINDS = ("VpcEndpointType", "ServiceType")


def _differ(example: Mapping[str, Any], answer: Mapping[str, Any], name: str) -> bool:
    said = example.get(name)
    return isinstance(said, str) and name in answer and answer[name] != said


def _nearest(example: Any, answers: list[Any], path: str) -> list[str]:
    """Against the element with the fewest missing, among those of the same kind."""
    if not answers:
        return [f"{path} has none like {example}"]
    return min((lacks(example, each, path) for each in answers), key=len)
