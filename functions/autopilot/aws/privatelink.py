"""Reads how connections to our endpoint services stand, answers them, registers notifications."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import NotFound, aws_errors
from autopilot.aws.pages import call, filters, pages
from autopilot.aws.survey import tags_of
from autopilot.connections.facts import (
    EVENTS,
    Connection,
    ConnectionFacts,
    Notification,
    Permission,
    Service,
)
from autopilot.connections.plan import Registration
from autopilot.connections.request import ConnectionScope
from autopilot.reconcile.plan import LookedAt

_PAGE = 1000
_GONE = frozenset({"deleting", "deleted"})


def survey(scope: ConnectionScope, notifications: bool) -> ConnectionFacts:
    """Services of the scope, their connections, and the permission lists that can decide something.

    `notifications`: those of all services, too. Raises AwsError's subclasses.
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
    """The endpoint services with these ids, all of the account's for None; none that is going.

    Raises AwsError's subclasses, ValueError for no id.
    """
    requests = [{}] if service_ids is None else [{"Filters": f} for f in _ids(service_ids)]
    for request in requests:
        for found in pages(
            "DescribeVpcEndpointServiceConfigurations",
            MaxResults=_PAGE,
            **request,
        ):
            if found.get("ServiceState", "").lower() not in _GONE:
                yield _service(found)


def connections(looked_at: LookedAt) -> Iterator[Connection]:
    """The connections of these services, or of all. Raises AwsError's subclasses."""
    requests = [{}] if looked_at == "all" else [{"Filters": f} for f in _ids(looked_at)]
    for request in requests:
        for found in pages(
            "DescribeVpcEndpointConnections",
            MaxResults=_PAGE,
            **request,
        ):
            yield _connection(found)


def permissions(service_id: str) -> Iterator[Permission]:
    """The permission list of a service; an empty one if the service is gone.

    Raises AwsError's subclasses, ValueError for no id.
    """
    if not service_id:
        raise ValueError("no service id: whose permission list?")
    try:
        for found in pages(
            "DescribeVpcEndpointServicePermissions",
            ServiceId=service_id,
            MaxResults=_PAGE,
        ):
            yield Permission(
                found["Principal"], found.get("PrincipalType", ""), found.get("PermissionType", "")
            )
    except NotFound:
        return


def accept(service_id: str, endpoint_ids: Collection[str]) -> Mapping[str, str]:
    """Accept the endpoints; those that AWS lists as unsuccessful, with its words.

    Raises AwsError's subclasses, ValueError for no id.
    """
    call = client("ec2").accept_vpc_endpoint_connections
    return _answer("AcceptVpcEndpointConnections", call, service_id, endpoint_ids)


def reject(service_id: str, endpoint_ids: Collection[str]) -> Mapping[str, str]:
    """Reject the endpoints, which cuts those that are live; the unsuccessful, with AWS's words.

    Raises AwsError's subclasses, ValueError for no id.
    """
    call = client("ec2").reject_vpc_endpoint_connections
    return _answer("RejectVpcEndpointConnections", call, service_id, endpoint_ids)


def mark(connection_ids: Collection[str], tags: Mapping[str, str]) -> None:
    """Tag connections (their own ids). Raises AwsError's subclasses, ValueError for no id."""
    _named(connection_ids)
    call(
        "ec2",
        "CreateTags",
        Resources=sorted(connection_ids),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def unmark(connection_ids: Collection[str], keys: Collection[str]) -> None:
    """Take tags away again. Raises AwsError's subclasses, ValueError for no id."""
    _named(connection_ids)
    call(
        "ec2",
        "DeleteTags",
        Resources=sorted(connection_ids),
        Tags=[{"Key": key} for key in sorted(keys)],
    )


def _named(connection_ids: Collection[str]) -> None:
    if not connection_ids or not all(connection_ids):
        raise ValueError("no connection id: whose tags?")


def register(registration: Registration, topic: str, execution: str) -> None:
    """Have AWS tell `topic` of the service's connections. Repeatable within an execution.

    Raises AwsError's subclasses.
    """
    if registration.notification_id:
        call(
            "ec2",
            "ModifyVpcEndpointConnectionNotification",
            ConnectionNotificationId=registration.notification_id,
            ConnectionEvents=list(EVENTS),
        )
        return
    token = sha256(f"{execution}\n{registration.service_id}\n{topic}".encode()).hexdigest()[:32]
    call(
        "ec2",
        "CreateVpcEndpointConnectionNotification",
        ServiceId=registration.service_id,
        ConnectionNotificationArn=topic,
        ConnectionEvents=list(EVENTS),
        ClientToken=token,
    )


def _services_of(scope: ConnectionScope) -> Iterator[Service]:
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


def _looked_at(scope: ConnectionScope, found: Iterable[Service]) -> LookedAt:
    """A service that is named and not there was looked at as well: what is known of it is over."""
    if scope.everything:
        return "all"
    return tuple(sorted({*scope.service_ids, *(service.id for service in found)}))


def _ids(service_ids: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    return filters("service-id", service_ids)


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
    for found in pages(
        "DescribeVpcEndpointConnectionNotifications",
        MaxResults=_PAGE,
    ):
        if "ServiceId" in found:
            yield Notification(
                found["ConnectionNotificationId"],
                found["ServiceId"],
                found["ConnectionNotificationArn"],
                tuple(sorted(found.get("ConnectionEvents", ()))),
            )


def _answer(
    operation: str, call: Callable[..., Any], service_id: str, endpoint_ids: Collection[str]
) -> Mapping[str, str]:
    if not service_id or not endpoint_ids or not all(endpoint_ids):
        raise ValueError(f"{operation} needs a service and endpoints, each with its id")
    with aws_errors("ec2", operation):
        answer = call(ServiceId=service_id, VpcEndpointIds=sorted(endpoint_ids))
    return {
        item.get("ResourceId", ""): f"{_error(item, 'Code')}: {_error(item, 'Message')}"
        for item in answer.get("Unsuccessful", ())
    }


def _error(item: Mapping[str, Any], part: str) -> str:
    return str(item.get("Error", {}).get(part, ""))
