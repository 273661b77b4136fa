"""The lab's own tables against botocore's models: no call shows what a table leaves out."""

from __future__ import annotations

import pytest
from botocore.model import ListShape, Shape, StructureShape

from lab.ec2 import answers
from lab.ec2.members import HEEDED
from lab.ec2.models import operation_model
from tests.lab.ec2.pieces import SERVED


def test_a_member_that_the_model_lacks_is_a_mistake_of_the_lab() -> None:
    model = operation_model("ec2", "CreateVpc")
    assert model is not None
    with pytest.raises(answers.AnswerError, match="colour"):
        answers.write("ec2", model, {"Vpc": {"colour": "red"}}, "r-1")


def test_the_list_of_members_is_complete_and_true() -> None:
    assert set(HEEDED) == SERVED
    for service, name in SERVED:
        model = operation_model(service, name)
        assert model is not None
        known: set[str] = set(model.input_shape.members) if model.input_shape else set()
        assert HEEDED[service, name] <= known, name


def _requests(shape: Shape | None, prefix: str = "") -> list[str]:
    """Names of required members that no table of the lab could leave out."""
    if isinstance(shape, StructureShape):
        return [prefix + name for name in shape.required_members]
    return _requests(shape.member, prefix) if isinstance(shape, ListShape) else []


def test_required_members_are_heeded() -> None:
    for service, name in SERVED:
        model = operation_model(service, name)
        assert model is not None
        assert set(_requests(model.input_shape)) <= HEEDED[service, name], name
