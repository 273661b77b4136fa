"""What PrivateLink publishes about connections, and to which topics."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

from ..network import Network
from ..privatelink import Connection, InterfaceEndpoint, Notification
from ..world import World

SUBJECT = "VPC endpoint connection"
#: What the message says is documented nowhere, so each body is a guess: a JSON document, a
#: sentence, and one that names nothing.
BODIES = {
    "json": (
        '{"vpcEndpointServiceId": "$service_id", "vpcEndpointId": "$endpoint_id",'
        ' "event": "$event"}'
    ),
    "prose": "VPC endpoint $endpoint_id $did service $service_id.",
    "bare": "A connection event occurred.",
}
_DID = {
    "Accept": "was accepted by",
    "Connect": "requested a connection to",
    "Delete": "was deleted and left",
    "Reject": "was rejected by",
}
EVENTS = tuple(_DID)
#: What a template may name, as $name.
PLACES = ("account", "did", "endpoint_id", "event", "region", "service_id")


def tell(world: World, event: str, home: Network, connection: Connection) -> None:
    """Publishes an event to the topics that the provider and the consumer registered for it."""
    endpoint = connection.endpoint
    if endpoint is None:
        return
    message = _message(world, event, connection, endpoint)
    consumer = world.network(endpoint.owner, endpoint.region)
    for network, notification in _registered(home, consumer, connection, endpoint):
        if event in notification.events and notification.enabled:
            source = _source(network, notification)
            topic, account = notification.topic_arn, str(network.account_id)
            world.notifier.publish(topic, SUBJECT, message, source, account)


def _registered(
    home: Network, consumer: Network, connection: Connection, endpoint: InterfaceEndpoint
) -> Iterator[tuple[Network, Notification]]:
    for each in home.notifications.values():
        if each.service_id == connection.service_id:
            yield home, each
    for each in consumer.notifications.values():
        if each.endpoint_id == endpoint.id:
            yield consumer, each


def _message(world: World, event: str, connection: Connection, endpoint: InterfaceEndpoint) -> str:
    body = world.settings.notification_body
    template = BODIES[body] if isinstance(body, str) else body["template"]
    return Template(template).safe_substitute(
        account=endpoint.owner,
        did=_DID[event],
        endpoint_id=endpoint.id,
        event=event,
        region=endpoint.region,
        service_id=connection.service_id,
    )


def _source(network: Network, notification: Notification) -> str:
    """The ARN that the topic's policy can hold against aws:SourceArn."""
    where = f"arn:{network.partition}:ec2:{network.region_name}:{network.account_id}"
    if notification.service_id:
        return f"{where}:vpc-endpoint-service/{notification.service_id}"
    return f"{where}:vpc-endpoint/{notification.endpoint_id}"
