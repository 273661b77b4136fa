"""A plain botocore client whose requests go to an Ec2 in process instead of a socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from lab.ec2 import Caller, Ec2, Reply
from lab.ec2.answers import read
from lab.ec2.models import SERVICES, operation_model

OWNER, OTHER = "111111111111", "222222222222"
REGION = "us-east-1"
S3 = "com.amazonaws.us-east-1.s3"
DYNAMODB = "com.amazonaws.us-east-1.dynamodb"
_SIGNING = {botocore_name: service for service, botocore_name in SERVICES.items()}


@dataclass
class Clock:
    """Seconds since the epoch, moved by the test."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Wire:
    """Where the clients' requests go; tests read the replies from here."""

    ec2: Ec2 = field(default_factory=Ec2)
    replies: list[tuple[str, str, Caller, Reply]] = field(default_factory=list)
    directory: Any = None
    notifier: Any = None

    @property
    def last(self) -> Reply:
        return self.replies[-1][3]

    def carry(self, service: str, caller: Caller, request: Any) -> Any:
        body = request.body if isinstance(request.body, bytes) else request.body.encode()
        reply = self.ec2.serve(service, operation := _operation(request, body), body, caller)
        self.replies.append((service, operation, caller, reply))
        _check_against_the_model(service, operation, reply)
        headers = HTTPHeaders.from_dict(reply.headers)
        response: Any = AWSResponse(request.url, reply.status, headers, None)
        response._content = reply.body
        return response


def _operation(request: Any, body: bytes) -> str:
    target = request.headers.get("X-Amz-Target")
    if target:
        text = target.decode() if isinstance(target, bytes) else target
        return text.rpartition(".")[2]
    return dict(parse_qsl(body.decode(), keep_blank_values=True))["Action"]


def _check_against_the_model(service: str, operation: str, reply: Reply) -> None:
    """Every answer of every test: botocore reads back exactly what the lab meant to say."""
    model = operation_model(service, operation)
    if reply.error is None and model is not None and model.output_shape is not None:
        assert read(service, model, reply.body) == _as_read(reply.response)


def _as_read(value: Any) -> Any:
    """The parser gives milliseconds; the lab's own clock may have more."""
    if isinstance(value, dict):
        return {name: _as_read(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_read(inner) for inner in value]
    if hasattr(value, "microsecond"):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value


WIRE = Wire()


@cache
def client(
    account: str = OWNER, region: str = REGION, service: str = "ec2", arn: str | None = None
) -> Any:
    """A client of an account (its root, or `arn`); one for all tests, as making one is slow."""
    made = botocore.session.get_session().create_client(
        service,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    caller = Caller(account, region, arn or f"arn:aws:iam::{account}:root")

    def send(request: Any, **_: Any) -> Any:
        return WIRE.carry(_SIGNING[service], caller, request)

    events: Any = made.meta.events
    events.register("before-send", send)
    return made


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    """The code and message with which a call is refused."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")


def code(call: Any, **parameters: Any) -> str:
    """The code with which a call is refused."""
    return refusal(call, **parameters)[0]
