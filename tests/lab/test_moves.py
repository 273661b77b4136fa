"""A dead-letter queue gives back what it holds, to where it came from or where it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.client import Lab


@pytest.fixture
def sqs(lab: Lab) -> Any:
    return lab.client("sqs")


def queue(sqs: Any, name: str, **attributes: str) -> tuple[str, str]:
    """A queue's URL and ARN."""
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, read["Attributes"]["QueueArn"]


@pytest.fixture
def queues(sqs: Any) -> tuple[str, str, str, str]:
    """The URLs and ARNs of a dead-letter queue and of its source."""
    dead, dead_arn = queue(sqs, "moves-dead")
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    source, arn = queue(sqs, "moves-source", RedrivePolicy=policy, VisibilityTimeout="0")
    return dead, dead_arn, source, arn


def bodies(sqs: Any, url: str) -> list[str]:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in found.get("Messages", ())]


def latest(sqs: Any, arn: str) -> dict[str, Any]:
    return dict(sqs.list_message_move_tasks(SourceArn=arn)["Results"][0])


def test_what_was_sent_there_directly_needs_a_destination(
    sqs: Any, queues: tuple[str, str, str, str]
) -> None:
    dead, dead_arn, source, arn = queues
    sqs.send_message(QueueUrl=dead, MessageBody="direct")
    sqs.start_message_move_task(SourceArn=dead_arn)
    failed = latest(sqs, dead_arn)
    assert failed["Status"] == "FAILED"
    assert failed["FailureReason"] == "CouldNotDetermineMessageSource"
    sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn)
    done = latest(sqs, dead_arn)
    assert (done["Status"], done["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    assert bodies(sqs, source) == ["direct"]


def test_what_its_source_gave_up_goes_back_by_itself(
    sqs: Any, queues: tuple[str, str, str, str]
) -> None:
    _, dead_arn, source, _ = queues
    sqs.send_message(QueueUrl=source, MessageBody="bad")
    assert bodies(sqs, source) == ["bad"]
    assert bodies(sqs, source) == [], "read once, it has gone"
    sqs.start_message_move_task(SourceArn=dead_arn)
    assert latest(sqs, dead_arn)["Status"] == "COMPLETED"
    assert bodies(sqs, source) == ["bad"]


def test_only_dead_letter_queues_that_are_there_give_back(
    sqs: Any, queues: tuple[str, str, str, str]
) -> None:
    _, dead_arn, _, arn = queues
    with pytest.raises(sqs.exceptions.ClientError, match="Dead Letter Queue"):
        sqs.start_message_move_task(SourceArn=arn)
    for wrong in ({"SourceArn": f"{arn}-not"}, {"SourceArn": dead_arn, "DestinationArn": "arn:x"}):
        with pytest.raises(sqs.exceptions.ClientError, match="ResourceNotFoundException"):
            sqs.start_message_move_task(**wrong)
