"""Every permission of every function is needed: without it the story fails and ops hear of it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from autopilot.aws.parts import PARTS

from demo import scenes
from demo.scenes import Network, build_network
from lab.client import Lab
from tests.end_to_end.owned import step_aside
from tests.end_to_end.permissions import UNSEEN, Permission, all_of, permissions, the, without
from tests.end_to_end.stage import Stage, allow_endpoints

ACCOUNT = "111111111111"
# Permissions that this story can't show to be missing, each with the reason.
SILENT = {
    **UNSEEN,
    "sns:GetTopicAttributes": "without it ops are told as if somebody listened (test_audience)",
    "servicequotas:GetServiceQuota": "asked only near the quota: shown in its own test below",
    "sqs:SendMessage": "dead letters: of asynchronous calls, which nobody makes; and of unreadable"
    " events, shown in its own test below",
    "sqs:ReceiveMessage": "reading the intake queue: shown in its own test below",
    "sqs:DeleteMessage": "the same",
    "sqs:GetQueueAttributes": "the same",
    "sqs:ChangeMessageVisibility": "CDK grants it to every reader of a queue; Lambda's event source"
    " mapping doesn't ask for it (Lambda guide, Amazon SQS)",
    "sqs:GetQueueUrl": "the same",
    "states:StartExecution": "intake's: shown in its own test below",
    "dynamodb:DeleteItem": "used when a finding is over: shown in its own test below",
}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A lab of its own: roles are crippled here."""
    # A task that its machine may not start is retried for minutes; here the waits are short.
    with Lab.start(accounts=(ACCOUNT,), env={"SFN_WAIT_SCALE": "0.05"}) as lab:
        allow_endpoints(lab, ACCOUNT, 1000)
        yield Stage(lab, ACCOUNT)


def story(stage: Stage, grown: Network) -> Mapping[str, Any]:
    """A new VPC wants endpoints, another one's endpoints a further table; look at both."""
    vpc = stage.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    scenes.add_table(stage.ec2, grown.vpc_id, "one more")
    ended = stage.run({"scope": {"vpc_ids": [vpc, grown.vpc_id]}})
    served = scenes.look(stage.ec2, vpc).serves(frozenset([scenes.main_table(stage.ec2, vpc)]))
    return {"status": ended["status"], "served": served, "cause": str(ended.get("cause"))}


def test_nothing_is_denied_and_each_permission_is_missed(stage: Stage) -> None:
    stage.lab.delivery(loss=1.0)
    grown = build_network(stage.ec2, "grown", tables=1)
    stage.sweep()
    stage.lab.clear_denials()
    assert story(stage, grown) == {"status": "SUCCEEDED", "served": True, "cause": "None"}
    stage.settle()
    assert not stage.lab.denials(), "with none taken out, no call to any service is denied"

    unmissed = []
    seen = [p for p in permissions(stage) if p.action not in SILENT and not notes_what_is_new(p)]
    assert len(seen) > 12, "the roles were found"
    for permission in seen:
        stage.begin()
        stage.lab.delivery(loss=1.0)
        with without(stage, permission):
            ended = story(stage, grown)
        if not missed(stage, permission, ended):
            unmissed.append(permission.words)
        stage.sweep()
    assert not unmissed


def notes_what_is_new(permission: Permission) -> bool:
    """Only a stack's network makes the planner write: shown in a test of its own below."""
    return permission.action == "dynamodb:PutItem" and "PlanNetwork" in permission.role


def test_a_planner_that_may_not_note_what_is_new_fails_and_says_so(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)
    vpc = stage.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    with without(stage, the(stage, "dynamodb:PutItem", "FunctionsPlanNetwork")):
        ended = stage.run({"scope": {"vpc_ids": [vpc]}, "made_by_stacks": [vpc]})
    assert ended["status"] == "FAILED"
    assert "dynamodb:PutItem" in str(ended["cause"])


def missed(stage: Stage, permission: Permission, ended: Mapping[str, Any]) -> bool:
    """Whether it shows: a notice names the action, or the execution failed and says it."""
    if "Record" in permission.role:
        # Nobody else could tell: the failed execution raises an alarm.
        return ended["status"] == "FAILED" and permission.action in ended["cause"]
    action = permission.action
    return any(
        action in json.dumps(m)
        for kind in ("WorkflowFailed", "ChangeFailed")
        for m in stage.of_kind(kind)
    )


