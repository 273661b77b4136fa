"""A client that answers every call as a test has told it, all others with nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from autopilot.aws import clients
from botocore import xform_name
from botocore.model import ServiceModel, StructureShape
from botocore.session import Session


class Canned:
    """`answers` by operation; `asked` lists what was called, in order."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = {xform_name(name): answer for name, answer in answers.items()}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Any:
        def call(**request: Any) -> Any:
            self.asked.append((method, request))
            return self._answers.get(method, {})

        return call

    def get_paginator(self, method: str) -> Any:
        """A paginator of one page."""
        return SimpleNamespace(paginate=lambda **request: [getattr(self, method)(**request)])

    @property
    def called(self) -> list[str]:
        return [method for method, _ in self.asked]


def answering(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any]) -> Canned:
    """Have all the adapters' clients give these answers."""
    canned = Canned(answers)
    clients.client.cache_clear()
    monkeypatch.setattr(clients, "make", lambda *_: canned)
    return canned


@cache
def model(service: str) -> ServiceModel:
    """botocore's model of a service."""
    return Session().get_service_model(service)


def enum(service: str, shape: str) -> tuple[str, ...]:
    """The values of a closed set; none of a shape that is none."""
    return tuple(getattr(model(service).shape_for(shape), "enum", ()))


def output(service: str, operation: str) -> StructureShape:
    """The shape of what an operation answers."""
    shape = model(service).operation_model(operation).output_shape
    assert isinstance(shape, StructureShape), f"{operation} answers nothing"
    return shape
