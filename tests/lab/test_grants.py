"""What AWS's services may do by themselves: policies of queues, topics, keys and roles."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, wait_until

ONE, TWO = "111111111111", "222222222222"
EVENTS, ALARMS, STATES = "events.amazonaws.com", "cloudwatch.amazonaws.com", "states.amazonaws.com"
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.fixture(scope="module")
def one() -> Iterator[Lab]:
    with Lab.start(accounts=(ONE,), deploy=False) as running:
        yield running


@pytest.fixture
def lab(one: Lab) -> Lab:
    one.clear_denials()
    return one


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def lets_in(service: str, action: str | list[str], **conditions: Any) -> dict[str, Any]:
    granted = {**allow(action), "Principal": {"Service": service}}
    return {**granted, "Condition": conditions} if conditions else granted


def queue(lab: Lab, *statements: dict[str, Any]) -> tuple[str, str]:
    """A queue's URL and ARN."""
    sqs = lab.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    if statements:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text(*statements)})
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, asked["Attributes"]["QueueArn"]


def arrived(lab: Lab, url: str, seconds: float = 5) -> list[str]:
    got = lab.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=int(seconds))
    return [message["Body"] for message in got.get("Messages", [])]


def topic(lab: Lab, *statements: dict[str, Any], key: str | None = None) -> tuple[str, str]:
    """A topic's ARN, and the URL of a queue that hears all that it says."""
    url, arn = queue(lab, lets_in("sns.amazonaws.com", "sqs:SendMessage"), TLS_ONLY)
    sns = lab.client("sns")
    attributes = {"KmsMasterKeyId": key} if key else {}
    made = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}", Attributes=attributes)["TopicArn"]
    if statements:
        policy = text(*statements)
        sns.set_topic_attributes(TopicArn=made, AttributeName="Policy", AttributeValue=policy)
    sns.subscribe(TopicArn=made, Protocol="sqs", Endpoint=arn)
    return made, url


def role(lab: Lab, trusted: dict[str, Any], *statements: dict[str, Any], account: str = ONE) -> str:
    iam, name = lab.client("iam", account), f"r-{uuid.uuid4().hex[:12]}"
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text(*statements))
    return str(arn)


