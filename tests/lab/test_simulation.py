"""The policy simulator says what the lab's calls then meet; organizations limit their members."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab

ACCOUNT, MANAGEMENT = "111111111111", "999999999999"
TABLES = f"arn:aws:ec2:us-east-1:{ACCOUNT}:route-table/*"
ENDPOINTS = f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc-endpoint/*"
TAG = "aws:RequestTag/owner"


def statement(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def role(lab: Lab) -> dict[str, Any]:
    """A role that may make endpoints with a tag, and look at VPCs."""
    iam, name = lab.client("iam"), f"r-{uuid.uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]
    tagged = {"StringEquals": {TAG: "us"}}
    iam.put_role_policy(
        RoleName=name,
        PolicyName="own",
        PolicyDocument=document(
            statement("Allow", "ec2:CreateVpcEndpoint", ENDPOINTS, Condition=tagged),
            statement("Allow", "ec2:DescribeVpcs"),
        ),
    )
    return dict(made)


@pytest.fixture
def member(lab: Lab) -> Iterator[Any]:
    """The account as a member of another one's organization; that one's client."""
    lab.join(ACCOUNT, MANAGEMENT)
    yield lab.client("organizations", MANAGEMENT)
    lab.join(ACCOUNT, None)


def simulate(lab: Lab, role: dict[str, Any], *actions: str, **more: Any) -> list[dict[str, Any]]:
    context = {name: more.pop(name) for name in [*more] if ":" in name}
    answer = lab.client("iam").simulate_principal_policy(
        PolicySourceArn=role["Arn"],
        ActionNames=[*actions],
        ContextEntries=[
            {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in context.items()
        ],
        **more,
    )
    return list(answer["EvaluationResults"])


def specific(result: dict[str, Any]) -> dict[str, str]:
    found = result["ResourceSpecificResults"]
    return {each["EvalResourceName"]: each["EvalResourceDecision"] for each in found}


def test_each_action_is_judged_on_each_resource_with_the_keys_given(
    lab: Lab, role: dict[str, Any]
) -> None:
    both = [ENDPOINTS, TABLES]
    asked: dict[str, Any] = {"ResourceArns": both, TAG: "us"}
    (result,) = simulate(lab, role, "ec2:CreateVpcEndpoint", **asked)
    assert specific(result) == {ENDPOINTS: "allowed", TABLES: "implicitDeny"}
    (named,) = result["ResourceSpecificResults"][0]["MatchedStatements"]
    assert named["SourcePolicyId"] == f"role_{role['RoleName']}_own"

    (result,) = simulate(lab, role, "ec2:CreateVpcEndpoint", ResourceArns=[ENDPOINTS])
    assert specific(result) == {ENDPOINTS: "implicitDeny"}
    assert result["ResourceSpecificResults"][0]["MissingContextValues"] == [TAG]

    look, make = simulate(lab, role, "ec2:DescribeVpcs", "ec2:CreateVpc")
    assert (look["EvalDecision"], make["EvalDecision"]) == ("allowed", "implicitDeny")
    assert "ResourceSpecificResults" not in look or not look["ResourceSpecificResults"]


def test_a_boundary_and_a_denial_are_told_apart(lab: Lab, role: dict[str, Any]) -> None:
    iam = lab.client("iam")
    policy = iam.create_policy(
        PolicyName=f"b-{uuid.uuid4().hex[:8]}",
        PolicyDocument=document(statement("Allow", "s3:*")),
    )["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=role["RoleName"], PermissionsBoundary=policy)
    (result,) = simulate(lab, role, "ec2:DescribeVpcs")
    detail = result["PermissionsBoundaryDecisionDetail"]
    assert (result["EvalDecision"], detail) == (
        "implicitDeny",
        {"AllowedByPermissionsBoundary": False},
    )
    iam.delete_role_permissions_boundary(RoleName=role["RoleName"])

    denied = document(statement("Deny", "ec2:DescribeVpcs"))
    iam.put_role_policy(RoleName=role["RoleName"], PolicyName="no", PolicyDocument=denied)
    (result,) = simulate(lab, role, "ec2:DescribeVpcs")
    assert result["EvalDecision"] == "explicitDeny"
    (named,) = result["MatchedStatements"]
    assert named["SourcePolicyId"].endswith("_no")
    assert "PermissionsBoundaryDecisionDetail" not in result


def test_a_service_control_policy_limits_members_by_its_conditions(
    lab: Lab, role: dict[str, Any], member: Any
) -> None:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    policy = member.create_policy(
        Name=f"scp-{uuid.uuid4().hex[:8]}",
        Description="d",
        Type="SERVICE_CONTROL_POLICY",
        Content=document(statement("Deny", "ec2:DescribeVpcs", Condition=elsewhere)),
    )["Policy"]["PolicySummary"]["Id"]
    member.attach_policy(PolicyId=policy, TargetId=ACCOUNT)

    for region, allowed in (("us-east-1", False), ("eu-west-1", True)):
        given: dict[str, Any] = {"aws:RequestedRegion": region}
        (result,) = simulate(lab, role, "ec2:DescribeVpcs", **given)
        assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": allowed}
        assert (result["EvalDecision"] == "allowed") is allowed
    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        lab.client("ec2").describe_vpcs()  # the root of a member, too
    lab.session().client("ec2", region_name="eu-west-1").describe_vpcs()

    everything = "p-FullAWSAccess"
    member.detach_policy(PolicyId=policy, TargetId=ACCOUNT)
    lab.client("ec2").describe_vpcs()
    only = member.create_policy(
        Name=f"scp-{uuid.uuid4().hex[:8]}",
        Description="d",
        Type="SERVICE_CONTROL_POLICY",
        Content=document(statement("Allow", "s3:*")),
    )["Policy"]["PolicySummary"]["Id"]
    member.attach_policy(PolicyId=only, TargetId=ACCOUNT)
    member.detach_policy(PolicyId=everything, TargetId=ACCOUNT)
    with pytest.raises(ClientError, match="no service control policy allows"):
        lab.client("ec2").describe_vpcs()


def test_members_see_their_organization_and_none_of_its_policies(lab: Lab, member: Any) -> None:
    mine = lab.client("organizations")
    seen = mine.describe_organization()["Organization"]
    assert seen["MasterAccountId"] == MANAGEMENT
    assert seen["Id"] == member.describe_organization()["Organization"]["Id"]
    with pytest.raises(ClientError, match="AccessDenied"):
        mine.list_policies_for_target(TargetId=ACCOUNT, Filter="SERVICE_CONTROL_POLICY")


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "NoSuchEntity"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", "InvalidInput"),
    ],
)
def test_whom_it_does_not_know(lab: Lab, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as failed:
        lab.client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=["ec2:Run"])
    assert failed.value.response["Error"]["Code"] == code