def test_each_permission_of_stepping_aside_is_missed(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)
    stage.lab.clear_denials()
    assert step_aside(stage)["type"] == "WaitStateEntered"
    assert not stage.lab.denials()
    told = [m for m in stage.of_kind("SteppedAside") for _ in m["subjects"]]
    assert len(told) == 5, "two endpoints' routes, a group, a subnet and somebody's group"

    unmissed = []
    seen = [
        p
        for step in ("Plan", "Apply")
        for p in permissions(stage, f"RemovalFunctions{step}Withdrawal")
        if p.action not in SILENT
    ]
    assert len(seen) > 12, "the roles were found"
    for permission in seen:
        stage.begin()
        stage.lab.delivery(loss=1.0)
        with without(stage, permission):
            step_aside(stage)
        told = stage.of_kind("WorkflowFailed") + stage.of_kind("WithdrawalFailed")
        if permission.action not in json.dumps(told):
            unmissed.append(permission.words)
        # What failed once is told once a day: here each missing one is news of its own.
        forget_findings(stage)
    stage.sweep()  # the VPCs made here get what else they want, now and not in the next story
    assert not unmissed


def test_the_network_is_looked_at_again_once_the_time_is_over(stage: Stage) -> None:
    """Waits are short here; what the look puts back is shown where the ledger's time is over."""
    stage.begin()
    stage.lab.delivery(loss=1.0)
    assert step_aside(stage)["type"] == "WaitStateEntered"
    started = scenes.wait_until(
        lambda: [e for e in stage.executions() if e["name"].startswith("network-back-")],
        bool,
        "a look at the network",
        seconds=120,
    )
    asked = stage.states.describe_execution(executionArn=started[0]["executionArn"])["input"]
    assert json.loads(asked)["trigger"] == "event"
    assert len(json.loads(asked)["scope"]["vpc_ids"]) == 2
    stage.sweep()


def forget_findings(stage: Stage) -> None:
    dynamodb = stage.lab.client("dynamodb", ACCOUNT)
    table = stage.lab.outputs(ACCOUNT)["LedgerTableName"]
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "finding"}},
    )
    for item in found["Items"]:
        key = {"pk": item["pk"], "sk": item["sk"]}
        dynamodb.delete_item(TableName=table, Key=key)


def test_forgetting_a_finding_that_is_over_takes_its_permission(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)
    stage.lab.fault("CreateVpcEndpoint", error="UnauthorizedOperation", times=2, account=ACCOUNT)
    network = build_network(stage.ec2, "failed once", tables=0)
    stage.sweep()
    stage.told("ChangeFailed", network.vpc_id)

    with without(stage, the(stage, "dynamodb:DeleteItem", "FunctionsRecord")):
        ended = stage.run({})
    assert ended["status"] == "FAILED"
    assert "dynamodb:DeleteItem" in str(ended["cause"])
    assert stage.run({})["status"] == "SUCCEEDED"


def test_events_that_intake_may_not_serve_end_among_the_dead_letters(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery()
    outputs, sqs = stage.lab.outputs(ACCOUNT), stage.lab.client("sqs", ACCOUNT)
    dead = outputs["IntakeDeadLetterQueueUrl"]
    with ExitStack() as crippled:
        crippled.enter_context(tried_each_second(sqs, outputs["IntakeQueueUrl"]))
        # A statement for each workflow: an event may ask for any.
        for permission in all_of(stage, "states:StartExecution", "FunctionsIntake"):
            crippled.enter_context(without(stage, permission))
        vpc = stage.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        scenes.wait_until(
            lambda: sqs.receive_message(
                QueueUrl=dead, MaxNumberOfMessages=10, VisibilityTimeout=0
            ).get("Messages", []),
            lambda letters: any(vpc in letter["Body"] for letter in letters),
            "the event among the dead letters",
        )
    sqs.purge_queue(QueueUrl=dead)
    assert not scenes.look(stage.ec2, vpc).endpoints
    stage.sweep()
    assert len(scenes.look(stage.ec2, vpc).endpoints) == 2


@contextmanager
def tried_each_second(sqs: Any, queue: str) -> Iterator[None]:
    """Five tries of an event, three minutes apart: meanwhile one second."""
    usual = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    yield
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=usual["Attributes"])


def test_a_quota_that_may_not_be_read_is_the_default_and_ops_hear_why(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)
    off = [{"ResourceType": "vpc", "Tags": [{"Key": "endpoint-autopilot", "Value": "off"}]}]
    vpc = stage.ec2.create_vpc(CidrBlock="10.6.0.0/16", TagSpecifications=off)["Vpc"]["VpcId"]
    made = [
        stage.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")
        for _ in range(20)
    ]
    with without(stage, the(stage, "servicequotas:GetServiceQuota", "FunctionsPlanNetwork")):
        build_network(stage.ec2, "one too many", tables=0)
        assert stage.sweep()["status"] == "SUCCEEDED"
        told = stage.told("QuotaReached")
    assert "servicequotas:GetServiceQuota" in json.dumps(told)
    ids = [each["VpcEndpoint"]["VpcEndpointId"] for each in made]
    assert stage.ec2.delete_vpc_endpoints(VpcEndpointIds=ids)["Unsuccessful"] == []
    stage.sweep()