def acting(lab: Lab, service: str, arn: str, account: str = ONE) -> Any:
    """A client that acts as a role."""
    sts = lab.client("sts", account)
    given = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return boto3.client(
        service,
        endpoint_url=lab.url,
        region_name=lab.region,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def rule(lab: Lab, source: str, **target: Any) -> str:
    events, name = lab.client("events"), f"rule-{uuid.uuid4().hex[:12]}"
    pattern = json.dumps({"source": [source]})
    arn = events.put_rule(Name=name, EventPattern=pattern)["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "1", **target}])
    return str(arn)


def put(lab: Lab, source: str) -> None:
    lab.client("events").put_events(
        Entries=[{"Source": source, "DetailType": "a test", "Detail": json.dumps({"of": source})}]
    )


def test_a_rule_delivers_to_a_queue_only_if_the_queues_policy_lets_it(lab: Lab) -> None:
    closed, closed_arn = queue(lab)
    dead, dead_arn = queue(lab, lets_in(EVENTS, "sqs:SendMessage"))
    rule(lab, "shut.out", Arn=closed_arn, DeadLetterConfig={"Arn": dead_arn})
    put(lab, "shut.out")
    assert arrived(lab, dead)
    assert not arrived(lab, closed, 0)
    (denied,) = lab.denials(action="sqs:SendMessage")
    assert (denied["principal"], denied["resource"]) == (EVENTS, closed_arn)
    assert "no resource-based policy allows the sqs:SendMessage action" in denied["why"]


def test_a_queues_policy_may_let_in_one_rule_alone_over_tls(lab: Lab) -> None:
    url, arn = queue(lab)
    mine = rule(lab, "mine", Arn=arn)
    rule(lab, "other", Arn=arn)
    only = lets_in(EVENTS, "sqs:SendMessage", ArnEquals={"aws:SourceArn": mine})
    lab.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": text(only, TLS_ONLY)}
    )
    put(lab, "other")
    put(lab, "mine")
    (body,) = arrived(lab, url)
    assert json.loads(body)["detail"] == {"of": "mine"}
    assert len(lab.denials()) == 1


def test_what_aws_does_by_itself_counts_as_tls(lab: Lab) -> None:
    told, heard = topic(lab, lets_in(EVENTS, "sns:Publish"), TLS_ONLY)
    rule(lab, "aws.ec2", Arn=told)
    lab.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert arrived(lab, heard)
    assert not lab.denials()


def alarm(lab: Lab, topic_arn: str) -> None:
    """An alarm that goes off at once."""
    cloudwatch, name = lab.client("cloudwatch"), f"a-{uuid.uuid4().hex[:12]}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmActions=[topic_arn],
        Namespace="Test",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")


def test_an_alarm_publishes_to_a_topic_of_its_account_unless_the_policy_names_others(
    lab: Lab,
) -> None:
    default, heard = topic(lab)
    alarm(lab, default)
    assert arrived(lab, heard)
    others, unheard = topic(lab, lets_in(EVENTS, "sns:Publish"))
    alarm(lab, others)
    assert not arrived(lab, unheard, 1)
    assert [d["principal"] for d in lab.denials()] == [ALARMS]
    named, heard = topic(lab, lets_in(ALARMS, "sns:Publish"), TLS_ONLY)
    alarm(lab, named)
    assert arrived(lab, heard)


ROOT = {"Sid": "root", **allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{ONE}:root"}}
USE = ["kms:Decrypt", "kms:GenerateDataKey"]


@pytest.mark.parametrize("lets", [True, False])
def test_an_alarm_needs_the_key_of_an_encrypted_topic(lab: Lab, lets: bool) -> None:
    policy = text(ROOT, *([lets_in(ALARMS, USE)] if lets else []))
    key = lab.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    encrypted, heard = topic(lab, key=key)
    alarm(lab, encrypted)
    assert bool(arrived(lab, heard, 5 if lets else 1)) is lets
    assert [d["action"] for d in lab.denials()] == ([] if lets else ["kms:GenerateDataKey"])


@pytest.mark.parametrize("missing", [*USE, None])
def test_a_role_needs_the_key_of_an_encrypted_topic(lab: Lab, missing: str | None) -> None:
    key = lab.client("kms").create_key(Policy=text(ROOT))["KeyMetadata"]["Arn"]
    encrypted, _ = topic(lab, key=key)
    may = [each for each in ["sns:Publish", *USE] if each != missing]
    sns = acting(lab, "sns", role(lab, {"AWS": ONE}, allow(may)))
    if missing is None:
        sns.publish(TopicArn=encrypted, Message="hello")
        return
    with pytest.raises(ClientError, match=f"KMSAccessDenied.*perform: {missing} on resource"):
        sns.publish(TopicArn=encrypted, Message="hello")
    assert [d["action"] for d in lab.denials()] == [missing]


def machine(lab: Lab, role_arn: str) -> str:
    tasks = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    made = lab.client("stepfunctions").create_state_machine(
        name=f"m-{uuid.uuid4().hex[:12]}", definition=json.dumps(tasks), roleArn=role_arn
    )
    return str(made["stateMachineArn"])


@pytest.mark.parametrize("trusted", [STATES, EVENTS])
def test_a_state_machines_role_has_to_trust_step_functions(lab: Lab, trusted: str) -> None:
    inner = machine(lab, role(lab, {"Service": STATES}, allow("states:*")))
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": inner},
        "End": True,
    }
    states = lab.client("stepfunctions")
    outer = states.create_state_machine(
        name=f"m-{uuid.uuid4().hex[:12]}",
        definition=json.dumps({"StartAt": "Start", "States": {"Start": start}}),
        roleArn=role(lab, {"Service": trusted}, allow("states:StartExecution", inner)),
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=outer)["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found = wait_until(ended, 10, "the end of the execution")
    assert found["status"] == ("SUCCEEDED" if trusted == STATES else "FAILED")
    assert ("sts:AssumeRole" in found.get("cause", "")) is (trusted != STATES)


@pytest.mark.parametrize("trusted", ["scheduler.amazonaws.com", EVENTS])
def test_a_schedules_role_has_to_trust_the_scheduler(lab: Lab, trusted: str) -> None:
    started = machine(lab, role(lab, {"Service": STATES}, allow("states:*")))
    dead, dead_arn = queue(lab)
    may = (allow("states:StartExecution", started), allow("sqs:SendMessage", dead_arn))
    lab.client("scheduler").create_schedule(
        Name=f"s-{uuid.uuid4().hex[:12]}",
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": started,
            "RoleArn": role(lab, {"Service": trusted}, *may),
            "Input": "{}",
            "DeadLetterConfig": {"Arn": dead_arn},
        },
    )
    states = lab.client("stepfunctions")

    def seen() -> Any:
        executions = states.list_executions(stateMachineArn=started)["executions"]
        return ("started" if executions else None) or ("dead" if arrived(lab, dead, 0) else None)

    assert wait_until(seen, 25, "a trace") == ("dead" if trusted == EVENTS else "started")


def test_members_of_an_organization_are_known_as_such(lab: Lab) -> None:
    organizations = lab.client("organizations")
    of = organizations.describe_organization()["Organization"]["Id"]
    made = organizations.create_account(Email="a@example.com", AccountName="a")
    member = made["CreateAccountStatus"]["AccountId"]
    of_ours = {"StringEquals": {"aws:PrincipalOrgID": of}}
    may = allow("ec2:DescribeVpcs", Condition=of_ours)
    for account, allowed in ((member, True), (TWO, False)):
        ec2 = acting(lab, "ec2", role(lab, {"AWS": account}, may, account=account), account)
        if allowed:
            ec2.describe_vpcs()
            continue
        with pytest.raises(ClientError, match="UnauthorizedOperation"):
            ec2.describe_vpcs()
    url, _ = queue(lab, {**allow("sqs:SendMessage", Condition=of_ours), "Principal": "*"})
    send = allow("sqs:SendMessage")
    sqs = acting(lab, "sqs", role(lab, {"AWS": member}, send, account=member), member)
    sqs.send_message(QueueUrl=url, MessageBody="from a member")
    stranger = acting(lab, "sqs", role(lab, {"AWS": TWO}, send, account=TWO), TWO)
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.send_message(QueueUrl=url, MessageBody="from a stranger")
