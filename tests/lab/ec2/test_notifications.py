"""Connection notifications: registered, and sent for what they were registered for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.client import Lab
from tests.lab.ec2.pieces import TOPIC

from .conftest import HERE, Provider, Side, Topic
from .sdk import OTHER, OWNER, REGION, S3, code, refusal

SECOND = f"arn:aws:sns:{REGION}:{OWNER}:others"
EVENTS = ["Accept", "Connect", "Delete", "Reject"]
MISSING = "vpce-nfn-0123456789abcdef0"


def _register(provider: Side, topic: str = TOPIC, **more: Any) -> dict[str, Any]:
    create = provider.sdk.create_vpc_endpoint_connection_notification
    made = create(**{"ConnectionNotificationArn": topic, "ConnectionEvents": EVENTS, **more})
    return dict(made["ConnectionNotification"])


def test_a_notification_is_registered_changed_and_deleted(
    provider: Provider, service: dict[str, Any]
) -> None:
    made = _register(provider, ServiceId=service["ServiceId"])
    identifier = made["ConnectionNotificationId"]
    assert identifier.startswith("vpce-nfn-")
    assert made == {
        "ConnectionNotificationId": identifier,
        "ServiceId": service["ServiceId"],
        "ConnectionNotificationType": "Topic",
        "ConnectionNotificationArn": TOPIC,
        "ConnectionEvents": EVENTS,
        "ConnectionNotificationState": "Enabled",
        "ServiceRegion": REGION,
    }
    sdk = provider.sdk
    named = {"ConnectionNotificationId": identifier}
    sdk.modify_vpc_endpoint_connection_notification(
        **named, ConnectionNotificationArn=SECOND, ConnectionEvents=["Connect"]
    )
    (shown,) = sdk.describe_vpc_endpoint_connection_notifications(**named)[
        "ConnectionNotificationSet"
    ]
    assert (shown["ConnectionNotificationArn"], shown["ConnectionEvents"]) == (SECOND, ["Connect"])
    sdk.delete_vpc_endpoint_connection_notifications(ConnectionNotificationIds=[identifier])
    missing = sdk.describe_vpc_endpoint_connection_notifications
    assert code(missing, **named) == "InvalidConnectionNotification"


def test_notifications_are_found_by_filter_and_page(
    provider: Provider, service: dict[str, Any]
) -> None:
    topics = [f"{TOPIC}-{number}" for number in range(6)]
    for topic in topics:
        _register(provider, topic, ServiceId=service["ServiceId"])
    describe = provider.sdk.describe_vpc_endpoint_connection_notifications
    for name, value, count in (
        ("connection-notification-arn", topics[1], 1),
        ("service-id", service["ServiceId"], 6),
        ("connection-notification-state", "Enabled", 6),
        ("vpc-endpoint-id", "vpce-0123456789abcdef0", 0),
    ):
        found = describe(Filters=[{"Name": name, "Values": [value]}])
        assert len(found["ConnectionNotificationSet"]) == count, name
    page = describe(MaxResults=5)
    rest = describe(MaxResults=5, NextToken=page["NextToken"])
    assert len(page["ConnectionNotificationSet"] + rest["ConnectionNotificationSet"]) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"ConnectionEvents": ["Connect", "Vanish"]},
        {"ConnectionEvents": []},
        {"ConnectionNotificationArn": "connections"},
        {"ConnectionNotificationArn": f"arn:aws:sqs:{REGION}:{OWNER}:queue"},
        {"ConnectionNotificationArn": f"arn:aws:sns:eu-west-1:{OWNER}:connections"},
        {"VpcEndpointId": "vpce-0123456789abcdef0"},
        {"ServiceId": ""},
    ],
)
def test_a_wrong_notification_is_refused(
    provider: Provider, service: dict[str, Any], wrong: dict[str, Any]
) -> None:
    create = provider.sdk.create_vpc_endpoint_connection_notification
    asked = {
        "ServiceId": service["ServiceId"],
        "ConnectionNotificationArn": TOPIC,
        "ConnectionEvents": EVENTS,
    }
    refused = code(create, **{**asked, **wrong})
    empty = wrong.get("ConnectionEvents") == []
    assert refused == ("MissingParameter" if empty else "InvalidParameter")


def test_unknown_things_are_refused(provider: Provider) -> None:
    sdk = provider.sdk
    create = sdk.create_vpc_endpoint_connection_notification
    asked = {"ConnectionNotificationArn": TOPIC, "ConnectionEvents": EVENTS}
    gone = {"ServiceId": "vpce-svc-0123456789abcdef0"}
    assert code(create, **gone, **asked) == "InvalidVpcEndpointServiceId.NotFound"
    gone = {"VpcEndpointId": "vpce-0123456789abcdef0"}
    assert code(create, **gone, **asked) == "InvalidVpcEndpointId.NotFound"
    gateway = sdk.create_vpc_endpoint(VpcId=provider.vpc, ServiceName=S3)["VpcEndpoint"]
    assert code(create, VpcEndpointId=gateway["VpcEndpointId"], **asked) == "InvalidParameter"
    delete = sdk.delete_vpc_endpoint_connection_notifications
    assert code(delete, ConnectionNotificationIds=[MISSING]) == "InvalidConnectionNotification"
    modify = sdk.modify_vpc_endpoint_connection_notification
    assert code(modify, ConnectionNotificationId=MISSING) == "InvalidConnectionNotification"


def test_one_notification_a_topic_and_service(provider: Provider, service: dict[str, Any]) -> None:
    first = _register(provider, ServiceId=service["ServiceId"])
    second = _register(provider, SECOND, ServiceId=service["ServiceId"])
    create = provider.sdk.create_vpc_endpoint_connection_notification
    asked = {"ConnectionNotificationArn": TOPIC, "ConnectionEvents": ["Connect"]}
    refused, message = refusal(create, ServiceId=service["ServiceId"], **asked)
    assert refused == "InvalidParameter"
    assert first["ConnectionNotificationId"] in message
    modify = provider.sdk.modify_vpc_endpoint_connection_notification
    moved = {"ConnectionNotificationId": second["ConnectionNotificationId"]}
    assert code(modify, ConnectionNotificationArn=TOPIC, **moved) == "InvalidParameter"
    create(ServiceId=provider.publish()["ServiceId"], **asked)


def test_a_token_makes_one_notification(provider: Provider, service: dict[str, Any]) -> None:
    asked = {"ServiceId": service["ServiceId"], "ClientToken": "once"}
    assert _register(provider, **asked) == _register(provider, **asked)


def test_notifications_go_with_their_service(provider: Provider) -> None:
    made = provider.publish()
    _register(provider, ServiceId=made["ServiceId"])
    provider.sdk.delete_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])
    describe = provider.sdk.describe_vpc_endpoint_connection_notifications
    assert describe()["ConnectionNotificationSet"] == []


def test_what_happens_is_published_in_the_services_name(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    arn = f"arn:aws:ec2:{REGION}:{OWNER}:vpc-endpoint-service/{service['ServiceId']}"
    about = {"aws:SourceArn": arn, "aws:SourceAccount": OWNER}
    topic = Topic(lab, condition={"StringEquals": about})
    _register(provider, topic.arn, ServiceId=service["ServiceId"])
    other = provider.publish()
    _register(provider, SECOND, ServiceId=other["ServiceId"])
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("accept", service, endpoint)
    provider.answer("accept", service, endpoint)
    provider.answer("reject", service, endpoint)
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert topic.events() == ["Connect", "Accept", "Reject", "Delete"]
    first = topic.said()[0]
    assert (first["TopicArn"], first["Subject"]) == (topic.arn, "VPC endpoint connection")
    assert json.loads(first["Message"]) == {
        "vpcEndpointServiceId": service["ServiceId"],
        "vpcEndpointId": endpoint,
        "event": "Connect",
    }


def test_a_connection_that_needs_no_acceptance_is_told_as_accepted(
    provider: Provider, lab: Lab
) -> None:
    topic = Topic(lab)
    service = provider.publish(AcceptanceRequired=False)
    _register(provider, topic.arn, ServiceId=service["ServiceId"])
    provider.endpoint(service["ServiceName"], HERE)
    assert topic.events() == ["Connect", "Accept"]


def test_only_the_events_asked_for_are_published(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    topic = Topic(lab)
    _register(provider, topic.arn, ServiceId=service["ServiceId"], ConnectionEvents=["Reject"])
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    assert topic.said() == []
    provider.answer("reject", service, endpoint)
    assert topic.events() == ["Reject"]


def test_a_consumer_hears_of_its_own_endpoint(
    provider: Provider, consumer: Side, service: dict[str, Any], lab: Lab
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    arn = f"arn:aws:ec2:{REGION}:{OTHER}:vpc-endpoint/{endpoint}"
    about = {"aws:SourceArn": arn, "aws:SourceAccount": OTHER}
    topic = Topic(lab, OTHER, {"StringEquals": about})
    _register(consumer, topic.arn, VpcEndpointId=endpoint)
    provider.answer("accept", service, endpoint)
    assert topic.events() == ["Accept"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("prose", "VPC endpoint {endpoint} requested a connection to service {service}."),
        ("bare", "A connection event occurred."),
        ({"template": "$event of $account: $endpoint_id"}, "Connect of 222222222222: {endpoint}"),
    ],
)
def test_the_body_is_a_setting(
    provider: Provider,
    consumer: Side,
    service: dict[str, Any],
    lab: Lab,
    body: Any,
    message: str,
) -> None:
    lab.world({"notification_body": body})
    topic = Topic(lab)
    _register(provider, topic.arn, ServiceId=service["ServiceId"])
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    assert topic.messages() == [message.format(endpoint=endpoint, service=service["ServiceId"])]
