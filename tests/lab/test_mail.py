"""Addresses hear nothing before they have confirmed, and topics count who has."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab


def address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


@pytest.fixture
def topic(lab: Lab) -> str:
    made = lab.client("sns").create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")
    return str(made["TopicArn"])


def counted(lab: Lab, topic: str) -> tuple[str, str]:
    """How many have confirmed, how many have not."""
    found = lab.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    return found["SubscriptionsConfirmed"], found["SubscriptionsPending"]


def listed(lab: Lab, topic: str) -> list[str]:
    found = lab.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [each["SubscriptionArn"] for each in found]


def texts(lab: Lab, to: str) -> list[str]:
    return [mail["text"] for mail in lab.mails(to=to) if not mail["link"]]


def test_an_address_hears_nothing_before_it_has_confirmed(lab: Lab, topic: str) -> None:
    sns, to = lab.client("sns"), address()
    asked = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
    assert asked["SubscriptionArn"] == "pending confirmation"
    assert counted(lab, topic) == ("0", "1")
    assert listed(lab, topic) == ["PendingConfirmation"]
    sns.publish(TopicArn=topic, Message="lost")

    lab.confirm(to)
    assert counted(lab, topic) == ("1", "0")
    (arn,) = listed(lab, topic)
    assert arn.startswith(f"{topic}:")
    body = json.dumps({"default": "for all", "email": "for mail"})
    sns.publish(TopicArn=topic, Message=body, MessageStructure="json", Subject="heard")
    assert texts(lab, to) == ["for mail"]

    sns.unsubscribe(SubscriptionArn=arn)
    assert counted(lab, topic) == ("0", "0")
    sns.publish(TopicArn=topic, Message="lost too")
    assert texts(lab, to) == ["for mail"]


def test_a_token_confirms_and_a_wrong_one_does_not(lab: Lab, topic: str) -> None:
    sns, to = lab.client("sns"), address()
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
    with pytest.raises(ClientError, match="InvalidParameter"):
        sns.confirm_subscription(TopicArn=topic, Token="0" * 36)
    (mail,) = lab.mails(to=to)
    sns.confirm_subscription(TopicArn=topic, Token=mail["link"].rpartition("Token=")[2])
    assert counted(lab, topic) == ("1", "0")


def test_an_address_in_a_template_has_to_confirm_too(lab: Lab) -> None:
    name, to, other = f"s-{uuid.uuid4().hex[:8]}", address(), address()
    inline = [{"Protocol": "email", "Endpoint": other}]
    resources: dict[str, Any] = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": inline}},
        "Address": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": to},
        },
    }
    cloudformation = lab.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    found = cloudformation.describe_stack_resource(StackName=name, LogicalResourceId="Topic")
    topic = found["StackResourceDetail"]["PhysicalResourceId"]
    assert counted(lab, topic) == ("0", "2")
    for each in (to, other):
        lab.confirm(each)
    assert counted(lab, topic) == ("2", "0")


def test_a_queue_of_the_account_needs_no_confirmation(lab: Lab, topic: str) -> None:
    url = lab.client("sqs").create_queue(QueueName=f"q-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    attributes = lab.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue = attributes["Attributes"]["QueueArn"]
    made = lab.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    assert made["SubscriptionArn"].startswith(f"{topic}:")
    assert counted(lab, topic) == ("1", "0")
