"""AWS throttles, denies and hands out nonsense: it is done by retry, told, or put aside."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from demo import scenes
from demo.scenes import build_network
from tests.end_to_end.stage import Stage


def test_a_throttled_creation_is_done_by_retry(stage: Stage) -> None:
    stage.lab.fault(
        "CreateVpcEndpoint", error="RequestLimitExceeded", times=2, account=stage.account
    )
    network = build_network(stage.ec2, "throttled", tables=1)

    stage.served(network)
    stage.settle()

    errors = [c["error"] for c in stage.our_calls(changes=True)]
    assert errors.count("RequestLimitExceeded") == 2
    assert len(scenes.look(stage.ec2, network.vpc_id).endpoints) == 2
    assert not stage.of_kind("ChangeFailed", network.vpc_id)


def test_a_denied_creation_is_told_with_the_action_and_heals_when_allowed(stage: Stage) -> None:
    stage.lab.fault(
        "CreateVpcEndpoint", error="UnauthorizedOperation", times=2, account=stage.account
    )
    network = build_network(stage.ec2, "denied", tables=1)

    told = stage.told("ChangeFailed", network.vpc_id)
    assert told["severity"] == "failure"
    assert "ec2:CreateVpcEndpoint" in json.dumps(told)
    stage.settle()
    assert not scenes.look(stage.ec2, network.vpc_id).endpoints

    stage.sweep()
    assert scenes.look(stage.ec2, network.vpc_id).serves(network.all_tables)


def test_a_denied_survey_is_told_and_fails_the_execution(stage: Stage) -> None:
    stage.lab.fault(
        "DescribeRouteTables", error="UnauthorizedOperation", times=1, account=stage.account
    )
    assert stage.run({})["status"] == "FAILED"
    told = stage.told("WorkflowFailed")
    assert told["severity"] == "failure"
    assert "ec2:DescribeRouteTables" in json.dumps(told)


def test_an_execution_that_somebody_stops_is_told_and_a_failure_only_once(stage: Stage) -> None:
    stage.sweep()  # what another story broke is over
    stage.lab.fault(
        "DescribeRouteTables", error="UnauthorizedOperation", times=1, account=stage.account
    )
    assert stage.run({})["status"] == "FAILED"
    stage.lab.fault("DescribeVpcs", delay_seconds=5, account=stage.account)
    running = stage.states.start_execution(stateMachineArn=stage.workflow, input="{}")
    stage.states.stop_execution(executionArn=running["executionArn"])

    told = stage.told("WorkflowFailed", running["executionArn"])
    assert told["title"].endswith("Aborted")
    opened = [m for m in stage.of_kind("WorkflowFailed") if m["change"] == "opened"]
    assert len(opened) == 2, "the failure before it, once, by its own workflow"
    assert stage.sweep()["status"] == "SUCCEEDED"
    over = [m for m in stage.of_kind("WorkflowFailed") if m["change"] == "resolved"]
    assert over, "an execution that goes well ends it"


def test_a_malformed_event_goes_to_the_dead_letters_alone(stage: Stage) -> None:
    outputs = stage.lab.outputs(stage.account)
    sqs = stage.lab.client("sqs", stage.account)
    networks = [build_network(stage.ec2, f"good-{i}", tables=0) for i in range(9)]
    sqs.send_message(QueueUrl=outputs["IntakeQueueUrl"], MessageBody='{"detail": {"eventName": 7}}')

    for network in networks:
        stage.served(network, within=60)
    dead = scenes.wait_until(
        lambda: sqs.receive_message(
            QueueUrl=outputs["IntakeDeadLetterQueueUrl"],
            MessageAttributeNames=["All"],
            VisibilityTimeout=0,
        ).get("Messages", []),
        bool,
        "the malformed event among the dead letters",
        seconds=30,
    )
    assert [m["Body"] for m in dead] == ['{"detail": {"eventName": 7}}']
    assert dead[0]["MessageAttributes"]["reason"]["StringValue"]

    name = outputs["IntakeDeadLetterQueueUrl"].rsplit("/", 1)[-1]
    cloudwatch = stage.lab.client("cloudwatch", stage.account)
    alarms = [
        a
        for a in cloudwatch.describe_alarms()["MetricAlarms"]
        if {"Name": "QueueName", "Value": name} in a.get("Dimensions", [])
    ]
    assert alarms, "an alarm watches the dead letters"

    def depth() -> float:
        points = cloudwatch.get_metric_statistics(
            Namespace=alarms[0]["Namespace"],
            MetricName=alarms[0]["MetricName"],
            Dimensions=alarms[0]["Dimensions"],
            StartTime=datetime.now(UTC) - timedelta(minutes=10),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return max((p["Maximum"] for p in points), default=0.0)

    scenes.wait_until(depth, lambda d: d >= 1, "the alarm's metric moves", seconds=30)
    sqs.purge_queue(QueueUrl=outputs["IntakeDeadLetterQueueUrl"])
