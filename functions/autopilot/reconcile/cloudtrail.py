"""CloudTrail's two ways of writing an EC2 call, read as one."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Members that only wrap what their parent names: {"items": [...]}, {"tag": 1, "content": "..."}.
_WRAPPERS = frozenset({"items", "item", "member", "content"})


EC2, ELB = "ec2.amazonaws.com", "elasticloadbalancing.amazonaws.com"
REQUEST, RESPONSE = "requestParameters", "responseElements"
"""The parts of a call's detail: what it asked, what AWS answered."""

_CALL = "AWS API Call via CloudTrail"
_CLOUDFORMATION = "cloudformation.amazonaws.com"


class BadEvent(Exception):
    """Raised when an event can't be read; says where and why.

    `place` is a path into the event ("detail.responseElements"), `reason` what is wrong there.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


def _parsed(body: str) -> Mapping[str, Any]:
    """An EventBridge event's JSON text. Raises BadEvent if it isn't an object."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEvent("body", f"is no JSON: {error}") from error
    if not isinstance(event, Mapping):
        raise BadEvent("body", "is no object")
    try:
        json.dumps(event, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise BadEvent("body", "holds what no other service would read") from error
    return event


@dataclass(frozen=True)
class Call:
    """A call of AWS's API as its event tells it. `error` is the whole code, "" if it worked."""

    detail: Mapping[str, Any]
    id: str
    source: str
    name: str
    error: str

    @property
    def code(self) -> str:
        """The service's own code: failures write "Client." or "Server." before it."""
        return self.error.rpartition(".")[2]

    @property
    def by_cloudformation(self) -> bool:
        """Whether CloudFormation made it, for whoever deploys (CloudTrail guide, invokedBy)."""
        identity = self.detail.get("userIdentity")
        return isinstance(identity, Mapping) and identity.get("invokedBy") == _CLOUDFORMATION

    @property
    def omitted(self) -> bool:
        """Whether CloudTrail left out what it asked or answered, for being too large.

        The guide says that it does ("CloudTrail record contents"), not how it looks: any member
        `omitted` counts.
        """
        parts = (self.detail.get(REQUEST), self.detail.get(RESPONSE))
        return any(name == "omitted" for part in parts for name, _ in members(part))

    @property
    def words(self) -> str:
        """Those of a refusal."""
        return str(self.detail.get("errorMessage", ""))

    @property
    def service_named(self) -> str:
        """The service that a request for an endpoint names. Raises BadEvent if not just one."""
        named = self.texts(REQUEST, "servicename")
        if len(named) != 1:
            raise BadEvent("detail.requestParameters", "names not just one service")
        return named.pop()

    @property
    def endpoint_types(self) -> set[str]:
        """The types of endpoints that it names; without any CreateVpcEndpoint makes a gateway
        endpoint (EC2 API reference)."""
        return {
            each for part in (REQUEST, RESPONSE) for each in self.texts(part, "vpcendpointtype")
        }

    @property
    def by(self) -> str:
        """Who made it, as an ARN; a service of AWS has none."""
        identity = self.detail.get("userIdentity")
        known = identity if isinstance(identity, Mapping) else {}
        for name in ("arn", "invokedBy", "principalId", "type"):
            if isinstance(known.get(name), str) and known[name]:
                return str(known[name])
        return "somebody"

    @property
    def at(self) -> str:
        """When it was, ISO 8601 with a time zone. Raises BadEvent if that can't be read."""
        at = text(self.detail, "eventTime", "detail.")
        try:
            known = datetime.fromisoformat(at).tzinfo is not None
        except ValueError:
            known = False
        if not known:
            raise BadEvent("detail.eventTime", "is no moment in ISO 8601 with its time zone")
        return at

    def ids_said(self, prefix: str) -> set[str]:
        """The ids "`prefix`-…" that the words of a refusal name."""
        return set(re.findall(rf"\b{prefix}-[0-9a-f]+\b", self.words))

    def texts(self, part: str, *names: str) -> set[str]:
        """The texts that a part holds under members of these names (in lower case)."""
        found = members(self.detail.get(part))
        return {value for name, value in found if name in names and isinstance(value, str)}

    def ids(
        self, part: str, member: str, prefix: str, *, without: Collection[str] = ()
    ) -> set[str]:
        """The ids "`prefix`-…" that a part holds under `member` (in lower case)."""
        return ids(self.detail.get(part), member, prefix, without=without)

    def required(self, part: str, member: str, prefix: str) -> set[str]:
        """Like `ids`, of a part that must hold at least one. Raises BadEvent if it doesn't."""
        found = self.ids(part, member, prefix)
        if not found:
            raise BadEvent(f"detail.{part}", f"holds no {member} that begins with {prefix}-")
        return found

    def only(self, part: str, member: str, prefix: str) -> str:
        """The one id that a part must hold. Raises BadEvent otherwise."""
        found = self.required(part, member, prefix)
        if len(found) > 1:
            raise BadEvent(f"detail.{part}", f"holds {len(found)} different {member}, not one")
        return found.pop()


@dataclass(frozen=True)
class Event:
    """An EventBridge event, parsed once for all who read it.

    `kind` is its detail-type; `call` None unless it tells of a call of AWS's API.
    """

    document: Mapping[str, Any]
    kind: str
    call: Call | None


def event_in(body: str) -> Event:
    """The event in a message. Raises BadEvent, and nothing else, on whatever can't be read."""
    document = _parsed(body)
    kind = text(document, "detail-type", "")
    return Event(document, kind, _call_in(document.get("detail")) if kind == _CALL else None)


def _call_in(detail: Any) -> Call:
    if not isinstance(detail, Mapping):
        raise BadEvent("detail", "is no object")
    name, source, id_ = (
        text(detail, key, "detail.") for key in ("eventName", "eventSource", "eventID")
    )
    failed = detail.get("errorCode") is not None
    return Call(detail, id_, source, name, text(detail, "errorCode", "detail.") if failed else "")


def text(node: Mapping[str, Any], key: str, within: str) -> str:
    """The text under `key`, which must be there. Raises BadEvent if it isn't."""
    value = node.get(key)
    if not isinstance(value, str) or not value:
        raise BadEvent(f"{within}{key}", "is no text")
    return value


def members(node: Any, *, without: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    """Every scalar in `node` with the name of its member, in lower case, in no particular order.

    Both styles come out alike: `{"vpcId": "v"}` and `{"VpcId": "v"}`; `{"items": [{"id": "a"}]}`
    and `{"Id": {"tag": 1, "content": "a"}}`. Not recursive: no depth can exhaust the stack.
    `without`: names of members that are left out with all that they hold.
    """
    rest: list[tuple[str, Any]] = [("", node)]
    while rest:
        name, value = rest.pop()
        if name in without:
            continue
        if isinstance(value, Mapping):
            rest.extend((name if key in _WRAPPERS else key.lower(), v) for key, v in value.items())
        elif isinstance(value, list):
            rest.extend((name, v) for v in value)
        else:
            yield name, value


def ids(node: Any, member: str, prefix: str, *, without: Collection[str] = ()) -> set[str]:
    """The ids "`prefix`-…" that `node` holds under `member` (in lower case)."""
    form = re.compile(rf"{prefix}-[0-9a-f]+")
    return {
        value
        for name, value in members(node, without=without)
        if name == member and isinstance(value, str) and form.fullmatch(value)
    }
