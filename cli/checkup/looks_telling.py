"""Looks at what wakes the automation and at who hears of it: trails, topics, queues, alarms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from autopilot.aws.errors import AwsError
from autopilot.aws.pages import call

from cli.checkup import listening, notified, things, trails
from cli.checkup.asking import Gone, every
from cli.checkup.model import Ailment, Seen
from cli.checkup.patient import Patient
from cli.checkup.template import items

_MISSED = "What should come through it is lost."


def look_at_trails(patient: Patient) -> Iterator[Ailment]:
    """Trails that log this Region."""
    what = "whether a trail logs what wakes the automation"
    found = patient.ask.one(what, lambda: call("cloudtrail", "DescribeTrails")["trailList"])
    if found is None or isinstance(found, Gone):
        return
    region = patient.here.us.region
    here = [t for t in found if t.get("IsMultiRegionTrail") or t.get("HomeRegion") == region]
    read = patient.ask.each(what, here, lambda each: _trail(patient, each))
    if any(trail is None for _, trail in read):
        return
    known = [trail for _, trail in read if isinstance(trail, trails.Trail)]
    yield from trails.ailments(known, trails.wanted(patient.template), region, patient.ask.shell)


def _trail(patient: Patient, found: Mapping[str, Any]) -> trails.Trail:
    arn, theirs = found["TrailARN"], bool(found.get("IsOrganizationTrail"))
    status = call("cloudtrail", "GetTrailStatus", Name=arn)
    selectors: Any = None
    try:
        answer = call("cloudtrail", "GetEventSelectors", TrailName=arn)
        selectors = answer.get("AdvancedEventSelectors") or answer.get("EventSelectors") or ()
    except AwsError:
        if not theirs:
            raise
        patient.notes.append(
            f"The trail {found['Name']} is your organization's: which events it takes, only its"
            " management account can see."
        )
    return trails.Trail(
        found["Name"], arn, found["HomeRegion"], bool(status.get("IsLogging")), theirs, selectors
    )


def look_at_topics(patient: Patient) -> Iterator[Ailment]:
    """Who listens to the topics, who may publish to them, and with which key."""
    ops = patient.here.outputs.get("OpsTopicArn", "")
    heard = patient.here.outputs.get("ConnectionTopicArn", "")
    relay = _relay(patient, heard)
    for topic in (ops, heard):
        read = patient.ask.one(f"who listens to {topic}", partial(_subscriptions, topic))
        if read is None or isinstance(read, Gone):
            continue  # that a topic is gone is said below
        if topic == ops:
            emails = _emails(patient, ops)
            owners = [email for email, partly in emails.items() if partly]
            shell, spoke = patient.ask.shell, "OwnerTag" in patient.here.outputs
            yield from listening.of_ops(ops, read, [*emails], shell, owners, hub_hears=spoke)
        elif relay:
            yield from listening.of_relay(heard, read, relay, patient.ask.shell)
    yield from patient.each("AWS::SNS::Topic", "the topics", _MISSED, _attributes, _fine)
    yield from _topic_policies(patient)
    yield from _keys(patient, [ops, heard])


def _fine(_seen: Seen, _answer: Any) -> Iterator[Ailment]:
    return iter(())


def _attributes(seen: Seen) -> Any:
    return _attributes_of(seen.physical)


def _attributes_of(topic: str) -> Any:
    return call("sns", "GetTopicAttributes", TopicArn=topic)["Attributes"]


def _subscriptions(topic: str) -> list[listening.Subscription]:
    found = every("sns", "ListSubscriptionsByTopic", "Subscriptions", TopicArn=topic)
    return [
        listening.Subscription(
            each["SubscriptionArn"], each["Protocol"], each["Endpoint"], _filter(each)
        )
        for each in found
    ]


def _filter(each: Mapping[str, str]) -> Mapping[str, Any] | None:
    if not each["SubscriptionArn"].startswith("arn:"):
        return None
    named = {"SubscriptionArn": each["SubscriptionArn"]}
    return listening.filter_of(call("sns", "GetSubscriptionAttributes", **named)["Attributes"])


def _emails(patient: Patient, topic: str) -> dict[str, bool]:
    """Addresses that the policy subscribes, and whether to a part only."""
    return {
        str(seen.properties["Endpoint"]): bool(seen.properties.get("FilterPolicy"))
        for seen in patient.template.of("AWS::SNS::Subscription")
        if seen.properties.get("TopicArn") == topic
        and str(seen.properties.get("Protocol")).startswith("email")
    }


def _relay(patient: Patient, topic: str) -> str | None:
    for seen in patient.template.of("AWS::SNS::Subscription"):
        if seen.properties.get("TopicArn") == topic and seen.properties.get("Protocol") == "lambda":
            return str(seen.properties["Endpoint"])
    return None


def _topic_policies(patient: Patient) -> Iterator[Ailment]:
    comes = "Alarms or PrivateLink can't publish: what they would tell is lost."
    for seen in patient.template.of("AWS::SNS::TopicPolicy"):
        for topic in items(seen.properties.get("Topics")):
            read = patient.ask.one("the topics", partial(_attributes_of, topic))
            if isinstance(read, Mapping):
                wanted = seen.properties["PolicyDocument"]
                mend = patient.ask.shell.aws(
                    *("sns", "set-topic-attributes"),
                    topic_arn=topic,
                    attribute_name="Policy",
                    attribute_value=json.dumps(wanted),
                )
                present = json.loads(read.get("Policy") or "{}")
                yield from things.of_policy(topic, present, wanted, comes, mend)


def _keys(patient: Patient, topics: list[str]) -> Iterator[Ailment]:
    def described(seen: Seen) -> Any:
        return call("kms", "DescribeKey", KeyId=seen.physical)["KeyMetadata"]

    for seen, key in patient.read("AWS::KMS::Key", "the key of the topics", described):
        if isinstance(key, Gone):
            yield listening.missing_key(seen.physical, topics)
        elif key is not None:
            yield from listening.of_key(key, topics, patient.ask.shell)
            yield from _key_policy(patient, seen)


def _key_policy(patient: Patient, seen: Seen) -> Iterator[Ailment]:
    named = {"KeyId": seen.physical, "PolicyName": "default"}
    read = patient.ask.one(
        "the key's policy", lambda: json.loads(call("kms", "GetKeyPolicy", **named)["Policy"])
    )
    if isinstance(read, Mapping):
        wanted = seen.properties["KeyPolicy"]
        mend = patient.ask.shell.aws(
            *("kms", "put-key-policy"),
            key_id=seen.physical,
            policy_name="default",
            policy=json.dumps(wanted),
        )
        comes = "Alarms or PrivateLink can't encrypt what they publish: it is lost."
        yield from things.of_policy(seen.physical, read, wanted, comes, mend)


def look_at_notifications(patient: Patient) -> Iterator[Ailment]:
    """Whether PrivateLink notifies the automation of each endpoint service."""
    from autopilot.aws.connections import services
    from autopilot.aws.pages import pages

    if patient.audits:
        return  # then nothing is registered
    what = "whether PrivateLink notifies of connections"
    topic = patient.here.outputs.get("ConnectionTopicArn", "")
    own = patient.ask.one(what, lambda: [*services(None)])
    found = patient.ask.one(
        what, lambda: [*pages("DescribeVpcEndpointConnectionNotifications", MaxResults=100)]
    )
    if isinstance(own, list) and isinstance(found, list):
        ids = [service.id for service in own if service.interface]
        yield from notified.ailments(ids, found, topic, patient.ask.shell)


def look_at_queues(patient: Patient) -> Iterator[Ailment]:
    """What waits in dead-letter queues, and who may put something into queues."""
    shell, template = patient.ask.shell, patient.template
    feeds = dict(_redrives(patient))
    policies = {
        url: seen.properties["PolicyDocument"]
        for seen in template.of("AWS::SQS::QueuePolicy")
        for url in items(seen.properties.get("Queues"))
    }

    def ailing(seen: Seen, found: Mapping[str, str]) -> Iterator[Ailment]:
        arn = template.arn_of(seen.logical)
        if "DeadLetter" in seen.logical:
            waiting = int(found.get("ApproximateNumberOfMessages", 0))
            waiting += int(found.get("ApproximateNumberOfMessagesNotVisible", 0))
            yield from things.of_dead_letters(seen, arn, waiting, feeds.get(arn), shell)
        if wanted := policies.get(seen.physical):
            mend = shell.aws(
                *("sqs", "set-queue-attributes"),
                queue_url=seen.physical,
                attributes=json.dumps({"Policy": json.dumps(wanted)}),
            )
            present = json.loads(found.get("Policy") or "{}")
            yield from things.of_policy(arn, present, wanted, _MISSED, mend)

    yield from patient.each("AWS::SQS::Queue", "the queues", _MISSED, _queue, ailing)


def _queue(seen: Seen) -> Any:
    found = call("sqs", "GetQueueAttributes", QueueUrl=seen.physical, AttributeNames=["All"])
    return found.get("Attributes", {})


def _redrives(patient: Patient) -> Iterator[tuple[str, str]]:
    """A dead-letter queue's ARN, and that of the queue that it belongs to."""
    for seen in patient.template.of("AWS::SQS::Queue"):
        policy: Any = seen.properties.get("RedrivePolicy") or {}
        if dead := policy.get("deadLetterTargetArn"):
            yield dead, patient.template.arn_of(seen.logical)


def look_at_alarms(patient: Patient) -> Iterator[Ailment]:
    """Whether alarms can tell, and what they say."""
    wanted = [seen for seen in patient.template.of("AWS::CloudWatch::Alarm") if seen.physical]
    names = [seen.physical for seen in wanted]
    found = patient.ask.one(
        "the alarms",
        lambda: call("cloudwatch", "DescribeAlarms", AlarmNames=names)["MetricAlarms"],
    )
    if not isinstance(found, list):
        return
    present = {alarm["AlarmName"]: alarm for alarm in found}
    for seen in wanted:
        if alarm := present.get(seen.physical):
            yield from things.of_alarm(seen, alarm, patient.now, patient.ask.shell)
        else:
            yield things.gone(seen, "What it watched can fail unnoticed.")
