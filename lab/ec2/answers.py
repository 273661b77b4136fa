"""Answers written the way botocore's models say, and read back by botocore's own parser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.parsers import create_parser

from .models import service_model

NAMESPACES = {
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    "ec2": "http://ec2.amazonaws.com/doc/2016-11-15/",
    "elasticloadbalancing": "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
}
#: Characters that no XML may hold, so that no answer can repeat them.
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_Writer = Callable[[Any, list[str]], None]


class AnswerError(TypeError):
    """The lab made an answer that botocore's model does not allow: our mistake."""


def write(service: str, model: OperationModel, output: dict[str, Any], request_id: str) -> bytes:
    """The body of a success.

    Raises:
        AnswerError: a member is not in the model, or a required one is missing.
    """
    if service == "servicequotas":
        return json.dumps(output, default=_epoch).encode()
    shape = model.output_shape
    parts: list[str] = []
    if shape is not None:
        _content(shape)(output, parts)
    elif output:
        # Operations that botocore gives no output still answer <return>true</return>.
        parts.append("<return>true</return>")
    inside = "".join(parts)
    name = model.name
    if service == "ec2":
        inside = f"<requestId>{request_id}</requestId>{inside}"
    else:
        inside = (
            f"<{name}Result>{inside}</{name}Result>"
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        )
    space = NAMESPACES[service]
    return f'{_HEAD}<{name}Response xmlns="{space}">{inside}</{name}Response>'.encode()


def write_error(service: str, code: str, message: str, request_id: str) -> bytes:
    """The body of a failure in the service's own envelope."""
    if service == "servicequotas":
        return json.dumps({"__type": code, "Message": message}).encode()
    message = NO_XML.sub("?", message)
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "ec2":
        text = (
            f"<Response><Errors><Error>{error}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        space = NAMESPACES[service]
        text = (
            f'<ErrorResponse xmlns="{space}"><Error><Type>Sender</Type>{error}</Error>'
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return f"{_HEAD}{text}".encode()


def read(service: str, model: OperationModel, body: bytes) -> dict[str, Any]:
    """The answer as botocore's parser sees it (what a plain SDK gets), without its metadata."""
    protocol = service_model(service).metadata["protocol"]
    response = {"body": body, "headers": {}, "status_code": 200}
    # The parser takes a missing shape for an operation without output; its stubs don't say so.
    shape: Any = model.output_shape
    parsed: dict[str, Any] = create_parser(protocol).parse(response, shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def _epoch(value: datetime) -> float:
    return value.timestamp()


def _timestamp(value: datetime) -> str:
    return (
        value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"


_TEXT: dict[str, Callable[[Any], str]] = {
    "boolean": _boolean,
    "integer": str,
    "long": str,
    "float": str,
    "double": str,
    "timestamp": _timestamp,
}


@cache
def _content(shape: Shape) -> _Writer:
    """A function that writes what stands between an element's tags."""
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    text = _TEXT.get(shape.type_name, escape)
    return lambda value, parts: parts.append(text(value))


def _structure(shape: StructureShape) -> _Writer:
    members = {
        name: (str(inner.serialization.get("name", name)), inner)
        for name, inner in shape.members.items()
    }
    required = frozenset(shape.required_members)

    def write_structure(value: dict[str, Any], parts: list[str]) -> None:
        if not required <= value.keys():
            raise AnswerError(f"{shape.name} lacks {sorted(required - value.keys())}")
        for name, content in value.items():
            try:
                tag, inner = members[name]
            except KeyError:
                raise AnswerError(f"{shape.name} has no member {name}") from None
            parts.append(f"<{tag}>")
            _content(inner)(content, parts)
            parts.append(f"</{tag}>")

    return write_structure


def _list(shape: ListShape) -> _Writer:
    tag = str(shape.member.serialization.get("name", "member"))

    def write_list(value: list[Any], parts: list[str]) -> None:
        content = _content(shape.member)
        for item in value:
            parts.append(f"<{tag}>")
            content(item, parts)
            parts.append(f"</{tag}>")

    return write_list
