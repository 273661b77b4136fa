"""The spoke's `look_ahead`: what a candidate policy would change, and what is known of a thing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import look_ahead
import pytest
from autopilot.aws.ledger import Ledger
from autopilot.aws.looking import LARGEST
from autopilot.policy.model import ConnectionPolicy, GatewayPolicy, GracePolicy, Policy, Rule
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity

from tests.cli.conftest import ACCOUNT, Aws, refusal

CONTEXT = SimpleNamespace(
    invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:LookAhead",
    function_name="LookAhead",
    memory_limit_in_mb=1024,
    aws_request_id="1",
)
NO_ID = "id is none; write a text such as vpc-0123456789abcdef0"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOSTILE = "<b>shop</b>\x1b[31m\u202e"
NO_GRACE = GracePolicy(whom="nobody")
DEPLOYED = Policy(mode="audit", gateway_endpoints=GatewayPolicy(services=(), grace=NO_GRACE))
S3 = replace(DEPLOYED, gateway_endpoints=GatewayPolicy(services=("s3",), grace=NO_GRACE))


def network(vpcs: int) -> dict[str, Any]:
    """So many VPCs, each with a route table."""
    tags = [{"Key": "Name", "Value": HOSTILE}]
    listed = [
        {"VpcId": f"vpc-{n}", "OwnerId": ACCOUNT, "State": "available", "Tags": tags}
        for n in range(vpcs)
    ]
    tables = [
        {"RouteTableId": f"rtb-{n}", "VpcId": f"vpc-{n}", "Associations": [{"Main": True}]}
        for n in range(vpcs)
    ]
    return {"DescribeVpcs": {"Vpcs": listed}, "DescribeRouteTables": {"RouteTables": tables}}


@pytest.fixture
def account(aws: Aws) -> Aws:
    aws.will(**network(3), ExecuteStatement={"Items": []})
    return aws


def asked(event: Any, policy: Policy = DEPLOYED) -> Any:
    us = StackIdentity("EndpointAutopilot", ACCOUNT, "us-east-1")
    means = look_ahead.Means(policy, us, Ledger("ledger"), "arn:topic", NOW)
    answer = look_ahead.handler(event, CONTEXT, means=lambda: means)
    return json.loads(json.dumps(answer))


def plan(policy: Policy, **more: Any) -> Any:
    return asked({"what": "plan", "policy": encode(policy), "schema": 1, **more})


def test_what_only_the_candidate_would_do_is_counted(account: Aws) -> None:
    answer = plan(S3)
    assert (answer["account"], answer["region"], answer["schema"]) == (ACCOUNT, "us-east-1", 1)
    assert answer["counts"] == [
        {
            "sign": "added",
            "workflow": "network",
            "verb": "create",
            "kind": "gateway endpoint",
            "count": 3,
        }
    ]
    assert (answer["differs"], answer["mode"], answer["mode_after"]) == (True, "audit", "audit")
    assert answer["unseen"] == [] and answer["unread"] == []


def test_examples_are_as_many_as_asked_for_and_a_hostile_name_is_one_line(account: Aws) -> None:
    assert len(plan(S3)["examples"]) == 3
    (example,) = plan(S3, examples=1)["examples"]
    assert example["name"] == "<b>shop</b>?[31m?"
    assert example["what"] == "make a gateway endpoint for S3, for rtb-0"
    assert example["place"] == "vpc-0"


def test_the_deployed_policy_again_changes_nothing(account: Aws) -> None:
    answer = plan(DEPLOYED)
    assert (answer["differs"], answer["counts"], answer["examples"]) == (False, [], [])


def test_another_mode_alone_differs(account: Aws) -> None:
    answer = plan(replace(DEPLOYED, mode="enforce"))
    assert (answer["differs"], answer["counts"]) == (True, [])
    assert (answer["mode"], answer["mode_after"]) == ("audit", "enforce")


def test_who_enforces_from_then_on_does_all_that_is_planned(account: Aws) -> None:
    """Also what the deployed policy plans and, in audit mode, doesn't do."""
    event = {"what": "plan", "policy": encode(replace(S3, mode="enforce"))}
    (counted,) = asked(event, S3)["counts"]
    assert (counted["sign"], counted["count"]) == ("added", 3)
    event = {"what": "plan", "policy": encode(S3)}
    (counted,) = asked(event, replace(S3, mode="enforce"))["counts"]
    assert (counted["sign"], counted["count"]) == ("gone", 3)


