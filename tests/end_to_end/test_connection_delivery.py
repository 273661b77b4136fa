"""Notifications are lost, doubled, shuffled, garbage: a sweep ends it as in a quiet world."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from demo import scenes
from demo.privatelink import Service, connect, publish
from lab.client import Lab
from tests.end_to_end.stage import Stage

PROVIDER, CONSUMER, STRANGER = "111111111111", "222222222222", "333333333333"
ZONE = ("use1-az1",)
BADLY = {"loss": 0.4, "duplicates": 0.5, "shuffle": True, "seed": 11}
BODIES = (
    "json",
    "prose",
    "bare",
    {"template": '{"detail": {"id": "$endpoint_id", "of": "$service_id"}}'},
    {"template": "$endpoint_id $did something in $region"},
    {"template": "vpce-svc-0123456789abcdef0 and vpce-0"},  # somebody else's service
    {"template": '\\u0000 {"vpcEndpointServiceId": ['},
    {"template": "\U0001f4a5\\'\";<x>%s"},
)
CALL = {"eventSource": "ec2.amazonaws.com", "eventName": "AcceptVpcEndpointConnections"}
ANSWER = {
    "detail-type": "AWS API Call via CloudTrail",
    "source": "aws.ec2",
}
UNREADABLE = (
    "{",
    "[]",
    '{"detail-type": 7}',
    json.dumps({**ANSWER, "detail": None}),
    json.dumps({**ANSWER, "detail": {**CALL, "eventID": "e-1"}}),
)
NONSENSE: tuple[dict[str, Any], ...] = (
    {},
    {"service_ids": 7},
    {"service_ids": ["vpce-svc-", {"a": None}]},
    {"service_ids": []},
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Stage]:
    """A lab with the shipped policy, whose automation knows the account by a first sweep."""
    with Lab.start(accounts=(PROVIDER,)) as lab:
        stage = Stage(lab, PROVIDER)
        stage.sweep(stage.connections)
        yield stage


@pytest.fixture(scope="module")
def service(provider: Stage) -> Service:
    """Names the consumer, and lets anybody ask."""
    made = publish(provider.lab, PROVIDER, "noisy", ZONE)
    made.allow(CONSUMER, "*")
    scenes.wait_until(made.notified, bool, "our notification is registered")
    return made


@pytest.fixture
def undisturbed(provider: Stage) -> Iterator[Stage]:
    """Notifications come as they should again, when the story is over."""
    provider.begin()
    yield provider
    provider.lab.delivery()
    provider.lab.world({"notification_body": "json"})


def test_a_bad_world_ends_like_a_quiet_one_after_a_sweep(
    undisturbed: Stage, service: Service
) -> None:
    stage = undisturbed
    stage.lab.delivery(notifications=BADLY)
    theirs, strangers = list[str](), list[str]()
    for body in BODIES:
        stage.lab.world({"notification_body": body})
        theirs += [connect(service, CONSUMER, ZONE) for _ in range(3)]
        strangers.append(connect(service, STRANGER, ZONE))
    stage.settle(quiet=8)  # the last copy comes after two seconds, the intake gathers for five
    stage.lab.delivery()
    assert stage.sweep(stage.connections)["status"] == "SUCCEEDED"
    stage.settle()

    states = service.states()
    assert {states[each] for each in theirs} == {"available"}
    assert {states[each] for each in strangers} == {"pendingAcceptance"}
    asked = {*theirs, *strangers}
    answered = [
        endpoint
        for call in stage.changes_of(*asked)
        if call["operation"] != "CreateTags"  # the second memory of whom a rule let in
        for endpoint in call["parameters"]["VpcEndpointIds"]
        if endpoint in asked
    ]
    assert sorted(answered) == sorted(theirs), "each is answered once, the strangers aren't"
    assert told(stage, "ConnectionAccepted", asked) == Counter(theirs)
    assert told(stage, "ConnectionHeld", asked) == Counter(strangers)
    assert not stage.of_kind("WorkflowFailed")
    stage.lab.clear_calls()
    stage.sweep(stage.connections)
    assert not stage.changes_of(*asked), "nothing is left to do"


def told(stage: Stage, kind: str, asked: set[str]) -> Counter[str]:
    """How many messages of the kind are about each of these endpoints."""
    subjects = (subject for message in stage.of_kind(kind) for subject in message["subjects"])
    about = (subject.rpartition("/")[2] for subject in subjects)
    return Counter(endpoint for endpoint in about if endpoint in asked)


def test_garbage_is_a_look_at_all_or_a_dead_letter_and_wakes_nobody_twice(
    undisturbed: Stage, service: Service
) -> None:
    stage, outputs = undisturbed, undisturbed.lab.outputs(PROVIDER)
    sqs, events = stage.lab.client("sqs", PROVIDER), stage.lab.client("events", PROVIDER)
    queue, dead = outputs["IntakeQueueUrl"], outputs["IntakeDeadLetterQueueUrl"]
    stage.lab.delivery(notifications={"loss": 1})
    endpoint = connect(service, CONSUMER, ZONE)

    for unreadable in UNREADABLE:
        sqs.send_message(QueueUrl=queue, MessageBody=unreadable)
    for detail in NONSENSE:
        events.put_events(Entries=[notification(detail)])
    scenes.wait_until(
        service.states, lambda states: states[endpoint] == "available", "all were looked at"
    )
    stage.settle(quiet=8)

    letters = dead_letters(sqs, dead)
    assert sorted(letters) == sorted(UNREADABLE)
    started = stage.executions(stage.connections)
    assert 1 <= len(started) <= len(NONSENSE)
    stage.settle(quiet=10)
    assert len(stage.executions(stage.connections)) == len(started), "it wakes nobody again"
    assert dead_letters(sqs, dead) == letters
    sqs.purge_queue(QueueUrl=dead)


def notification(detail: dict[str, Any]) -> dict[str, str]:
    """As the relay puts them on the bus."""
    return {
        "Source": "endpoint-autopilot",
        "DetailType": "Endpoint Connection Notification",
        "Detail": json.dumps(detail),
    }


def dead_letters(sqs: Any, queue: str) -> list[str]:
    """The bodies in the dead-letter queue, which stay there."""
    found: dict[str, str] = {}
    while fresh := [
        message
        for message in sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1
        ).get("Messages", [])
        if message["MessageId"] not in found
    ]:
        found |= {message["MessageId"]: message["Body"] for message in fresh}
    return sorted(found.values())
