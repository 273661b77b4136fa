"""A doctor finds what is planted, its commands mend it, and a healthy account is told so."""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from demo import scenes
from demo.privatelink import Service, publish
from lab.client import Lab
from tests.end_to_end.operator import autopilot
from tests.end_to_end.stage import Stage
from tests.infra import commands

ACCOUNT, MANAGEMENT = "111111111111", "999999999999"
EMAIL, SLOW = "netops@example.com", "slow@example.com"
NOWHERE = {"Version": "2012-10-17", "Statement": []}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A lab of its own: nothing of it is anybody else's, and nothing of it is amiss."""
    with Lab.start(accounts=(ACCOUNT,)) as lab:
        yield Stage(lab, ACCOUNT)


@pytest.fixture(autouse=True)
def _shell(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in commands.environment(stage.lab.url).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def service(stage: Stage) -> Service:
    """A service of whose connections the automation is notified."""
    made = publish(stage.lab, ACCOUNT, "examined")
    scenes.wait_until(made.notified, bool, "our notification is registered")
    stage.settle()
    return made


def examined(stage: Stage, **more: Any) -> tuple[dict[str, Any], int]:
    """What the doctor found, and the exit code."""
    done = autopilot(stage.lab, ACCOUNT, "doctor", "--json", **more)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == found["healthy"]
    return found, done.returncode


def kinds(found: dict[str, Any]) -> set[str]:
    return {each["kind"] for each in found["ailments"]}


def lasting(found: dict[str, Any]) -> set[str]:
    """The kinds but for alarms: the one on dead letters looks back over minutes."""
    return kinds(found) - {"alarm-on"}


def filled(said: Iterable[str]) -> list[str]:
    """Commands with what a person puts in."""
    return [each.replace("YOU@EXAMPLE.COM", EMAIL).replace("BUCKET", "b") for each in said]


def mend(stage: Stage, found: dict[str, Any]) -> set[str]:
    """Do what is said, the sweeps at last; the commands that ran, as `service operation`."""
    said = dict.fromkeys(command for each in found["ailments"] for command in each["mend"])
    ran = set()
    for command in said:
        if command.startswith("aws "):
            done = commands.run(*filled([command]))
            assert done.error == "", (command, done.said)
            ran.add(" ".join(commands.called(command)))
    confirm(stage, filled(said))
    for command in said:
        if command.startswith("./autopilot"):
            swept = autopilot(stage.lab, ACCOUNT, *shlex.split(command)[1:])
            assert swept.returncode == 0, (command, swept)
    return ran


def confirm(stage: Stage, ran: Iterable[str]) -> None:
    """Follow the links in the mails that commands have sent."""
    for address in (SLOW, EMAIL):
        if any(f"--notification-endpoint {address}" in command for command in ran):
            link = stage.lab.mails(to=address)[-1]["link"]
            urlopen(stage.lab.url + link).close()


@dataclass(frozen=True)
class World:
    """The account, for those who plant something in it."""

    lab: Lab

    def client(self, service: str) -> Any:
        return self.lab.client(service, ACCOUNT)

    def named(self, kind: str, part: str) -> str:
        """The stack's resource of a type whose logical id holds a part."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        (found,) = (
            each["PhysicalResourceId"]
            for page in pages.paginate(StackName="EndpointAutopilot")
            for each in page["StackResourceSummaries"]
            if each["ResourceType"] == kind and part in each["LogicalResourceId"]
        )
        return str(found)

    def role(self, part: str) -> str:
        return self.named("AWS::IAM::Role", part)

    def function(self, part: str) -> str:
        return self.named("AWS::Lambda::Function", part)


def stops_the_trail(world: World) -> None:
    world.client("cloudtrail").stop_logging(Name="management-events")


def an_address_that_never_confirms(world: World) -> None:
    topic = world.lab.outputs()["OpsTopicArn"]
    world.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=SLOW)


def filters_failures_out(world: World) -> None:
    sns, topic = world.client("sns"), world.lab.outputs()["OpsTopicArn"]
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        if each["SubscriptionArn"].startswith("arn:"):
            sns.set_subscription_attributes(
                SubscriptionArn=each["SubscriptionArn"],
                AttributeName="FilterPolicy",
                AttributeValue='{"severity": ["info"]}',
            )


def deletes_the_notification(world: World) -> None:
    ec2 = world.client("ec2")
    found = ec2.describe_vpc_endpoint_connection_notifications()["ConnectionNotificationSet"]
    ids = [each["ConnectionNotificationId"] for each in found]
    ec2.delete_vpc_endpoint_connection_notifications(ConnectionNotificationIds=ids)


def unsubscribes_the_relay(world: World) -> None:
    sns, topic = world.client("sns"), world.lab.outputs()["ConnectionTopicArn"]
    (each,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def lets_nobody_publish(world: World) -> None:
    topic = world.lab.outputs()["ConnectionTopicArn"]
    world.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(NOWHERE)
    )


def has_the_key_deleted(world: World) -> None:
    key = world.named("AWS::KMS::Key", "Ops")
    world.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def mutes_an_alarm(world: World) -> None:
    alarm = world.named("AWS::CloudWatch::Alarm", "IntakeDelay")
    world.client("cloudwatch").disable_alarm_actions(AlarmNames=[alarm])


def disables_a_rule(world: World) -> None:
    rule = world.named("AWS::Events::Rule", "TriggersNetworkChanges")
    world.client("events").disable_rule(Name=rule.rpartition("/")[2])


def takes_a_rules_target(world: World) -> None:
    rule = world.named("AWS::Events::Rule", "TriggersTagChanges").rpartition("/")[2]
    world.client("events").remove_targets(Rule=rule, Ids=["Target0"])


def disables_a_schedule(world: World) -> None:
    scheduler = world.client("scheduler")
    name = world.named("AWS::Scheduler::Schedule", "SweepServices")
    same = ("ScheduleExpression", "FlexibleTimeWindow", "Target")
    found = scheduler.get_schedule(Name=name)
    scheduler.update_schedule(Name=name, State="DISABLED", **{part: found[part] for part in same})


def stops_the_intake(world: World) -> None:
    mapping = world.named("AWS::Lambda::EventSourceMapping", "Intake")
    world.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)


def reserves_nothing_for_a_function(world: World) -> None:
    world.client("lambda").put_function_concurrency(
        FunctionName=world.function("PlanUninstall"), ReservedConcurrentExecutions=0
    )


def shortens_a_timeout(world: World) -> None:
    world.client("lambda").update_function_configuration(
        FunctionName=world.function("CheckZones"), Timeout=3
    )


def keeps_an_old_version(world: World) -> None:
    """One function still runs what an older checkout had."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("answer_hold.py", "def handler(event, context): return event\n")
    world.client("lambda").update_function_code(
        FunctionName=world.lab.outputs()["AnswerHoldFunctionName"], ZipFile=archive.getvalue()
    )


def forbids_a_function_to_be_run(world: World) -> None:
    lambda_, name = world.client("lambda"), world.function("RelayFunction")
    policy = json.loads(lambda_.get_policy(FunctionName=name)["Policy"])
    for each in policy["Statement"]:
        lambda_.remove_permission(FunctionName=name, StatementId=each["Sid"])


def deletes_a_log_group(world: World) -> None:
    world.client("logs").delete_log_group(
        logGroupName=world.named("AWS::Logs::LogGroup", "ShowLogs")
    )


def fails_an_execution(world: World) -> None:
    states, machine = world.client("stepfunctions"), world.lab.outputs()["ServicesWorkflowArn"]
    arn = states.start_execution(stateMachineArn=machine, input='{"trigger": 5}')["executionArn"]
    scenes.wait_until(
        lambda: states.describe_execution(executionArn=arn)["status"],
        lambda status: status == "FAILED",
        "it fails",
        seconds=60,
    )


def leaves_the_ledger_unprotected(world: World) -> None:
    world.client("dynamodb").update_continuous_backups(
        TableName=world.lab.outputs()["LedgerTableName"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


def takes_an_action_from_a_role(world: World) -> None:
    iam, role = world.client("iam"), world.role("ApplyNetwork")
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    left = [s for s in document["Statement"] if "ec2:CreateTags" not in s["Action"]]
    assert len(left) < len(document["Statement"])
    iam.put_role_policy(
        RoleName=role,
        PolicyName=policy,
        PolicyDocument=json.dumps({**document, "Statement": left}),
    )


def denies_a_role_something(world: World) -> None:
    deny = {"Effect": "Deny", "Action": "ec2:AcceptVpcEndpointConnections", "Resource": "*"}
    world.client("iam").put_role_policy(
        RoleName=world.role("AnswerConnections"),
        PolicyName="freeze",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )


def bounds_a_role(world: World) -> None:
    iam = world.client("iam")
    allow = {"Effect": "Allow", "NotAction": "ec2:Describe*", "Resource": "*"}
    boundary = iam.create_policy(
        PolicyName="boundary",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )["Policy"]["Arn"]
    role = world.role("PlanServices")
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)


def has_a_role_trust_nobody(world: World) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}
    world.client("iam").update_assume_role_policy(
        RoleName=world.role("WithdrawRole"),
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )


# What is planted, and as which kinds it is found.
DEFECTS: dict[Callable[[World], None], set[str]] = {
    fails_an_execution: {"execution-failed"},
    stops_the_trail: {"trail-stopped"},
    an_address_that_never_confirms: {"unconfirmed"},
    filters_failures_out: {"filtered"},
    deletes_the_notification: {"not-notified"},
    unsubscribes_the_relay: {"relay-unsubscribed"},
    lets_nobody_publish: {"resource-policy"},
    has_the_key_deleted: {"key-unusable"},
    mutes_an_alarm: {"alarm-muted"},
    disables_a_rule: {"rule-disabled"},
    takes_a_rules_target: {"rule-changed"},
    disables_a_schedule: {"schedule-disabled"},
    stops_the_intake: {"intake-off"},
    reserves_nothing_for_a_function: {"function-stopped"},
    shortens_a_timeout: {"function-changed"},
    keeps_an_old_version: {"stale-version", "function-changed"},
    forbids_a_function_to_be_run: {"invoke-denied"},
    deletes_a_log_group: {"no-logs"},
    leaves_the_ledger_unprotected: {"ledger-unprotected"},
    takes_an_action_from_a_role: {"role-policy"},
    denies_a_role_something: {"denied", "role-extra"},
    bounds_a_role: {"denied"},
    has_a_role_trust_nobody: {"role-trust"},
}


def test_a_healthy_account_is_told_so_and_each_planted_defect_is_found_and_mended(
    stage: Stage, service: Service
) -> None:
    assert service.notified()
    found, code = examined(stage)
    assert (found["ailments"], found["unchecked"], code) == ([], [], 0)

    for plant in DEFECTS:
        plant(World(stage.lab))
    found, code = examined(stage)
    assert code == 2
    assert kinds(found) == set().union(*DEFECTS.values())
    assert found["unchecked"] == []
    by = {each["kind"]: each for each in found["ailments"]}
    assert "ec2:CreateTags" in by["role-policy"]["what"]
    assert SLOW in by["unconfirmed"]["what"]
    assert "runs other code" in json.dumps(found)
    denied = [each["what"] for each in found["ailments"] if each["kind"] == "denied"]
    assert any("AcceptVpcEndpointConnections: the policy" in what for what in denied)
    assert any("permissions boundary" in what for what in denied)

    mend(stage, found)
    found, code = examined(stage)
    assert (found["ailments"], code) == ([], 0)
    dead_letters_are_found_read_and_sent_back(stage)


def dead_letters_are_found_read_and_sent_back(stage: Stage) -> None:
    sqs, queue = stage.lab.client("sqs"), stage.lab.outputs()["IntakeDeadLetterQueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    found, code = examined(stage)
    assert (code, lasting(found)) == (2, {"dead-letters"})
    assert {"sqs receive-message", "sqs start-message-move-task"} <= mend(stage, found)
    # It is no event: intake puts it aside again.
    scenes.wait_until(lambda: stacked(stage, queue), bool, "it is back", seconds=60)
    sqs.purge_queue(QueueUrl=queue)
    found, _ = examined(stage)
    assert lasting(found) == set()


def stacked(stage: Stage, queue: str) -> bool:
    """Whether the intake queue is empty, and a message lies in this one."""
    name = "ApproximateNumberOfMessages"
    asked = {"QueueUrl": queue, "AttributeNames": [name]}
    found = stage.lab.client("sqs").get_queue_attributes(**asked)["Attributes"]
    return stage.waiting() == 0 and found[name] == "1"


def test_what_stands_above_and_around_an_account_is_found(stage: Stage) -> None:
    lab, ec2 = stage.lab, stage.ec2
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    off = [{"Key": "endpoint-autopilot", "Value": "off"}]
    ec2.create_tags(Resources=[vpc], Tags=off)
    stage.settle()
    lab.join(ACCOUNT, MANAGEMENT)
    organizations = lab.client("organizations", MANAGEMENT)
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    deny = {"Effect": "Deny", "Action": "ec2:CreateVpcEndpoint", "Resource": "*"}
    policy = organizations.create_policy(
        Name="regions",
        Description="elsewhere",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Statement": [{**deny, "Condition": elsewhere}]}),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=ACCOUNT)
    lab.client("cloudtrail").delete_trail(Name="management-events")
    sns, topic = lab.client("sns"), lab.outputs()["OpsTopicArn"]
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    try:
        found, code = examined(stage)
    finally:
        organizations.detach_policy(PolicyId=policy, TargetId=ACCOUNT)
        lab.join(ACCOUNT, None)
    assert (code, lasting(found)) == (2, {"organization-denies", "no-trail", "nobody-listens"})
    above = [each for each in found["ailments"] if each["kind"] == "organization-denies"]
    assert {each["subject"] for each in above} == {ACCOUNT, "ec2:CreateVpcEndpoint"}
    assert "FunctionsApplyNetworkRole" in json.dumps(above), "whom it denies"
    mend(stage, found)
    found, _ = examined(stage)
    assert lasting(found) == set()


def test_another_policy_file_is_told(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("mode: audit\n")
    found, code = examined(stage, more={"POLICY": str(file)})
    assert (code, lasting(found)) == (2, {"stale-policy"})


def test_what_the_operator_may_not_see_counts_as_nothing(stage: Stage) -> None:
    iam = stage.lab.client("iam")
    iam.create_user(UserName="newcomer")
    may = ("cloudformation:*", "lambda:*", "events:*", "sqs:*")
    allow = {"Effect": "Allow", "Action": may, "Resource": "*"}
    iam.put_user_policy(
        UserName="newcomer",
        PolicyName="look",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    key = iam.create_access_key(UserName="newcomer")["AccessKey"]
    their = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    found, code = examined(stage, more=their)
    assert (code, found["ailments"], found["healthy"]) == (1, [], False)
    needs = {each["needs"] for each in found["unchecked"]}
    assert {"cloudtrail:DescribeTrails", "iam:SimulatePrincipalPolicy", "iam:GetRole"} <= needs
