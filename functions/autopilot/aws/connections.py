"""Reads how connections stand: PrivateLink, the ledger, Organizations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from autopilot.aws import connection_memory
from autopilot.aws.errors import NotFound, NotSettledYet
from autopilot.aws.pages import filters, pages, tags_of
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import (
    Connection,
    ConnectionFacts,
    Notification,
    Permission,
    Service,
)
from autopilot.connections.request import LookRequest
from autopilot.notify.ledger import Rows
from autopilot.reconcile.plan import LookedAt
from autopilot.reconcile.scope import ServiceScope

_PAGE = 1000
_GONE = frozenset({"deleting", "deleted"})


def look(request: LookRequest, owner: str, ledger: Rows) -> ConnectionFacts:
    """How connections stand, and what is remembered of them.

    Memory is read last: whatever shows up in the connections was claimed before it could. Raises
    NotSettledYet while AWS doesn't show what was answered, and other AwsErrors.
    """
    seen = survey(request.scope, request.looks_at("notifications"))
    facts = connection_memory.recall(seen, owner, ledger, request.answers)
    _believe(seen.connections, request)
    return facts


def look_again(request: LookRequest) -> None:
    """See that what was answered shows. Raises NotSettledYet, and other AwsErrors."""
    answered = request.services_answered
    _believe(tuple(connections(answered)) if answered else (), request)


def look_at(
    service: Service, context: DecisionContext, ledger: Rows
) -> tuple[ConnectionFacts, DecisionContext]:
    """How things stand with one service right before an answer, and what is remembered; and the
    context with what the planning step learned of the organization.

    The permission list comes after the connections, so that it is the freshest of all. The service
    is taken as it is, unless a rule speaks of tags. Raises AwsErrors.
    """
    only = (service.id,)
    seen = tuple(connections(only))
    by_tags = any(rule.services and rule.services.tags for rule in context.policy.connections.rules)
    facts = ConnectionFacts(
        services=tuple(services(only)) if by_tags else (service,),
        connections=seen,
        permissions={service.id: tuple(permissions(service.id))},
        looked_at=only,
    )
    known = connection_memory.learned_before(ledger, context.now)
    recalled = connection_memory.recall(facts, context.stack.owner, ledger)
    return recalled, replace(context, organization=known)


def _believe(seen: Iterable[Connection], request: LookRequest) -> None:
    if missing := request.unsettled(seen):
        raise NotSettledYet(f"AWS doesn't show the answers yet: {', '.join(missing[:20])}")


def survey(scope: ServiceScope, notifications: bool) -> ConnectionFacts:
    """Services of the scope, their connections, and the permission lists that can decide something.

    `notifications`: those of all services, too. Raises AwsErrors.
    """
    found = tuple(_services_of(scope))
    looked_at = _looked_at(scope, found)
    if looked_at == ():
        return ConnectionFacts(looked_at=())
    seen = tuple(connections(looked_at))
    known = {service.id for service in found}
    alive = {each.service_id for each in seen if each.endpoint_id and each.stage != "over"}
    return ConnectionFacts(
        services=found,
        connections=seen,
        permissions={id_: tuple(permissions(id_)) for id_ in sorted(alive & known)},
        notifications=tuple(_notifications()) if notifications else None,
        looked_at=looked_at,
    )


def services(service_ids: Collection[str] | None) -> Iterator[Service]:
    """The endpoint services with these ids, all of the account's for None; none that is going."""
    return map(_service, described_services(service_ids))


def described_services(service_ids: Collection[str] | None) -> Iterator[Any]:
    """The same as AWS describes them."""
    for found in _listed("DescribeVpcEndpointServiceConfigurations", service_ids):
        if found.get("ServiceState", "").lower() not in _GONE:
            yield found


def connections(looked_at: LookedAt) -> Iterator[Connection]:
    """The connections of these services, or of all."""
    for found in _listed(
        "DescribeVpcEndpointConnections", None if looked_at == "all" else looked_at
    ):
        yield _connection(found)


def _listed(operation: str, service_ids: Collection[str] | None) -> Iterator[Any]:
    chosen: Iterable[dict[str, Any]] = (
        [{}]
        if service_ids is None
        else [{"Filters": f} for f in filters("service-id", service_ids)]
    )
    for request in chosen:
        yield from pages(operation, MaxResults=_PAGE, **request)


def permissions(service_id: str) -> Iterator[Permission]:
    """The permission list of a service; an empty one if the service is gone."""
    if not service_id:
        raise ValueError("no service id: whose permission list?")
    try:
        for found in pages(
            "DescribeVpcEndpointServicePermissions", ServiceId=service_id, MaxResults=_PAGE
        ):
            yield Permission(
                found["Principal"], found.get("PrincipalType", ""), found.get("PermissionType", "")
            )
    except NotFound:
        return


def _services_of(scope: ServiceScope) -> Iterator[Service]:
    """A load balancer is no filter: its services are picked out of all."""
    if scope.everything:
        yield from services(None)
    elif scope.load_balancer_arns:
        behind = set(scope.load_balancer_arns)
        for service in services(None):
            if service.id in scope.service_ids or behind & set(service.load_balancer_arns):
                yield service
    elif scope.service_ids:
        yield from services(scope.service_ids)


def _looked_at(scope: ServiceScope, found: Iterable[Service]) -> LookedAt:
    """A service that is named and not there was looked at as well: what is known of it is over."""
    if scope.everything:
        return "all"
    return tuple(sorted({*scope.service_ids, *(service.id for service in found)}))


def _service(found: Mapping[str, Any]) -> Service:
    kinds = {kind.get("ServiceType") for kind in found.get("ServiceType", ())}
    arns = (*found.get("NetworkLoadBalancerArns", ()), *found.get("GatewayLoadBalancerArns", ()))
    return Service(
        id=found["ServiceId"],
        name=found.get("ServiceName", ""),
        acceptance_required=found.get("AcceptanceRequired", True),
        interface="GatewayLoadBalancer" not in kinds,
        zone_ids=tuple(sorted(found.get("AvailabilityZoneIds", ()))),
        load_balancer_arns=arns,
        tags=tags_of(found),
    )


def _connection(found: Mapping[str, Any]) -> Connection:
    created = found.get("CreationTimestamp")
    return Connection(
        endpoint_id=found.get("VpcEndpointId", ""),
        service_id=found["ServiceId"],
        owner=found.get("VpcEndpointOwner", ""),
        state=found.get("VpcEndpointState", ""),
        created=created.isoformat() if created else "",
        region=found.get("VpcEndpointRegion", ""),
        id=found.get("VpcEndpointConnectionId", ""),
        tags=tags_of(found),
    )


def _notifications() -> Iterator[Notification]:
    for found in pages("DescribeVpcEndpointConnectionNotifications", MaxResults=_PAGE):
        if "ServiceId" in found:
            yield Notification(
                found["ConnectionNotificationId"],
                found["ServiceId"],
                found["ConnectionNotificationArn"],
                tuple(sorted(found.get("ConnectionEvents", ()))),
            )
