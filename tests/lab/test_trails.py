"""EventBridge hears of API calls only what a trail of the account logs in the Region."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from lab import trails
from lab.client import Lab, wait_until

ACCOUNT = "111111111111"
EC2 = "ec2.amazonaws.com"
WRITES = {"eventSource": EC2, "eventName": "CreateVpc", "eventType": "AwsApiCall"}


@pytest.fixture
def trail(lab: Lab) -> Iterator[Any]:
    """The account's CloudTrail; whatever became of it, the account has its trail back after."""
    cloudtrail = lab.client("cloudtrail")
    yield cloudtrail
    for each in cloudtrail.describe_trails()["trailList"]:
        cloudtrail.delete_trail(Name=each["Name"])
    made = {"Name": trails.TRAIL, "S3BucketName": "b", "IsMultiRegionTrail": True}
    cloudtrail.create_trail(**made)
    cloudtrail.start_logging(Name=trails.TRAIL)


def hears(lab: Lab, region: str = "us-east-1") -> bool:
    """Whether a rule of its own hears of a VPC that is made."""
    session = lab.session()
    ec2, events, sqs = (
        session.client(name, region_name=region) for name in ("ec2", "events", "sqs")
    )
    name = f"heard-{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allow]})}
    )
    pattern = {"source": ["aws.ec2"], "detail": {"eventName": ["CreateVpc"]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn["QueueArn"]}])
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    lab.wait_for_deliveries()
    events.remove_targets(Rule=name, Ids=["q"])
    events.delete_rule(Name=name)
    return bool(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages"))


def test_an_account_begins_with_a_trail_and_without_one_hears_nothing(lab: Lab, trail: Any) -> None:
    (mine,) = trail.describe_trails()["trailList"]
    assert (mine["Name"], mine["IsMultiRegionTrail"]) == (trails.TRAIL, True)
    assert hears(lab)
    assert hears(lab, "eu-west-1")

    trail.stop_logging(Name=trails.TRAIL)
    assert not hears(lab)
    trail.start_logging(Name=trails.TRAIL)
    assert hears(lab)
    trail.delete_trail(Name=trails.TRAIL)
    assert not hears(lab), "no other trail comes by itself"


def test_a_trail_of_one_region_logs_that_region(lab: Lab, trail: Any) -> None:
    trail.delete_trail(Name=trails.TRAIL)
    trail.create_trail(Name="single", S3BucketName="b")
    wait_until(lambda: not hears(lab), 5, "a trail logs nothing before it is started")
    trail.start_logging(Name="single")
    assert hears(lab)
    assert not hears(lab, "eu-west-1")


def field(name: str, **how: list[str]) -> dict[str, Any]:
    return {"Field": name, **how}


MANAGEMENT = field("eventCategory", Equals=["Management"])


@pytest.mark.parametrize(
    ("selectors", "logs"),
    [
        ([{"IncludeManagementEvents": True, "ReadWriteType": "All"}], True),
        ([{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}], True),
        ([{"IncludeManagementEvents": True, "ReadWriteType": "ReadOnly"}], False),
        ([{"IncludeManagementEvents": False, "ReadWriteType": "All"}], False),
        ([{"FieldSelectors": [MANAGEMENT]}], True),
        ([{"FieldSelectors": [field("eventCategory", Equals=["Data"])]}], False),
        ([{"FieldSelectors": [MANAGEMENT, field("readOnly", Equals=["true"])]}], False),
        ([{"FieldSelectors": [MANAGEMENT, field("readOnly", Equals=["false"])]}], True),
        ([{"FieldSelectors": [MANAGEMENT, field("eventSource", NotEquals=[EC2])]}], False),
        ([{"FieldSelectors": [MANAGEMENT, field("eventName", StartsWith=["Delete"])]}], False),
    ],
)  # fmt: skip
def test_what_selectors_let_through(selectors: list[dict[str, Any]], logs: bool) -> None:
    assert trails._logs(selectors, WRITES) is logs
