"""What faults must know of MiniStack's services: their operations, and how they word an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ServiceModel

#: Services of MiniStack's that faults reach: the SigV4 signing name, and what botocore calls it.
OTHERS = {
    "monitoring": "cloudwatch",
    "dynamodb": "dynamodb",
    "events": "events",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "organizations": "organizations",
    "scheduler": "scheduler",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "stepfunctions",
    "sts": "sts",
}
_FIELD = re.compile(r"\\\{\w+(\\\+)?\\\}")


@cache
def model(service: str) -> ServiceModel:
    """Return botocore's model of one of OTHERS."""
    return botocore.session.get_session().get_service_model(OTHERS[service])


def operation_of(
    service: str, method: str, path: str, headers: Mapping[str, str], query: str, body: bytes
) -> str:
    """Return the operation that a request asks for; empty if it names none.

    `headers` has lower-case names, `query` is the raw query string.
    """
    target = headers.get("x-amz-target", "")
    if target:
        return target.rpartition(".")[2]
    if model(service).metadata["protocol"] == "rest-json":
        return _by_path(service, method, path)
    sent = parse_qs(body.decode("utf-8", "replace") or query)
    return next(iter(sent.get("Action", ())), "")


def _by_path(service: str, method: str, path: str) -> str:
    found = [
        (len(template), name)
        for name, of, template, pattern in _paths(service)
        if of == method and pattern.fullmatch(path.rstrip("/"))
    ]
    return max(found, default=(0, ""))[1]


@cache
def _paths(service: str) -> tuple[tuple[str, str, str, re.Pattern[str]], ...]:
    """Each operation of a REST service: its name, its method, its path without its fields."""
    found = []
    for name in model(service).operation_names:
        http: Any = model(service).operation_model(name).http
        path = str(http["requestUri"]).partition("?")[0].rstrip("/")
        literal = _FIELD.sub("", re.escape(path))
        pattern = _FIELD.sub(lambda field: ".+" if field.group(1) else "[^/]+", re.escape(path))
        found.append((name, str(http["method"]), literal, re.compile(pattern)))
    return tuple(found)


def status_of(service: str, code: str) -> int | None:
    """Return the HTTP status that botocore's model gives to an error code, if it knows it."""
    for shape in model(service).error_shapes:
        error = shape.metadata.get("error", {})
        if code in (shape.name, error.get("code")):
            # JSON services give none: a 500 for what is their own fault, as AWS names that.
            return int(error.get("httpStatusCode", 500 if "Internal" in code else 400))
    return None


def other_error(
    service: str, code: str, message: str, request_id: str, status: int
) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of an error in the service's own protocol."""
    metadata = model(service).metadata
    headers = {"x-amzn-RequestId": request_id}
    if metadata["protocol"] == "query":
        side = "Receiver" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Sender"
        text = (
            f"<ErrorResponse><Error><Type>{side}</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return text.encode(), {**headers, "Content-Type": "text/xml"}
    if metadata["protocol"] == "rest-json":
        headers |= {"Content-Type": "application/json", "x-amzn-ErrorType": code}
        return json.dumps({"message": message}).encode(), headers
    headers["Content-Type"] = f"application/x-amz-json-{metadata.get('jsonVersion', '1.1')}"
    return json.dumps({"__type": code, "message": message}).encode(), headers
