"""Connection notifications: which events of a service or an endpoint go to which topic."""

from __future__ import annotations

import re
from dataclasses import replace

from ..call import Call, Operations
from ..errors import invalid_parameter
from ..identifiers import ENDPOINT, NOTIFICATION
from ..listing import Item, Kind, Listing, describe
from ..network import Network, new_id
from ..privatelink import Notification
from . import endpoint_services, idempotency
from .news import EVENTS

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}")


def view(_network: Network, notification: Notification, _now: float) -> Item:
    """A notification as DescribeVpcEndpointConnectionNotifications shows it."""
    of = {"ServiceId": notification.service_id, "VpcEndpointId": notification.endpoint_id}
    return {
        "ConnectionNotificationId": notification.id,
        **{member: value for member, value in of.items() if value},
        "ConnectionNotificationType": "Topic",
        "ConnectionNotificationArn": notification.topic_arn,
        "ConnectionEvents": list(notification.events),
        "ConnectionNotificationState": "Enabled" if notification.enabled else "Disabled",
        "ServiceRegion": notification.region,
    }


KIND = Kind(
    "vpc-endpoint-connection-notification",
    lambda network: network.notifications.values(),
    lambda _notification: None,
    view,
)

_LISTING = Listing(
    kind=KIND,
    result="ConnectionNotificationSet",
    ids="ConnectionNotificationIds",
    id_kind=NOTIFICATION,
    id_filter="connection-notification-id",
    vpc_filter=None,
    filters={
        "connection-notification-arn": ("ConnectionNotificationArn",),
        "connection-notification-id": ("ConnectionNotificationId",),
        "connection-notification-state": ("ConnectionNotificationState",),
        "connection-notification-type": ("ConnectionNotificationType",),
        "service-id": ("ServiceId",),
        "vpc-endpoint-id": ("VpcEndpointId",),
    },
)
_page = describe(_LISTING)


def _describe(call: Call) -> Item:
    """The one operation that names an id, not ids."""
    one = call.get("ConnectionNotificationId")
    named = {"ConnectionNotificationIds": [one]} if one else {}
    return _page(replace(call, parameters={**call.parameters, **named}))


def _create(call: Call) -> Item:
    return idempotency.once(call, _make)


def _make(call: Call) -> Item:
    service_id, endpoint_id = call.get("ServiceId"), call.get("VpcEndpointId")
    if bool(service_id) == bool(endpoint_id):
        raise invalid_parameter("Exactly one of ServiceId and VpcEndpointId must be specified.")
    if service_id:
        _refuse_kind(endpoint_services.own(call, service_id).kind)
    else:
        _own_endpoint(call, endpoint_id)
    topic = _topic(call)
    made = Notification(
        id=new_id("vpce-nfn"),
        topic_arn=topic,
        events=_events(call),
        region=call.caller.region,
        service_id=service_id,
        endpoint_id=endpoint_id,
    )
    _refuse_twice(call.network, made)
    call.network.notifications[made.id] = made
    return {"ConnectionNotification": view(call.network, made, 0), **idempotency.echo(call)}


def _own_endpoint(call: Call, endpoint_id: str) -> None:
    if ENDPOINT.check(endpoint_id) in call.network.endpoints:
        _refuse_kind("Gateway")
    found = call.network.interface_endpoints.get(endpoint_id)
    if found is None:
        raise ENDPOINT.unknown(endpoint_id)
    _refuse_kind(found.kind)


def _refuse_kind(kind: str) -> None:
    if kind != "Interface":
        raise invalid_parameter("Notifications are only supported for Interface type endpoints.")


def _topic(call: Call) -> str:
    """The topic's ARN; whether it lets PrivateLink publish shows only when something happens."""
    arn: str = call.get("ConnectionNotificationArn")
    found = _TOPIC.fullmatch(arn)
    if found is None:
        raise invalid_parameter(f"Invalid connection notification ARN: {arn}")
    if found.group(1) != call.caller.region:
        raise invalid_parameter(f"The topic {arn} is not in the Region {call.caller.region}.")
    return arn


def _events(call: Call) -> list[str]:
    events = list(dict.fromkeys(call.get("ConnectionEvents", [])))
    wrong = [event for event in events if event not in EVENTS]
    if wrong or not events:
        raise invalid_parameter(
            f"Invalid connection events: {', '.join(wrong) or 'none'}. Valid values:"
            f" {', '.join(EVENTS)}."
        )
    return events


def _refuse_twice(network: Network, made: Notification) -> None:
    """One notification for a topic and a service (or endpoint)."""
    wanted = (made.topic_arn, made.service_id, made.endpoint_id)
    for each in network.notifications.values():
        if each.id != made.id and (each.topic_arn, each.service_id, each.endpoint_id) == wanted:
            raise invalid_parameter(
                f"A connection notification for {made.topic_arn} exists already: {each.id}"
            )


def _own(call: Call, identifier: str) -> Notification:
    found = call.network.notifications.get(NOTIFICATION.check(identifier))
    if found is None:
        raise NOTIFICATION.unknown(identifier)
    return found


def _modify(call: Call) -> Item:
    held = _own(call, call.get("ConnectionNotificationId"))
    topic = _topic(call) if call.get("ConnectionNotificationArn") else held.topic_arn
    events = _events(call) if call.get("ConnectionEvents") else held.events
    changed = replace(held, topic_arn=topic, events=events)
    _refuse_twice(call.network, changed)
    call.network.notifications[held.id] = changed
    return {"ReturnValue": True}


def _delete(call: Call) -> Item:
    """Deletes all, or none: a missing id fails the call (terraform-provider-aws looks for that)."""
    found = [_own(call, each) for each in call.get("ConnectionNotificationIds")]
    for each in found:
        call.network.notifications.pop(each.id, None)
    return {"Unsuccessful": []}


OPERATIONS: Operations = {
    "CreateVpcEndpointConnectionNotification": _create,
    "DeleteVpcEndpointConnectionNotifications": _delete,
    "DescribeVpcEndpointConnectionNotifications": _describe,
    "ModifyVpcEndpointConnectionNotification": _modify,
}
