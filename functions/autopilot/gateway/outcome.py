"""What became of one planned change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from autopilot.gateway.plan import Action, Cause, Item

Result = Literal["done", "stale", "failed"]


@dataclass(frozen=True)
class Outcome:
    """One change after it was tried.

    `result`: done; stale (the plan no longer fitted how things stood: they are looked at again);
    failed. `error` is a name from `autopilot.aws.errors`, None when done. `message` says in AWS's
    words what went wrong and names the action ("ec2:CreateVpcEndpoint"); None when done.
    `route_table_ids` are the tables that the change adds, `cause` and `reason` the item's own.
    `left_out`: tables of a change that is done but for them, since AWS didn't take them.
    """

    id: str
    action: Action
    vpc_id: str
    service: str
    endpoint_id: str | None
    route_table_ids: tuple[str, ...]
    set_policy: bool
    result: Result
    error: str | None
    message: str | None
    cause: Cause
    reason: str
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        tables, left_out = list(self.route_table_ids), list(self.left_out)
        return {**asdict(self), "route_table_ids": tables, "left_out": left_out}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Outcome:
        """Read what `to_json` wrote, or what the workflow made of an item that failed.

        The workflow merges the item with `result`, `error` and `message`, so other keys are left
        aside, and `message` may be a Lambda's whole error document. Raises KeyError if one lacks.
        """
        return Outcome(
            id=data["id"],
            action=data["action"],
            vpc_id=data["vpc_id"],
            service=data["service"],
            endpoint_id=data["endpoint_id"],
            route_table_ids=tuple(data["route_table_ids"]),
            set_policy=data["set_policy"],
            result=data["result"],
            error=data["error"],
            message=words(data["message"]),
            cause=data["cause"],
            reason=data["reason"],
            left_out=tuple(data.get("left_out", ())),
        )


def done(item: Item, endpoint_id: str, left_out: Iterable[str] = ()) -> Outcome:
    """The outcome of `item`, carried out on `endpoint_id`; `left_out` tables it doesn't name."""
    outcome = _outcome(item, "done", endpoint_id, None, None)
    return replace(outcome, left_out=tuple(sorted(left_out)))


def stale(item: Item, error: str, message: str) -> Outcome:
    """The outcome of `item`, which no longer fits: `error` names why, `message` says it."""
    return _outcome(item, "stale", item.endpoint_id, error, message)


def _outcome(
    item: Item, result: Result, endpoint_id: str | None, error: str | None, message: str | None
) -> Outcome:
    return Outcome(
        id=item.id,
        action=item.action,
        vpc_id=item.vpc_id,
        service=item.service,
        endpoint_id=endpoint_id,
        route_table_ids=item.route_table_ids,
        set_policy=item.set_policy,
        result=result,
        error=error,
        message=message,
        cause=item.cause,
        reason=item.reason,
    )


def words(message: str | None) -> str | None:
    """The errorMessage of a Lambda's error document; any other text as it is."""
    if message is None or not message.startswith("{"):
        return message
    try:
        document = json.loads(message)
    except ValueError:
        return message
    words = document.get("errorMessage")
    return words if isinstance(words, str) else message
