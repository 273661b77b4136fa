"""What was done, as events for the bus, so that others can build on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autopilot.core.outcome import Outcome

SOURCE = "endpoint-autopilot"
DetailType = Literal[
    "Gateway Endpoint Created",
    "Gateway Endpoint Attached",
    "Gateway Endpoint Policy Restored",
]


@dataclass(frozen=True)
class BusEvent:
    """One event; `detail` holds plain JSON types only."""

    detail_type: DetailType
    resources: tuple[str, ...]
    detail: dict[str, Any]


def events_of(outcomes: Sequence[Outcome], execution: str) -> tuple[BusEvent, ...]:
    """The events of what was done, one for each change of an endpoint.

    `detail.id` is the same whenever the same change is told again.
    """
    return tuple(
        _event(detail_type, outcome, execution)
        for outcome in outcomes
        if outcome.result == "done"
        for detail_type in _changes(outcome)
    )


def _changes(outcome: Outcome) -> Iterator[DetailType]:
    if outcome.action == "create":
        yield "Gateway Endpoint Created"
        return
    if outcome.route_table_ids:
        yield "Gateway Endpoint Attached"
    if outcome.set_policy:
        yield "Gateway Endpoint Policy Restored"


def _event(detail_type: DetailType, outcome: Outcome, execution: str) -> BusEvent:
    resources = (outcome.vpc_id, outcome.endpoint_id, *outcome.route_table_ids)
    return BusEvent(
        detail_type,
        tuple(resource for resource in resources if resource),
        {
            "id": f"{execution.rsplit(':', 1)[-1]}/{outcome.id}/{detail_type}",
            "vpc_id": outcome.vpc_id,
            "service": outcome.service,
            "endpoint_id": outcome.endpoint_id,
            "route_table_ids": list(outcome.route_table_ids),
            "cause": outcome.cause,
            "reason": outcome.reason,
            "execution": execution,
        },
    )