def test_a_machine_that_may_not_start_its_functions_fails_and_says_so(stage: Stage) -> None:
    stage.begin()
    machine = stage.states.describe_state_machine(stateMachineArn=stage.workflow)
    role = machine["roleArn"].rsplit("/", 1)[-1].removeprefix("EndpointAutopilot-")
    with without(stage, the(stage, "lambda:InvokeFunction", role)):
        ended = stage.run({})
    assert ended["status"] == "FAILED"
    assert "lambda:InvokeFunction" in str(ended["cause"])


@pytest.mark.parametrize(
    "action", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
)
def test_a_queue_that_intake_may_not_read_is_read_when_it_may_again(
    stage: Stage, action: str
) -> None:
    stage.begin()
    stage.lab.delivery()
    stage.lab.clear_denials()
    with without(stage, the(stage, action, "FunctionsIntake")):
        vpc = stage.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        scenes.wait_until(lambda: stage.lab.denials(action=action), bool, "a denial")
        # Its age raises the alarm IntakeDelay after a quarter of an hour.
        assert stage.waiting() == 1
        assert not stage.executions()
    scenes.wait_until(
        lambda: scenes.look(stage.ec2, vpc).endpoints, lambda e: len(e) == 2, "the endpoints"
    )


def test_a_sweep_that_may_not_start_ends_among_the_dead_letters(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)
    scheduler, sqs = (stage.lab.client(name, ACCOUNT) for name in ("scheduler", "sqs"))
    listed = next(s for s in scheduler.list_schedules()["Schedules"] if "Sweep" in s["Name"])
    schedule = scheduler.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
    target = schedule["Target"]
    dead = sqs.get_queue_url(QueueName=target["DeadLetterConfig"]["Arn"].rpartition(":")[2])
    role = target["RoleArn"].rpartition("/")[2].removeprefix("EndpointAutopilot-")
    with without(stage, the(stage, "states:StartExecution", role)):
        # The very schedule, but now: a copy of it that is due.
        scheduler.create_schedule(
            Name="now",
            ScheduleExpression="at(2020-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
        )
        (letter,) = scenes.wait_until(
            lambda: sqs.receive_message(QueueUrl=dead["QueueUrl"]).get("Messages", []),
            bool,
            "the start among the dead letters",
        )
    assert json.loads(letter["Body"]) == {"trigger": "sweep"}
    assert not stage.executions()


# Of the dashboard's functions: what this story can't show to be missing.
UNSHOWN = {
    **UNSEEN,
    "ec2:DescribeVpcEndpointServices": "asked only for what a profile wants, and here is none",
}
_FACES = ("Show", "Press")
PRESSED = {
    "answer": "accept",
    "endpoint_id": "vpce-0a",
    "widgetContext": {"forms": {"all": {"by": "alice", "reason": "known"}}},
}


def dashboard(stage: Stage) -> str:
    """What all parts of the widget say, and a button."""
    functions = stage.lab.client("lambda", ACCOUNT)
    found = [
        str(each["FunctionName"])
        for page in functions.get_paginator("list_functions").paginate()
        for each in page["Functions"]
    ]
    show, press = (next(f for f in found if f"Functions{name}Func" in f) for name in _FACES)
    asked = [*((show, {"part": part}) for part in PARTS), (press, PRESSED)]
    said = (
        functions.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"].read().decode()
        for name, event in asked
    )
    return html.unescape("".join(map(json.loads, said)))


def test_each_permission_of_the_dashboard_is_named_in_its_widget_when_it_is_missing(
    stage: Stage,
) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)
    # A VPC without routes: whether it is busy is asked; an interface endpoint: what went through.
    vpc = stage.ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    subnet = stage.ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.0.0/24")["Subnet"]["SubnetId"]
    made = stage.ec2.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName="com.amazonaws.us-east-1.logs",
        PrivateDnsEnabled=False,
        SubnetIds=[subnet],
    )["VpcEndpoint"]["VpcEndpointId"]
    stage.lab.clear_denials()
    assert "Couldn't read" not in dashboard(stage)
    assert not stage.lab.denials()

    seen = [p for p in permissions(stage, "DashboardFunctions") if p.action not in UNSHOWN]
    assert len(seen) >= 10, "the roles were found"
    unmissed = []
    for permission in seen:
        with without(stage, permission):
            if permission.action not in dashboard(stage):
                unmissed.append(permission.words)
    stage.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    stage.sweep()
    assert not unmissed
