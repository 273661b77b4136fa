"""Calls whose answer never comes, comes in pieces, or is an error of a service of MiniStack's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from lab.client import Lab

ONE = "111111111111"
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"}, read_timeout=1)


@pytest.fixture
def ec2(lab: Lab) -> Any:
    return lab.session().client("ec2", config=ONCE)


def _vpcs(ec2: Any, block: str) -> int:
    found = ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [block]}])
    return len(found["Vpcs"])


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize(
    ("kind", "seen"), [("reset", ConnectionClosedError), ("timeout", ReadTimeoutError)]
)
def test_an_answer_never_comes(
    lab: Lab, ec2: Any, kind: str, seen: type[Exception], carried_out: bool
) -> None:
    block = f"10.{101 + 2 * carried_out + (kind == 'reset')}.0.0/16"
    lab.fault("CreateVpc", kind=kind, carried_out=carried_out)
    with pytest.raises(seen):
        ec2.create_vpc(CidrBlock=block)
    assert _vpcs(ec2, block) == carried_out
    (call,) = lab.calls(operation="CreateVpc")
    assert call["parameters"] == {"CidrBlock": block}
    assert call["error"] == (None if carried_out else kind)


def test_a_connection_is_reset_at_once_or_after_the_delay(lab: Lab, ec2: Any) -> None:
    lab.fault("DescribeVpcs", kind="reset", delay_seconds=0.4)
    begun = time.monotonic()
    with pytest.raises(ConnectionClosedError) as broken:
        ec2.describe_vpcs()
    assert 0.4 < time.monotonic() - begun < 0.95
    assert "reset" in str(broken.value.kwargs["error"]).lower()


def test_an_sdk_gets_through_a_reset_by_its_own_retry(lab: Lab) -> None:
    lab.fault("DescribeVpcs", kind="reset")
    lab.client("ec2").describe_vpcs()
    assert [call["error"] for call in lab.calls()] == ["reset", None]


def test_a_call_that_never_arrived_leaves_no_record_and_one_carried_out_does(lab: Lab) -> None:
    ec2 = lab.session().client("ec2", config=ONCE)
    queue = _trail(lab)
    for carried_out in (False, True):
        lab.fault("CreateVpc", kind="reset", carried_out=carried_out)
        with pytest.raises(ConnectionClosedError):
            ec2.create_vpc(CidrBlock=f"10.{120 + carried_out}.0.0/16")
    ec2.create_vpc(CidrBlock="10.122.0.0/16")
    events: list[dict[str, Any]] = []
    while len(events) < 2:
        got = lab.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)
        events += [json.loads(message["Body"])["detail"] for message in got["Messages"]]
    blocks = sorted(event["requestParameters"]["cidrBlock"] for event in events)
    assert blocks == ["10.121.0.0/16", "10.122.0.0/16"]
    assert all("errorCode" not in event for event in events)


def _trail(lab: Lab) -> str:
    name = f"bad-answers-{time.time_ns()}"
    let = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    let |= {"Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Policy": json.dumps({"Statement": [let]})}
    sqs = lab.client("sqs")
    queue = str(sqs.create_queue(QueueName=name, Attributes=policy)["QueueUrl"])
    pattern = json.dumps({"detail": {"eventName": ["CreateVpc"]}})
    lab.client("events").put_rule(Name=name, EventPattern=pattern)
    arn = f"arn:aws:sqs:us-east-1:{ONE}:{name}"
    lab.client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    return queue


def test_every_item_of_a_call_fails_and_the_call_succeeds(lab: Lab, ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.130.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")["VpcEndpoint"]
        for _ in range(2)
    ]
    ids = [endpoint["VpcEndpointId"] for endpoint in made]
    lab.fault("DeleteVpcEndpoints", kind="partial", error="InvalidState", message="not now")
    failed = ec2.delete_vpc_endpoints(VpcEndpointIds=ids)["Unsuccessful"]
    error = {"Code": "InvalidState", "Message": "not now"}
    assert failed == [{"Error": error, "ResourceId": each} for each in ids]
    assert len(ec2.describe_vpc_endpoints(VpcEndpointIds=ids)["VpcEndpoints"]) == 2
    assert ec2.delete_vpc_endpoints(VpcEndpointIds=ids)["Unsuccessful"] == []
    assert [call["error"] for call in lab.calls(operation="DeleteVpcEndpoints")] == [None, None]


Ask = Callable[[Any], Any]
#: service, operation, a call of it that works without anything being there, error, its status.
OTHERS: list[tuple[str, str, Ask, str, int]] = [
    ("sns", "ListTopics", lambda c: c.list_topics(), "Throttled", 429),
    ("sns", "ListTopics", lambda c: c.list_topics(), "InternalError", 500),
    ("sqs", "ListQueues", lambda c: c.list_queues(), "ServiceUnavailable", 503),
    (
        "dynamodb",
        "ListTables",
        lambda c: c.list_tables(),
        "ProvisionedThroughputExceededException",
        400,
    ),
    ("events", "ListRules", lambda c: c.list_rules(), "InternalException", 500),
    (
        "stepfunctions",
        "ListStateMachines",
        lambda c: c.list_state_machines(),
        "ThrottlingException",
        400,
    ),
    ("sts", "GetCallerIdentity", lambda c: c.get_caller_identity(), "AccessDenied", 403),
    ("organizations", "ListRoots", lambda c: c.list_roots(), "AccessDeniedException", 400),
    ("lambda", "ListFunctions", lambda c: c.list_functions(), "TooManyRequestsException", 429),
    ("lambda", "GetFunction", lambda c: c.get_function(FunctionName="x"), "ServiceException", 500),
    ("scheduler", "GetSchedule", lambda c: c.get_schedule(Name="x"), "ThrottlingException", 429),
    ("iam", "ListRoles", lambda c: c.list_roles(), "ServiceFailure", 500),
    ("kms", "ListKeys", lambda c: c.list_keys(), "KMSInternalException", 500),
    ("ssm", "DescribeParameters", lambda c: c.describe_parameters(), "InternalServerError", 500),
]


@pytest.mark.parametrize(("service", "operation", "ask", "code", "status"), OTHERS)
def test_a_fault_reaches_ministacks_services_in_their_own_words(
    lab: Lab, service: str, operation: str, ask: Ask, code: str, status: int
) -> None:
    client = lab.session().client(service, config=ONCE)
    lab.fault(operation, error=code, message="as planted")
    with pytest.raises(ClientError) as failed:
        ask(client)
    error, metadata = failed.value.response["Error"], failed.value.response["ResponseMetadata"]
    assert (error["Code"], error["Message"]) == (code, "as planted")
    assert metadata["HTTPStatusCode"] == status
    assert lab.faults() == []


def test_a_denial_by_ministacks_services_names_caller_and_action(lab: Lab) -> None:
    lab.fault("StartExecution", error="AccessDeniedException")
    machine = f"arn:aws:states:us-east-1:{ONE}:stateMachine:none"
    with pytest.raises(ClientError, match=f"{ONE}:root is not .* perform: states:StartExecution"):
        lab.client("stepfunctions").start_execution(stateMachineArn=machine)


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize(
    ("kind", "seen"), [("reset", ConnectionClosedError), ("timeout", ReadTimeoutError)]
)
def test_an_answer_of_ministacks_never_comes(
    lab: Lab, kind: str, seen: type[Exception], carried_out: bool
) -> None:
    sqs = lab.session().client("sqs", config=ONCE)
    name = f"lost-{kind}-{carried_out}"
    lab.fault("CreateQueue", kind=kind, carried_out=carried_out)
    with pytest.raises(seen):
        sqs.create_queue(QueueName=name)
    assert len(sqs.list_queues(QueueNamePrefix=name).get("QueueUrls", [])) == carried_out


def test_a_fault_of_ministacks_can_follow_what_was_carried_out_or_only_make_it_lag(
    lab: Lab,
) -> None:
    sns = lab.session().client("sns", config=ONCE)
    lab.fault("CreateTopic", error="InternalError", carried_out=True)
    with pytest.raises(ClientError, match="InternalError"):
        sns.create_topic(Name="made-all-the-same")
    lab.fault("ListTopics", delay_seconds=0.4)
    begun = time.monotonic()
    topics = json.dumps(sns.list_topics()["Topics"])
    assert time.monotonic() - begun > 0.4
    assert "made-all-the-same" in topics


def test_a_fault_for_another_account_service_or_operation_leaves_ministack_alone(lab: Lab) -> None:
    lab.fault("TagResource", error="X", service="sns")
    lab.fault("ListQueues", error="X", account="222222222222")
    lab.fault("ListQueues", error="X", principal=":role/")
    lab.client("sqs").list_queues()
    arn = lab.client("events").put_rule(Name="tagged", EventPattern='{"source": ["a"]}')["RuleArn"]
    lab.client("events").tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert len(lab.faults()) == 3
