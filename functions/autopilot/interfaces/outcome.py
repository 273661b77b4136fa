"""What became of one planned change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from autopilot.interfaces import items
from autopilot.interfaces.items import Action, Cause, EndpointItem, GroupItem, Item, Kind
from autopilot.reconcile.outcome import words

Result = Literal["done", "stale", "failed"]


@dataclass(frozen=True)
class Outcome:
    """One change after it was tried.

    `result`: done; stale (it no longer fitted: another look tells what does); failed. `thing`: the
    id of the endpoint or group. `content`: what was asked for (see `items.content`). `error` is a
    name from `autopilot.aws.errors`, `message` AWS's words; None when done.
    """

    id: str
    kind: Kind
    action: Action
    vpc_id: str
    profile: str
    service_name: str
    thing: str | None
    content: str
    cause: Cause
    reason: str
    result: Result
    error: str | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Outcome:
        """Read what `to_json` wrote, or what the workflow made of an item that failed.

        The workflow merges the item with `result`, `error` and `message`, which may be a Lambda's
        whole error document. Raises KeyError if a key lacks.
        """
        if "content" in data:
            return Outcome(**{f.name: data[f.name] for f in fields(Outcome)})
        item = items.from_json(data)
        return failed(item, data["error"], words(data["message"]))


def done(item: Item, thing: str | None) -> Outcome:
    """The outcome of `item`, carried out on `thing`."""
    return _outcome(item, "done", thing, None, None)


def stale(item: Item, error: str, message: str) -> Outcome:
    """The outcome of `item`, which no longer fits: `error` names why, `message` says it."""
    return _outcome(item, "stale", _thing(item), error, message)


def failed(item: Item, error: str, message: str | None) -> Outcome:
    """The outcome of `item`, which could not be carried out."""
    return _outcome(item, "failed", _thing(item), error, message)


def _thing(item: Item) -> str | None:
    return item.group_id if isinstance(item, GroupItem) else item.endpoint_id


def _outcome(
    item: Item, result: Result, thing: str | None, error: str | None, message: str | None
) -> Outcome:
    return Outcome(
        id=item.id,
        kind=item.kind,
        action=item.action,
        vpc_id=item.vpc_id,
        profile=item.profile if isinstance(item, GroupItem | EndpointItem) else "",
        service_name=item.service_name if isinstance(item, EndpointItem) else "",
        thing=thing,
        content=items.content(item),
        cause=item.cause,
        reason=item.reason,
        result=result,
        error=error,
        message=message,
    )
