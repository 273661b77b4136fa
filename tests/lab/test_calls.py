"""Who calls, what is recorded of it, and what faults do to it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lab.client import Lab, LabError, wait_until

ONE, TWO = "111111111111", "222222222222"
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def ec2(lab: Lab) -> Any:
    return lab.session(ONE).client("ec2", config=ONCE)


def failure(call: Callable[[], object]) -> tuple[str, int, str]:
    """Return the code, the status and the message with which a call fails."""
    with pytest.raises(ClientError) as failed:
        call()
    answer: Any = failed.value.response
    error = answer["Error"]
    return error["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], error["Message"]


def trail(lab: Lab, account: str, count: int, seconds: float = 10) -> list[dict[str, Any]]:
    """Wait for `count` CloudTrail events of the lab in the queue that the small app made."""
    sqs, url = lab.client("sqs", account), lab.outputs(account)["TrailUrl"]
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        for message in received.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
        return len(found) >= count

    wait_until(enough, seconds, f"{count} CloudTrail events, there were {len(found)}")
    return found


@pytest.fixture(autouse=True)
def empty_trails(request: pytest.FixtureRequest) -> None:
    if "lab" in request.fixturenames:
        lab: Lab = request.getfixturevalue("lab")
        time.sleep(0.1)
        for account in (ONE, TWO):
            url = lab.outputs(account)["TrailUrl"]
            lab.client("sqs", account).purge_queue(QueueUrl=url)


def test_a_twelve_digit_key_is_the_account(lab: Lab) -> None:
    for account in (ONE, TWO):
        lab.client("ec2", account).describe_vpcs()
    assert [(call["account"], call["principal"]) for call in lab.calls()] == [
        (ONE, f"arn:aws:iam::{ONE}:root"),
        (TWO, f"arn:aws:iam::{TWO}:root"),
    ]


def test_an_assumed_role_counts_as_the_role(lab: Lab) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = lab.client("iam", TWO).create_role(
        RoleName=f"reader-{time.time_ns()}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]
    allow = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}
    lab.client("iam", TWO).put_role_policy(
        RoleName=role["RoleName"],
        PolicyName="look",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    sts = lab.client("sts", ONE)
    given = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="me")["Credentials"]
    lab.session().client(
        "ec2",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    ).describe_vpcs()
    (call,) = lab.calls()
    assert (call["account"], call["principal"], call["session"]) == (TWO, role["Arn"], "me")


def test_a_key_that_nobody_owns_is_refused(lab: Lab) -> None:
    stranger = lab.session("AKIAIOSFODNN7EXAMPLE").client("ec2", config=ONCE)
    assert failure(stranger.describe_vpcs)[:2] == ("AuthFailure", 401)


def test_records_what_was_asked_and_how_it_went(lab: Lab, ec2: Any) -> None:
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    lab.fault("CreateVpc", error="VpcLimitExceeded")
    failure(lambda: ec2.create_vpc(CidrBlock="10.1.0.0/16"))
    calls = lab.calls(operation="CreateVpc")
    assert [(call["parameters"]["CidrBlock"], call["error"]) for call in calls] == [
        ("10.0.0.0/16", None),
        ("10.1.0.0/16", "VpcLimitExceeded"),
    ]
    assert {call["service"] for call in calls} == {"ec2"}
    assert calls[0]["time"] < calls[1]["time"]
    assert lab.calls(error="VpcLimitExceeded") == calls[1:]


def test_forgets_calls(lab: Lab, ec2: Any) -> None:
    ec2.describe_vpcs()
    lab.clear_calls()
    assert lab.calls() == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("RequestLimitExceeded", 503),
        ("InternalError", 500),
        ("UnauthorizedOperation", 403),
        ("RouteAlreadyExists", 400),
    ],
)
def test_a_fault_fails_the_next_call_with_its_code(
    lab: Lab, ec2: Any, code: str, status: int
) -> None:
    lab.fault("DescribeVpcs", error=code)
    assert failure(ec2.describe_vpcs)[:2] == (code, status)
    ec2.describe_vpcs()
    assert lab.faults() == []


def test_a_fault_reaches_load_balancing_and_quotas_in_their_own_words(lab: Lab) -> None:
    session = lab.session()
    lab.fault("DescribeLoadBalancers", error="Throttling")
    balancers = session.client("elbv2", config=ONCE)
    assert failure(balancers.describe_load_balancers)[:2] == ("Throttling", 400)
    lab.fault("GetServiceQuota", error="TooManyRequestsException", message="slow down")
    quotas = session.client("service-quotas", config=ONCE)
    ask = {"ServiceCode": "vpc", "QuotaCode": "L-1B52E74A"}
    assert failure(lambda: quotas.get_service_quota(**ask)) == (
        "TooManyRequestsException",
        400,
        "slow down",
    )


def test_a_denial_names_who_may_not_do_what(lab: Lab, ec2: Any) -> None:
    lab.fault("DescribeVpcs", error="UnauthorizedOperation")
    assert failure(ec2.describe_vpcs)[2] == (
        "You are not authorized to perform this operation. "
        f"User: arn:aws:iam::{ONE}:root is not authorized to perform: ec2:DescribeVpcs "
        "because no identity-based policy allows the ec2:DescribeVpcs action"
    )


def test_a_fault_makes_the_next_call_lag(lab: Lab, ec2: Any) -> None:
    ec2.describe_vpcs()
    lab.fault("DescribeVpcs", delay_seconds=0.6)
    begun = time.monotonic()
    ec2.describe_vpcs()
    assert 0.6 < time.monotonic() - begun < 3
    assert lab.calls()[-1]["error"] is None


def test_a_fault_can_lose_the_answer_of_a_call_that_was_carried_out(lab: Lab, ec2: Any) -> None:
    before = len(ec2.describe_vpcs()["Vpcs"])
    lab.fault("CreateVpc", error="InternalError", carried_out=True)
    assert failure(lambda: ec2.create_vpc(CidrBlock="10.9.0.0/16"))[0] == "InternalError"
    assert len(ec2.describe_vpcs()["Vpcs"]) == before + 1


def test_a_fault_leaves_other_accounts_alone(lab: Lab, ec2: Any) -> None:
    lab.fault("DescribeVpcs", error="InternalError", account=TWO)
    ec2.describe_vpcs()
    other = lab.session(TWO).client("ec2", config=ONCE)
    assert failure(other.describe_vpcs)[0] == "InternalError"


def test_a_change_is_told_on_the_bus_of_its_account(lab: Lab) -> None:
    vpc = lab.client("ec2", TWO).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    (event,) = trail(lab, TWO, 1)
    assert (event["source"], event["account"]) == ("aws.ec2", TWO)
    assert event["detail"]["eventName"] == "CreateVpc"
    assert vpc in json.dumps(event["detail"])


def test_a_failed_change_is_told_with_its_error(lab: Lab, ec2: Any) -> None:
    lab.fault("CreateVpc", error="VpcLimitExceeded")
    failure(lambda: ec2.create_vpc(CidrBlock="10.0.0.0/16"))
    (event,) = trail(lab, ONE, 1)
    assert event["detail"]["errorCode"].endswith("VpcLimitExceeded")


def test_a_look_is_not_told(lab: Lab, ec2: Any) -> None:
    ec2.describe_vpcs()
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert [event["detail"]["eventName"] for event in trail(lab, ONE, 1)] == ["CreateVpc"]


def test_events_can_be_lost(lab: Lab, ec2: Any) -> None:
    lab.delivery(loss=1)
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    lab.delivery()
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    (event,) = trail(lab, ONE, 1)
    assert "10.1.0.0/16" in json.dumps(event["detail"])


def test_events_can_arrive_several_times(lab: Lab, ec2: Any) -> None:
    lab.delivery(duplicates=2)
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    events = trail(lab, ONE, 3)
    assert len({event["detail"]["eventID"] for event in events}) == 1
    assert len({event["id"] for event in events}) == 3


def test_events_can_be_late(lab: Lab, ec2: Any) -> None:
    lab.delivery(delay_seconds=1)
    begun = time.monotonic()
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    trail(lab, ONE, 1)
    assert time.monotonic() - begun >= 1


def test_events_are_shuffled_the_same_way_again_with_the_same_seed(lab: Lab, ec2: Any) -> None:
    def order() -> list[str]:
        # This seed scatters the four 0.8 seconds and more apart: on a busy machine calls come late.
        lab.delivery(shuffle=3, seed=1515)
        for number in range(4):
            ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
        told = trail(lab, ONE, 4)
        return [event["detail"]["requestParameters"]["cidrBlock"] for event in told]

    first = order()
    assert sorted(first) == [f"10.{number}.0.0/16" for number in range(4)]
    assert first != sorted(first)
    assert order() == first


def test_shows_how_events_are_delivered(lab: Lab) -> None:
    shown = lab.delivery(delay_seconds=2, shuffle=True, seed=7)
    quiet = {"delay_seconds": 0, "duplicates": 0, "loss": 0, "shuffle": 0}
    assert shown.pop("notifications") == {**quiet, "seed": 7, "on_their_way": 0}
    assert isinstance(shown.pop("refused"), list)
    assert shown == {**quiet, "delay_seconds": 2, "shuffle": 2.0, "seed": 7, "on_their_way": 0}
    assert lab.delivery()["delay_seconds"] == 0


def ask(lab: Lab, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
    connection = HTTPConnection(lab.url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/_lab/faults", "{", 400, "the body is no JSON"),
        ("POST", "/_lab/faults", '{"operation": "CreateVpx", "error": "X"}', 400, "CreateVpc?"),
        ("POST", "/_lab/delivery", '{"loss": 7}', 400, "loss: 7 given"),
        ("POST", "/_lab/world", '{"lag": 1}', 400, "unknown: lag"),
        ("POST", "/_lab/world", "[]", 400, "send a JSON object"),
        ("PUT", "/_lab/calls", None, 405, "use GET or DELETE"),
        ("GET", "/_lab/call", None, 404, "there is only calls, faults, denials, mails, delivery"),
    ],
)
def test_says_what_is_wrong_with_a_request(
    lab: Lab, method: str, path: str, body: str | None, status: int, said: str
) -> None:
    code, answer = ask(lab, method, path, body)
    assert code == status
    assert said in answer["error"]


def test_the_client_raises_what_the_lab_says(lab: Lab) -> None:
    with pytest.raises(LabError, match="loss: 7 given"):
        lab.delivery(loss=7)


def test_changes_how_the_world_is(lab: Lab) -> None:
    before = lab.world({})["settle_seconds"]
    assert lab.world({"settle_seconds": before + 1})["settle_seconds"] == before + 1
    assert lab.world({"settle_seconds": before})["settle_seconds"] == before


def test_says_that_it_is_ready(lab: Lab) -> None:
    assert ask(lab, "GET", "/_lab/health") == (200, {"ready": True})
