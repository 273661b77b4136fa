"""How a role's policies are compared, what is asked of IAM's simulation, and what it says."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from cli.checkup import roles, simulated
from cli.checkup.model import Ailment, Seen, Shell

SHELL = Shell()
ARN = "arn:aws:iam::111111111111:role/r"
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ]
}
LOOK = {"Effect": "Allow", "Action": ["ec2:DescribeVpcs", "ec2:DescribeSubnets"], "Resource": "*"}
MADE = {"StringEquals": {"aws:RequestTag/owner": "us"}}
MAKE = {"Effect": "Allow", "Action": "ec2:CreateVpcEndpoint", "Resource": "e/*", "Condition": MADE}


def role(*statements: Mapping[str, Any]) -> roles.Role:
    seen = Seen("Role", "AWS::IAM::Role", "r")
    return roles.Role(seen, ARN, TRUST, {"own": [*(statements or (LOOK, MAKE))]})


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def present(*statements: Mapping[str, Any], **more: Any) -> roles.Present:
    return roles.Present(**{"trust": TRUST, "inline": {"own": document(*statements)}, **more})


def kinds(found: Iterable[Ailment]) -> list[str]:
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (present(LOOK, MAKE), []),
        (present(MAKE, LOOK), []),
        (present(MAKE, *({**LOOK, "Action": [action]} for action in LOOK["Action"])), []),
        (present(LOOK), ["role-policy"]),
        (present({**LOOK, "Action": "ec2:DescribeVpcs"}, MAKE), ["role-policy"]),
        (present(LOOK, {**MAKE, "Condition": {}}), ["role-policy"]),
        (present(LOOK, MAKE, {**LOOK, "Action": "iam:*"}), ["role-policy"]),
        (present(LOOK, MAKE, inline={}), ["role-policy"]),
        (present(LOOK, MAKE, trust={"Statement": []}), ["role-trust"]),
        (present(LOOK, MAKE, attached=["arn:policy/Admin"]), ["role-extra"]),
        (
            present(inline={"own": document(LOOK, MAKE), "freeze": document()}),
            ["role-extra"],
        ),
    ],
)  # fmt: skip
def test_a_role_has_to_be_as_deployed(found: roles.Present, expected: list[str]) -> None:
    assert kinds(roles.changed(role(), found, SHELL)) == expected


def test_the_policy_that_was_deployed_is_put_back() -> None:
    (ailment,) = roles.changed(role(), present(LOOK), SHELL)
    said = shlex.split(ailment.mend[0])
    assert said[:3] == ["aws", "iam", "put-role-policy"]
    assert json.loads(said[-1]) == document(LOOK, MAKE)
    assert "ec2:CreateVpcEndpoint" in ailment.what


def test_few_questions_are_asked_and_conditions_are_met() -> None:
    tags = {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}}
    other = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}
    tagging = {"Effect": "Allow", "Action": "ec2:CreateTags"}
    keys = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a", "b"]}}
    asked = simulated.questions(
        role(
            LOOK,
            MAKE,
            {**tagging, "Resource": "e/*", "Condition": tags},
            {**tagging, "Resource": "g/*", "Condition": other},
            {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "t", "Condition": keys},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
        ),
        {"aws:RequestedRegion": "us-east-1"},
    )
    assert [sorted(question.actions) for question in asked] == [
        ["ec2:DescribeSubnets", "ec2:DescribeVpcs"],
        ["dynamodb:Query", "ec2:CreateTags", "ec2:CreateVpcEndpoint"],
        ["ec2:CreateTags"],
    ]
    assert asked[0].resources == ("*",), "asked apart from ARNs"
    assert asked[1].context == {
        "aws:RequestedRegion": ("us-east-1",),
        "aws:RequestTag/owner": ("us",),
        "ec2:CreateAction": ("CreateVpcEndpoint",),
        "dynamodb:LeadingKeys": ("a", "b"),
    }
    assert ("ec2:CreateVpcEndpoint", "t") not in asked[1].pairs, "nobody needs that"
    assert sorted(a.actions[0] for a in asked[1].alone()) == sorted(a for a, _ in asked[1].pairs)


(QUESTION,) = simulated.questions(role(MAKE), {})


def result(decision: str, *, specific: bool = True, **more: Any) -> dict[str, Any]:
    each = {"EvalResourceName": "e/*", "EvalResourceDecision": decision, **more.pop("each", {})}
    answer = {"EvalActionName": "ec2:createvpcendpoint", "EvalDecision": decision, **more}
    return {**answer, "ResourceSpecificResults": [each]} if specific else answer


BOUNDED: dict[str, Any] = {
    "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}
}
ABOVE: dict[str, Any] = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
MATCHED = {"MatchedStatements": [{"SourcePolicyId": "role_r_freeze"}]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (result("allowed"), []),
        (result("allowed", specific=False), []),
        (result("implicitDeny"), [""]),
        (result("implicitDeny", specific=False), [""]),
        (result("implicitDeny", each=BOUNDED), ["boundary"]),
        (result("implicitDeny", **BOUNDED), ["boundary"]),
        (result("explicitDeny", each=MATCHED), ["role_r_freeze"]),
        (result("explicitDeny", **ABOVE), ["organization"]),
        (result("implicitDeny", each={"MissingContextValues": ["aws:SourceVpc"]}), []),
        (result("allowed", each={"EvalResourceName": "other/*"}), []),
        (result("implicitDeny", each={"EvalResourceName": "other/*"}), []),
    ],
)
def test_who_denies_what(answer: dict[str, Any], expected: list[str]) -> None:
    assert [each.by for each in simulated.denied(QUESTION, [answer])] == expected


def test_each_cause_has_its_own_command() -> None:
    causes = ("", "boundary", "role_r_freeze", "SomeManaged", "organization")
    found = [simulated.Denied("ec2:X", "e/*", cause) for cause in causes]
    told = [*simulated.forbidden(role(), found, edited=False, shell=SHELL)]
    assert [each.mend[0].split()[2] for each in told] == [
        "list-attached-role-policies",
        "delete-role-permissions-boundary",
        "delete-role-policy",
        "list-attached-role-policies",
    ]
    assert "--policy-name freeze" in told[2].mend[0]
    told = [*simulated.forbidden(role(), found, edited=True, shell=SHELL)]
    assert len(told) == 3, "that its own policy was edited is told already"


def test_what_the_organization_denies_to_many_roles_is_one_ailment() -> None:
    denied = simulated.Denied("ec2:X", "e/*", "organization")
    found = [(role(), denied), (role(), simulated.Denied("ec2:Y", "e/*", ""))]
    (told,) = simulated.from_above(found, "111111111111", SHELL)
    assert (told.kind, told.subject) == ("organization-denies", "111111111111")
    assert "ec2:X to Role" in told.what
    assert [*simulated.from_above(found[1:], "111111111111", SHELL)] == []
