"""What ops are told of gateway endpoints: each kind of finding and of completed change, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from autopilot.gateway.plan import NetworkOutcome
from autopilot.notify.arriving import not_arriving
from autopilot.notify.bus import BusEvent, ChangeDefinition, bus_event
from autopilot.notify.finding import (
    Ending,
    Finding,
    FindingDefinition,
    defined,
    in_sight,
    in_sight_unless,
    not_put_off,
)
from autopilot.notify.notice import Place, Words, later

_CHANGES = partial(later, "autopilot.gateway.messages_changes")
_ENDPOINTS = partial(later, "autopilot.gateway.messages_endpoints")

_QUOTA = "used, wanted, limit, limit_read, why_not_read"


def _events(outcomes: Sequence[NetworkOutcome], execution: str) -> Iterator[BusEvent]:
    """One for each change of an endpoint."""
    for outcome in outcomes:
        for detail_type in _detail_types(outcome):
            yield bus_event(
                detail_type,
                f"{outcome.id}/{detail_type}",
                (outcome.item.vpc_id, outcome.item.endpoint_id, *outcome.item.route_table_ids),
                execution,
                vpc_id=outcome.item.vpc_id,
                service=outcome.item.service,
                endpoint_id=outcome.item.endpoint_id,
                route_table_ids=list(outcome.item.route_table_ids),
                cause=outcome.item.cause,
                reason=outcome.item.reason,
            )


def _detail_types(outcome: NetworkOutcome) -> Iterator[str]:
    created, attached, restored = ENDPOINTS_CHANGED.on_the_bus
    if outcome.item.action == "create":
        yield created
        return
    if outcome.item.route_table_ids:
        yield attached
    if outcome.item.set_policy:
        yield restored


def _not_arriving(findings: Sequence[Finding], place: Place) -> Words:
    still = "New VPCs still get their endpoints, but only when a sweep comes by."
    return not_arriving(findings[0].data, still, place)


ENDPOINTS_CHANGED = ChangeDefinition(
    kind="GatewayEndpointsChanged",
    reads=_CHANGES("made"),
    events=_events,
    on_the_bus=(
        "Gateway Endpoint Created",
        "Gateway Endpoint Attached",
        "Gateway Endpoint Policy Restored",
    ),
)
ROUTE_TABLE_BUSY = FindingDefinition(
    kind="RouteTableBusy",
    severity="action",
    subject="VPC/service",
    data="endpoint_id: ours, or null; route_table_ids; until: ISO start of the next window, or"
    " null. With a window it is for information.",
    reads=_CHANGES("busy"),
    news=("route_table_ids", "until?"),
    is_over=in_sight,
    ending=Ending(
        "Busy route tables no longer wait",
        "They have their routes, are no longer busy, or no longer want any.",
        "no longer waiting",
    ),
)
ROUTE_TAKEN_AWAY = FindingDefinition(
    kind="RouteTakenAway",
    severity="action",
    subject="VPC/service",
    data="endpoint_id: ours, or null; route_table_ids; times",
    reads=_CHANGES("taken_away"),
    news=("route_table_ids",),
    is_over=in_sight,
    ending=Ending(
        "Routes that were taken away again and again are no longer missing",
        "Somebody gave them back, or nobody wants them any more: the automation keeps them again.",
        "no longer missing",
    ),
)
QUOTA_NEAR = FindingDefinition(
    kind="QuotaNear",
    severity="action",
    subject="Region",
    data=_QUOTA,
    reads=_ENDPOINTS("near"),
    news=("limit",),
    is_over=in_sight_unless("QuotaReached"),
    ending=Ending(
        "The quota of gateway endpoints has room again",
        "There are fewer gateway endpoints, or the quota was raised.",
        "room again",
    ),
)
QUOTA_REACHED = FindingDefinition(
    kind="QuotaReached",
    severity="action",
    subject="Region",
    data=f"{_QUOTA}, left_undone: ids of changes (50 at most), left_undone_count",
    reads=_ENDPOINTS("reached"),
    news=("limit", "left_undone"),
    is_over=in_sight,
    ending=Ending(
        "The quota of gateway endpoints is no longer in the way",
        "There are fewer gateway endpoints, or the quota was raised.",
        "room again",
    ),
)
PLANNED_CHANGE = FindingDefinition(
    kind="PlannedChange",
    severity="info",
    subject="VPC/service",
    data="action, endpoint_id, route_table_ids, set_policy, reason",
    reads=_CHANGES("planned"),
    news=("action", "route_table_ids", "set_policy"),
    is_over=in_sight,
    ending=Ending(
        "Planned changes are no longer open",
        "They were made, or nobody wants them any more.",
        "no longer open",
    ),
)
ENDPOINT_FAILED = FindingDefinition(
    kind="EndpointFailed",
    severity="failure",
    subject="VPC/service",
    data="endpoint_id, state",
    reads=_ENDPOINTS("endpoint_failed"),
    news=("endpoint_id",),
    is_over=in_sight,
    ending=Ending(
        "Failed gateway endpoints are gone",
        "They were deleted, or AWS has brought them up.",
        "no longer failed",
    ),
)
FOREIGN_POLICY = FindingDefinition(
    kind="ForeignEndpointPolicy",
    severity="info",
    subject="VPC/service",
    data="endpoint_ids: others', endpoint_policy: its name",
    reads=_ENDPOINTS("foreign_policy"),
    news=("endpoint_ids", "endpoint_policy"),
    is_over=in_sight,
    ending=Ending(
        "Others' gateway endpoints no longer differ from the endpoint policy",
        "They are gone, bear it now, or none is named any more.",
        "no longer differs",
    ),
)
CHANGE_FAILED = FindingDefinition(
    kind="ChangeFailed",
    severity="failure",
    subject="VPC/service",
    data="error, message, action, endpoint_id, route_table_ids, reason",
    reads=_ENDPOINTS("failed"),
    news=("error", "action"),
    by_error=True,
    is_over=not_put_off,
    ending=Ending(
        "Changes that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
        "no longer open",
    ),
)
EVENTS_NOT_ARRIVING = FindingDefinition(
    kind="EventsNotArriving",
    severity="action",
    subject='"sweep"',
    data="found_by_sweep, sweeps_in_a_row",
    reads=_not_arriving,
    ending=Ending(
        "Events arrive again", "A sweep found nothing left to do.", "found nothing left to do"
    ),
)
FINDINGS = defined(globals())
CHANGES = (ENDPOINTS_CHANGED,)
