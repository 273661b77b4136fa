"""What ops are told of interface endpoints: each kind of finding and of completed change, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.notify.bus import BusEvent, ChangeDefinition, bus_event
from autopilot.notify.finding import (
    Ending,
    FindingDefinition,
    defined,
    in_sight,
    in_sight_unless,
    not_put_off,
)
from autopilot.notify.notice import later

_CHANGES = partial(later, "autopilot.interfaces.messages_changes")
_RETIRING = partial(later, "autopilot.interfaces.messages_retirement")
_ENDPOINTS = partial(later, "autopilot.interfaces.messages_endpoints")

_QUOTA = "used, wanted, limit, limit_read, why_not_read"


def _events(outcomes: Sequence[InterfaceOutcome], execution: str) -> Iterator[BusEvent]:
    """One for each endpoint made, changed or deleted."""
    created, changed, deleted = INTERFACES_CHANGED.on_the_bus
    detail_types = {"create": created, "modify": changed, "delete": deleted}
    for item in (each.item for each in outcomes):
        if item.kind == "endpoint":
            yield bus_event(
                detail_types[item.action],
                f"{item.id}/{item.action}/{item.content}",
                (item.vpc_id, item.resource_id),
                execution,
                vpc_id=item.vpc_id,
                service_name=item.service_name,
                profile=item.profile,
                endpoint_id=item.resource_id,
                cause=item.cause,
                reason=item.reason,
            )


INTERFACES_CHANGED = ChangeDefinition(
    kind="InterfaceEndpointsChanged",
    reads=_CHANGES("interfaces_changed"),
    events=_events,
    on_the_bus=(
        "Interface Endpoint Created",
        "Interface Endpoint Changed",
        "Interface Endpoint Deleted",
    ),
)
NOT_POSSIBLE = FindingDefinition(
    kind="InterfaceNotPossible",
    severity="action",
    subject="VPC/service",
    data='profile; why: "not offered", "no subnet", "address type"; ip_address_type: the'
    " profile's; service_name; zone_ids: the service's, or null; subnet_zone_ids: those of the"
    " VPC's subnets with the profile's tags",
    reads=_ENDPOINTS("not_possible"),
    news=("why", "zone_ids", "subnet_zone_ids"),
    is_over=in_sight,
    ending=Ending(
        "Interface endpoints that were not possible are settled",
        "They were made, or no profile wants them any more.",
        "made, or not wanted",
    ),
)
SERVED_BY_OTHERS = FindingDefinition(
    kind="ServedByOthers",
    severity="info",
    subject="VPC/service",
    data="endpoint_ids; profile; endpoint_policy: the profile's, or null; other_policy: those of"
    " the endpoints that bear another one than that",
    reads=_ENDPOINTS("served_by_others"),
    news=("endpoint_ids", "other_policy"),
    is_over=in_sight,
    ending=Ending(
        "Interface endpoints are no longer left to others",
        "Theirs are gone, or no profile wants one any more.",
        "no longer left to others",
    ),
)
PRIVATE_DNS_OFF = FindingDefinition(
    kind="PrivateDnsOff",
    severity="action",
    subject="VPC/service",
    data="endpoint_id, or null; why: what is in the way; message: AWS's words, or null; serves:"
    " whether AWS calls the endpoint available",
    reads=_ENDPOINTS("private_dns_off"),
    news=("why",),
    is_over=in_sight,
    ending=Ending("Private DNS is as wanted", "It is on, or no longer wanted.", "as wanted"),
)
UNWANTED = FindingDefinition(
    kind="InterfaceUnwanted",
    severity="action",
    subject="VPC/service",
    data='endpoint_id, service_name, state; retire: "report", "now" or "idle"',
    reads=_ENDPOINTS("unwanted"),
    news=("retire",),
    is_over=in_sight,
    ending=Ending(
        "Interface endpoints that no profile wanted are settled",
        "They were deleted, or a profile wants them again.",
        "deleted, or wanted again",
    ),
)
IDLE = FindingDefinition(
    kind="InterfaceIdle",
    severity="action",
    subject="VPC/service",
    data='endpoint_id, service_name, reason, wait_days, audit; stage: "announced" or "leaving" (its'
    " private DNS goes off); due: from when it may be deleted, or null",
    reads=_RETIRING("idle"),
    news=("stage", "endpoint_id", "audit"),
    is_over=in_sight,
    ending=Ending(
        "Idle interface endpoints are settled",
        "They are used again, kept by a tag or a person, or deleted.",
        "used again, kept, or deleted",
    ),
)
RETIRED = FindingDefinition(
    kind="InterfaceRetired",
    severity="info",
    subject="VPC/service",
    data="endpoint_id: the one that was deleted; service_name, reason, since",
    reads=_RETIRING("retired"),
    news=("endpoint_id",),
    is_over=in_sight,
    ending=Ending(
        "Retired interface endpoints are no longer kept away",
        "Somebody restored them, or no profile wants them any more.",
        "restored, or no longer wanted",
    ),
)
TRAFFIC_UNREAD = FindingDefinition(
    kind="InterfaceTrafficUnread",
    severity="failure",
    subject="the Region",
    data="message: AWS's words",
    reads=_RETIRING("unread"),
    is_over=in_sight,
    ending=Ending(
        "The traffic of interface endpoints can be read again",
        "CloudWatch has answered, or idle endpoints don't retire any more.",
        "read again",
    ),
)
ENDPOINT_FAILED = FindingDefinition(
    kind="InterfaceEndpointFailed",
    severity="failure",
    subject="VPC/service",
    data="endpoint_id, state",
    reads=_CHANGES("endpoints_failed"),
    news=("endpoint_id",),
    is_over=in_sight,
    ending=Ending(
        "Interface endpoints that didn't serve are settled",
        "They were deleted, or they serve.",
        "deleted, or serving",
    ),
)
CHANGE_FAILED = FindingDefinition(
    kind="InterfaceChangeFailed",
    severity="failure",
    subject="the change",
    data="what, action, thing, service_name, error, message, reason",
    reads=_CHANGES("changes_failed"),
    news=("error", "action"),
    by_error=True,
    is_over=not_put_off,
    ending=Ending(
        "Changes of interface endpoints that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
        "no longer open",
    ),
)
PLANNED_CHANGE = FindingDefinition(
    kind="PlannedInterfaceChange",
    severity="info",
    subject="the change",
    data="what, action, thing, reason, content",
    reads=_ENDPOINTS("planned_changes"),
    news=("content",),
    is_over=in_sight,
    ending=Ending(
        "Planned changes of interface endpoints are no longer open",
        "They were made, or nobody wants them any more.",
        "no longer open",
    ),
)
PARAMETER_NOT_OURS = FindingDefinition(
    kind="ParameterNotOurs",
    severity="action",
    subject="VPC/service",
    data="names",
    reads=_ENDPOINTS("parameters_not_ours"),
    news=("names",),
    is_over=in_sight,
    ending=Ending(
        "Parameters of others are no longer in the way",
        "They were deleted, or the endpoint is gone.",
        "no longer in the way",
    ),
)
QUOTA_NEAR = FindingDefinition(
    kind="InterfaceQuotaNear",
    severity="action",
    subject="VPC",
    data=_QUOTA,
    reads=_CHANGES("quota_near"),
    news=("limit",),
    is_over=in_sight_unless("InterfaceQuotaReached"),
    ending=Ending(
        "The quota of interface endpoints has room again",
        "There are fewer in the VPC, or the quota was raised.",
        "room again",
    ),
)
QUOTA_REACHED = FindingDefinition(
    kind="InterfaceQuotaReached",
    severity="action",
    subject="VPC",
    data=f"{_QUOTA}, left_undone: ids of changes, left_undone_count",
    reads=_CHANGES("quota_reached"),
    news=("limit", "left_undone"),
    is_over=in_sight,
    ending=Ending(
        "The quota of interface endpoints is no longer in the way",
        "There are fewer in the VPC, or the quota was raised.",
        "room again",
    ),
)
FINDINGS = defined(globals())
CHANGES = (INTERFACES_CHANGED,)
