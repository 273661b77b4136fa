"""CloudTrail's two ways of writing an EC2 call, read as one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

# Members that only wrap what their parent names: {"items": [...]}, {"tag": 1, "content": "..."}.
_WRAPPERS = frozenset({"items", "item", "member", "content"})


class BadEvent(Exception):
    """Raised when an event can't be read; says where and why.

    `place` is a path into the event ("detail.responseElements"), `reason` what is wrong there.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


def parsed(body: str) -> Mapping[str, Any]:
    """An EventBridge event's JSON text. Raises BadEvent if it isn't an object."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEvent("body", f"is no JSON: {error}") from error
    if not isinstance(event, Mapping):
        raise BadEvent("body", "is no object")
    return event


def text(node: Mapping[str, Any], key: str, within: str) -> str:
    """The text under `key`, which must be there. Raises BadEvent if it isn't."""
    value = node.get(key)
    if not isinstance(value, str) or not value:
        raise BadEvent(f"{within}{key}", "is no text")
    return value


def members(node: Any) -> Iterator[tuple[str, Any]]:
    """Every scalar in `node` with the name of its member, in lower case, in no particular order.

    Both styles come out alike: `{"vpcId": "v"}` and `{"VpcId": "v"}`; `{"items": [{"id": "a"}]}`
    and `{"Id": {"tag": 1, "content": "a"}}`. Not recursive: no depth can exhaust the stack.
    """
    rest: list[tuple[str, Any]] = [("", node)]
    while rest:
        name, value = rest.pop()
        if isinstance(value, Mapping):
            rest.extend((name if key in _WRAPPERS else key.lower(), v) for key, v in value.items())
        elif isinstance(value, list):
            rest.extend((name, v) for v in value)
        else:
            yield name, value


def ids(node: Any, member: str, prefix: str) -> set[str]:
    """The ids "`prefix`-…" that `node` holds under `member` (lower case, as in `members`)."""
    form = re.compile(rf"{prefix}-[0-9a-f]+")
    return {
        value
        for name, value in members(node)
        if name == member and isinstance(value, str) and form.fullmatch(value)
    }


def required(detail: Mapping[str, Any], part: str, member: str, prefix: str) -> set[str]:
    """Like `ids`, for a part of the event's detail that must hold at least one.

    Raises BadEvent if it doesn't.
    """
    found = ids(detail.get(part), member, prefix)
    if not found:
        raise BadEvent(f"detail.{part}", f"holds no {member} that begins with {prefix}-")
    return found


def only(detail: Mapping[str, Any], part: str, member: str, prefix: str) -> str:
    """The one id that a part of the event's detail must hold. Raises BadEvent otherwise."""
    found = required(detail, part, member, prefix)
    if len(found) > 1:
        raise BadEvent(f"detail.{part}", f"holds {len(found)} different {member}, not one")
    return found.pop()


def who(detail: Mapping[str, Any]) -> str:
    """Who called, as an ARN; a service of AWS has none."""
    identity = detail.get("userIdentity")
    known = identity if isinstance(identity, Mapping) else {}
    for name in ("arn", "invokedBy", "principalId", "type"):
        if isinstance(known.get(name), str) and known[name]:
            return str(known[name])
    return "somebody"


def moment(detail: Mapping[str, Any]) -> str:
    """When it was, ISO 8601 with a time zone. Raises BadEvent if that can't be read."""
    at = text(detail, "eventTime", "detail.")
    try:
        known = datetime.fromisoformat(at).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        raise BadEvent("detail.eventTime", "is no moment in ISO 8601 with its time zone")
    return at
