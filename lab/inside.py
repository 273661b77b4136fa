"""What the lab reads and calls inside MiniStack without changing it."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.core import responses
from ministack.core.iam_evaluator import find_iam_access_key_account
from ministack.services import eventbridge, iam, sqs, sts

#: Where the ids come from of the event that this thread is putting.
_ids: ContextVar[random.Random | None] = ContextVar("_ids", default=None)
_ASSUMED = re.compile(r"arn:[^:]+:sts::(\d{12}):assumed-role/([^/]+)/(.+)")


@dataclass(frozen=True)
class Principal:
    """Who calls: `arn` as AWS shows it, `name` the lasting identity (of a session: its role)."""

    account: str
    arn: str
    name: str
    session: str | None = None


def principal_of(access_key: str) -> Principal | None:
    """Return whose `access_key` is: an account's, a role session's, a user's; None if unknown."""
    if re.fullmatch(r"\d{12}", access_key):
        root = f"arn:aws:iam::{access_key}:root"
        return Principal(access_key, root, root)
    session = sts._sessions.get(access_key)
    if session is not None:
        return _of_session(str(session["Arn"]))
    account = find_iam_access_key_account(access_key)
    return _of_user(account, access_key) if account else None


def _of_session(arn: str) -> Principal | None:
    found = _ASSUMED.fullmatch(arn)
    if found is None:
        return None
    return Principal(found[1], arn, lasting(arn), found[3])


def lasting(arn: str) -> str:
    """Return the ARN of a session's role, path and all; any other ARN as it is."""
    found = _ASSUMED.fullmatch(arn)
    if found is None:
        return arn
    role = iam._roles.get_scoped(found[1], None, found[2])
    return str(role["Arn"]) if role else f"arn:aws:iam::{found[1]}:role/{found[2]}"


def _of_user(account: str, access_key: str) -> Principal:
    name = iam._access_keys.get_scoped(account, None, access_key)["UserName"]
    arn = str(iam._users.get_scoped(account, None, name)["Arn"])
    return Principal(account, arn, arn)


def event_uuid() -> str:
    """Return the next id for what EventBridge makes of an event of AWS's, or of anybody's."""
    ids = _ids.get()
    return str(uuid.UUID(int=ids.getrandbits(128), version=4)) if ids else responses.new_uuid()


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """Act inside MiniStack for `account` in `region`."""
    within: AbstractContextManager[None] = responses.request_scope(account, region)
    return within


def scopes(store: Any) -> Iterator[tuple[str, str]]:
    """Yield each account and Region that has something in a store scoped by both."""
    yield from {(key[0], key[1]) for key in list(store._data)}


def put_event(account: str, region: str, event: dict[str, Any], copy: int) -> None:
    """Put an event that AWS itself writes on the default bus of `account` in `region`.

    `event` has `id`, `source`, `detail-type` and `detail`. Each `copy` of it gets ids of its own,
    always the same ones.
    """
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"], default=str),
        "Resources": event.get("resources", []),
    }
    _ids.set(random.Random(f"{event['id']}/{copy}"))  # noqa: S311 - ids are no secrets
    with scope(account, region):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def bury(target: Mapping[str, Any], event: Any, attributes: Mapping[str, str]) -> None:
    """Send what a target couldn't get (its own input, else the event) to its dead-letter queue."""
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    if sqs._queue_by_arn(arn) is None:
        return
    message = {
        "QueueUrl": sqs._queue_url(arn.rpartition(":")[2]),
        "MessageBody": str(target.get("Input") or _whole(event)),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }
    sqs._act_send_message(message, message["QueueUrl"])


def _whole(event: Any) -> str:
    return json.dumps(eventbridge._pattern_event_view(event).event_with_detail(), default=str)
