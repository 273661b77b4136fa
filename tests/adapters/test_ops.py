"""The ops topic: each protocol gets its own text, each refusal its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, RefusedByAws, Throttled
from autopilot.aws.outlets import OpsTopic
from autopilot.notify.combine import combined
from autopilot.notify.render import message
from botocore.exceptions import ClientError

from tests.unit.notify.reports import about, busy, finding, place

MESSAGE = message(about("opened", [busy()], place()), place())


def test_a_queue_gets_json_that_its_filter_can_read(client: Callable[[Any], Any]) -> None:
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="ops")["TopicArn"]
    queues = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("urgent", "calm")]
    for url, severity in zip(queues, ("action", "info"), strict=True):
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn["QueueArn"],
            Attributes={"FilterPolicy": json.dumps({"severity": [severity]})},
        )

    OpsTopic(topic, sns).publish(MESSAGE)

    urgent, calm = (sqs.receive_message(QueueUrl=url).get("Messages", []) for url in queues)
    assert calm == []
    [delivered] = [json.loads(each["Body"]) for each in urgent]
    assert delivered["Subject"] == MESSAGE.subject
    assert json.loads(delivered["Message"])["kind"] == "RouteTableBusy"
    assert delivered["MessageAttributes"]["region"] == {"Type": "String", "Value": "us-east-1"}


@pytest.mark.parametrize(
    ("kind", "heard"),
    [("RouteTableBusy", 1), ("QuotaNear", 1), (["exists"], 1), ("ConnectionHeld", 0)],
)
def test_a_filter_on_one_kind_misses_no_message_that_tells_it(
    client: Callable[[Any], Any], kind: Any, heard: int
) -> None:
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="ops")["TopicArn"]
    url = sqs.create_queue(QueueName="some")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    wanted = kind if isinstance(kind, str) else {"exists": True}
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn["QueueArn"],
        Attributes={"FilterPolicy": json.dumps({"kind": [wanted]})},
    )
    near = about("opened", [finding("QuotaNear", "us-east-1", used=16, limit=20)], place())

    OpsTopic(topic, sns).publish(
        message(combined([near, about("opened", [busy()], place())]), place())
    )

    assert len(sqs.receive_message(QueueUrl=url).get("Messages", [])) == heard


@pytest.mark.parametrize(
    ("attributes", "listens"),
    [
        ({"SubscriptionsConfirmed": "0", "SubscriptionsPending": "3"}, False),
        ({"SubscriptionsConfirmed": "1", "SubscriptionsPending": "0"}, True),
        ({}, True),
    ],
)
def test_somebody_listens_once_a_subscription_is_confirmed(
    stub: Callable[[str], Any], attributes: dict[str, str], listens: bool
) -> None:
    sns, arn = stub("sns"), "arn:aws:sns:us-east-1:111111111111:ops"
    sns.add_response("get_topic_attributes", {"Attributes": attributes}, {"TopicArn": arn})
    assert OpsTopic(arn, sns.client).listens() is listens


@pytest.mark.parametrize(
    ("who", "listens"),
    [
        ([], False),
        ([("A@example.com", "arn:aws:sns:us-east-1:1:ops:1")], False),
        ([("ops@example.com", "PendingConfirmation")], False),
        ([("gone@example.com", "Deleted")], False),
        ([("ops@example.com", "arn:aws:sns:us-east-1:1:ops:2")], True),
    ],
)
def test_who_hears_of_an_owners_things_only_is_no_listener(
    stub: Callable[[str], Any], who: list[tuple[str, str]], listens: bool
) -> None:
    sns, arn = stub("sns"), "arn:aws:sns:us-east-1:111111111111:ops"
    found = [{"Endpoint": endpoint, "SubscriptionArn": arn} for endpoint, arn in who]
    first = {"Subscriptions": [], "NextToken": "more"}
    sns.add_response("list_subscriptions_by_topic", first, {"TopicArn": arn})
    sns.add_response(
        "list_subscriptions_by_topic",
        {"Subscriptions": found},
        {"TopicArn": arn, "NextToken": "more"},
    )
    assert OpsTopic(arn, sns.client).heard_partly_by(["a@example.com"]).listens() is listens


class Refusing:
    """An SNS client that refuses."""

    def __init__(self, code: str) -> None:
        self._code = code

    def publish(self, **_request: Any) -> None:
        raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, "Publish")


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("AuthorizationError", AccessDenied),
        ("Throttled", Throttled),
        ("ThrottledException", Throttled),
        ("KMSAccessDenied", AccessDenied),
        ("InvalidParameter", RefusedByAws),
    ],
)
def test_names_what_sns_refuses(code: str, named: type[Exception]) -> None:
    with pytest.raises(named, match=rf"^sns:Publish: {code}: no"):
        OpsTopic("arn:aws:sns:us-east-1:111111111111:ops", Refusing(code)).publish(MESSAGE)


def test_names_what_sns_refuses_to_say(stub: Callable[[str], Any]) -> None:
    sns = stub("sns")
    sns.add_client_error("get_topic_attributes", "AuthorizationError", "no")
    with pytest.raises(AccessDenied, match=r"^sns:GetTopicAttributes: AuthorizationError: no"):
        OpsTopic("arn:aws:sns:us-east-1:111111111111:ops", sns.client).listens()