def test_what_it_may_not_see_is_named_once(account: Aws) -> None:
    account.will(DescribeRouteTables=refusal("UnauthorizedOperation", "no\nway"))
    answer = plan(S3)
    assert [(each["what"], each["permission"]) for each in answer["unseen"]] == [
        ("gateway endpoints", "ec2:DescribeRouteTables")
    ]
    assert "\n" not in answer["unseen"][0]["words"]


def test_a_key_that_this_version_does_not_know_is_named(account: Aws) -> None:
    given = encode(S3)
    given["gateway_endpoints"]["flavour"] = "new"
    answer = asked({"what": "plan", "policy": given, "schema": 2})
    assert answer["unread"] == ["gateway_endpoints.flavour"]


def test_nothing_is_written(account: Aws) -> None:
    plan(replace(S3, connections=ConnectionPolicy(allow=(Rule("account", "2" * 12),))))
    asked({"what": "why", "id": "vpc-0"})
    reads = ("describe_", "get_", "list_", "query", "execute_statement")
    assert [name for name, _ in account.asked if not name.startswith(reads)] == []


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ({}, "what is None; write plan or why"),
        ({"what": "accept"}, "what is 'accept'; write plan or why"),
        ({"what": "plan"}, "'policy'"),
        ({"what": "plan", "policy": []}, "the input is []; write an object"),
        ({"what": "plan", "policy": {"mode": "on"}}, "mode is 'on'; write one of enforce, audit"),
        ({"what": "why", "id": ""}, NO_ID),
        (
            {"what": "why", "id": "x" * 257},
            NO_ID,
        ),
        ({"what": "why", "id": {"a": 1}}, NO_ID),
    ],
)
def test_a_question_that_cannot_be_read_is_told_so(account: Aws, event: Any, wrong: str) -> None:
    assert asked(event)["wrong"] == wrong
    assert account.asked == []


def test_why_holds_what_the_command_prints(account: Aws) -> None:
    answer = asked({"what": "why", "id": "vpc-1"})
    assert (answer["known"], answer["said"], answer["left_out"]) == (True, "", 0)
    assert [vpc["id"] for vpc in answer["view"]["vpcs"]] == ["vpc-1"]
    assert answer["history"] == {"entries": [], "more": False}


def test_why_of_what_nobody_knows_says_so(account: Aws) -> None:
    answer = asked({"what": "why", "id": "vpc-none"})
    assert answer["known"] is False
    assert answer["said"] == "Nothing in account 111111111111, us-east-1 is called vpc-none."


def test_a_history_that_cannot_be_read_is_named(account: Aws) -> None:
    account.will(Query=refusal("AccessDeniedException"))
    answer = asked({"what": "why", "id": "vpc-1"})
    assert answer["history"] is None
    assert answer["history_lost"].startswith("dynamodb:Query: AccessDenied")


def test_an_answer_is_bounded(account: Aws) -> None:
    subnets = [
        {"SubnetId": f"subnet-{n}", "VpcId": "vpc-0", "AvailabilityZoneId": "use1-az1",
         "OwnerId": ACCOUNT, "State": "available", "AvailabilityZone": "us-east-1a",
         "CidrBlock": "10.0.0.0/24", "AvailableIpAddressCount": 9,
         "Tags": [{"Key": "Name", "Value": "\U0001f600" * 250}]}
        for n in range(500)
    ]  # fmt: skip
    account.will(**network(1), DescribeSubnets={"Subnets": subnets})
    answer = asked({"what": "why", "id": "vpc-0"}, S3)
    assert answer["left_out"] > 0
    assert 0 < len(json.dumps(answer)) <= LARGEST + 1000
    assert answer["view"]["vpcs"][0]["subnets"]
