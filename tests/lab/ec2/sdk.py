"""Plain boto3 clients of a running lab, and what it answered last."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from lab.client import Lab

OWNER, OTHER = "111111111111", "222222222222"
REGION = "us-east-1"
S3 = "com.amazonaws.us-east-1.s3"
DYNAMODB = "com.amazonaws.us-east-1.dynamodb"
ONCE = Config(retries={"total_max_attempts": 1})
_NUMBERS = itertools.count(1)


@dataclass
class Answer:
    """What came over the wire; `message` and `error` are None if the call went well."""

    status: int
    body: str
    request_id: str
    error: str | None
    message: str | None


@dataclass
class Sdk:
    """The running lab, its clients (making one is slow), and the last answer that one got."""

    lab: Lab
    last: Answer = field(init=False)
    _clients: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session = self.lab.session()

    def client(self, account: str = OWNER, region: str = REGION, service: str = "ec2") -> Any:
        """A client of an account's root; the same one each time."""
        key = (account, region, service)
        if key not in self._clients:
            self._clients[key] = self._make(
                service, region_name=region, aws_access_key_id=account, aws_secret_access_key="any"
            )
        return self._clients[key]

    def _make(self, service: str, **options: str) -> Any:
        client = self._session.client(service, config=ONCE, **options)
        client.meta.events.register("after-call", self._hear)
        return client

    def _hear(self, http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        error = parsed.get("Error", {})
        self.last = Answer(
            http_response.status_code,
            http_response.content.decode(),
            parsed["ResponseMetadata"]["RequestId"],
            error.get("Code"),
            error.get("Message"),
        )

    def session(self, role: str, account: str = OWNER, name: str = "session") -> Any:
        """A client of a session of a role of this name, which may do anything."""
        self._role(role, account)
        given = self.client(account, service="sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName=name
        )["Credentials"]
        return self._make(
            "ec2",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    def user(self, name: str, account: str = OWNER, path: str = "/") -> Any:
        """A client of a new user of this name, who may do anything."""
        iam = self.client(account, service="iam")
        iam.create_user(UserName=name, Path=path)
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=_policy(_ANYTHING))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return self._make(
            "ec2",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    def _role(self, name: str, account: str) -> None:
        iam = self.client(account, service="iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_policy(_ANYTHING))


_ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def allowing(action: str, service: str, condition: Any = None) -> str:
    """A policy of a resource that lets a service in."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    statement |= {"Condition": condition} if condition else {}
    return _policy({**statement, "Principal": {"Service": service}})


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def fresh(name: str) -> str:
    """A name that no test had before: what isn't EC2's outlives a test."""
    return f"{name}{next(_NUMBERS)}"


def crooked(client: Any, operation: str, *pairs: tuple[str, str]) -> None:
    """Have boto3 send what it would never send by itself: this operation with these members."""
    body = {"Action": operation, "Version": client.meta.service_model.api_version, **dict(pairs)}

    def write(params: dict[str, Any], **_: Any) -> None:
        params["body"] = body

    client.meta.events.register("before-call", write)
    try:
        idle = {"ec2": "describe_vpcs"}.get(client.meta.service_model.signing_name)
        getattr(client, idle or "describe_load_balancers")()
    finally:
        client.meta.events.unregister("before-call", write)


def refusal(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> tuple[str, str]:
    """The code and message with which a call is refused."""
    try:
        call(*arguments, **parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")


def code(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> str:
    """The code with which a call is refused."""
    return refusal(call, *arguments, **parameters)[0]
