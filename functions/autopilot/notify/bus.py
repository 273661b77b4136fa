"""What was done, as events for the bus, so that others can build on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autopilot.connections.holds import Hold
from autopilot.connections.plan import Answer
from autopilot.connections.report import Answered
from autopilot.gateway.plan import NetworkOutcome
from autopilot.interfaces.plan import Action, InterfaceOutcome
from autopilot.reconcile.removal import RemovalOutcome

SOURCE = "endpoint-autopilot"
DetailType = Literal[
    "Gateway Endpoint Created",
    "Gateway Endpoint Attached",
    "Gateway Endpoint Policy Restored",
    "Interface Endpoint Created",
    "Interface Endpoint Changed",
    "Interface Endpoint Deleted",
    "Endpoint Connection Accepted",
    "Endpoint Connection Rejected",
    "Endpoint Connection Held",
    "Endpoint Connection Cut",
    "Endpoint Connection Notification",
    "Endpoint Service Published",
    "Endpoint Service Changed",
    "Endpoint Service Principals Changed",
    "Endpoint Service Retired",
    "Endpoint Withdrawn",
    "Endpoint Retired",
]

_ANSWERED: Mapping[Answer, DetailType] = {
    "accept": "Endpoint Connection Accepted",
    "reject": "Endpoint Connection Rejected",
    "cut": "Endpoint Connection Cut",
}
_INTERFACES: Mapping[Action, DetailType] = {
    "create": "Interface Endpoint Created",
    "modify": "Interface Endpoint Changed",
    "delete": "Interface Endpoint Deleted",
}


@dataclass(frozen=True)
class BusEvent:
    """One event; `detail` holds plain JSON types only."""

    detail_type: DetailType
    resources: tuple[str, ...]
    detail: dict[str, Any]


def changes_on_the_bus(outcomes: Sequence[NetworkOutcome], execution: str) -> tuple[BusEvent, ...]:
    """The events of what was done, one for each change of an endpoint.

    `detail.id` is the same whenever the same change is told again.
    """
    return tuple(
        _event(detail_type, outcome, execution)
        for outcome in outcomes
        if outcome.result == "done"
        for detail_type in _changes(outcome)
    )


def interfaces_on_the_bus(
    outcomes: Sequence[InterfaceOutcome], execution: str
) -> tuple[BusEvent, ...]:
    """The events of interface endpoints made, changed and deleted, likewise."""
    return tuple(
        BusEvent(
            _INTERFACES[item.action],
            tuple(resource for resource in (item.vpc_id, item.resource_id) if resource),
            {
                "id": f"{execution.rsplit(':', 1)[-1]}/{item.id}/{item.action}/{item.content}",
                "vpc_id": item.vpc_id,
                "service_name": item.service_name,
                "profile": item.profile,
                "endpoint_id": item.resource_id,
                "cause": item.cause,
                "reason": item.reason,
                "execution": execution,
            },
        )
        for item in (each.item for each in outcomes if each.result == "done")
        if item.kind == "endpoint"
    )


def answers_on_the_bus(connections: Sequence[Answered], execution: str) -> tuple[BusEvent, ...]:
    """The events of answers, one for each connection, likewise."""
    return tuple(
        _of_connection(
            _ANSWERED[each.verdict],
            each.service_id,
            each.endpoint_id,
            execution,
            service_name=each.service_name,
            owner=each.why.owner,
            reason=each.why.reason,
            rule=each.why.rule,
            by=each.by,
            at=each.at,
        )
        for each in connections
    )


def holds_on_the_bus(holds: Sequence[Hold], execution: str) -> tuple[BusEvent, ...]:
    """The events of requests that now wait for a person, likewise."""
    return tuple(
        _of_connection(
            "Endpoint Connection Held",
            hold.service_id,
            hold.endpoint_id,
            execution,
            service_name=hold.service_name,
            owner=hold.owner,
            reason=hold.reason,
            hold_for_seconds=hold.hold_for_seconds,
        )
        for hold in holds
    )


def removals_on_the_bus(
    detail_type: DetailType, outcomes: Sequence[RemovalOutcome], execution: str
) -> tuple[BusEvent, ...]:
    """The events of what went of our endpoints, likewise; groups and the like make none."""
    return tuple(
        _removed(detail_type, outcome, execution)
        for outcome in outcomes
        if outcome.item.resource_id.startswith("vpce-") and outcome.item.service
    )


def _removed(detail_type: DetailType, outcome: RemovalOutcome, execution: str) -> BusEvent:
    item = outcome.item
    return BusEvent(
        detail_type,
        (item.vpc_id, item.resource_id, *item.parts),
        {
            "id": f"{execution.rsplit(':', 1)[-1]}/{item.id}/{detail_type}",
            "vpc_id": item.vpc_id,
            "endpoint_id": item.resource_id,
            "service_name": item.service,
            "action": item.action,
            "parts": list(item.parts),
            "deleted": outcome.deleted,
            "reason": item.reason,
            "by": item.by,
            "until": item.until,
            "execution": execution,
        },
    )


def _of_connection(
    detail_type: DetailType, service_id: str, endpoint_id: str, execution: str, **facts: str | int
) -> BusEvent:
    detail = {
        "id": f"{execution.rsplit(':', 1)[-1]}/{service_id}/{endpoint_id}/{detail_type}",
        "service_id": service_id,
        "endpoint_id": endpoint_id,
        **facts,
        "execution": execution,
    }
    return BusEvent(detail_type, (service_id, endpoint_id), detail)


def _changes(outcome: NetworkOutcome) -> Iterator[DetailType]:
    if outcome.item.action == "create":
        yield "Gateway Endpoint Created"
        return
    if outcome.item.route_table_ids:
        yield "Gateway Endpoint Attached"
    if outcome.item.set_policy:
        yield "Gateway Endpoint Policy Restored"


def _event(detail_type: DetailType, outcome: NetworkOutcome, execution: str) -> BusEvent:
    resources = (outcome.item.vpc_id, outcome.item.endpoint_id, *outcome.item.route_table_ids)
    return BusEvent(
        detail_type,
        tuple(resource for resource in resources if resource),
        {
            "id": f"{execution.rsplit(':', 1)[-1]}/{outcome.id}/{detail_type}",
            "vpc_id": outcome.item.vpc_id,
            "service": outcome.item.service,
            "endpoint_id": outcome.item.endpoint_id,
            "route_table_ids": list(outcome.item.route_table_ids),
            "cause": outcome.item.cause,
            "reason": outcome.item.reason,
            "execution": execution,
        },
    )
