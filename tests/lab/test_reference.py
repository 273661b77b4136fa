"""The lab's part of the Service Authorization Reference, against the whole in node_modules."""

from __future__ import annotations

import json

import pytest

from lab import permissions
from lab.compile_reference import of_the_lab, text_of
from lab.reference import FILE, may_mean, reference, sends

EC2 = "arn:aws:ec2:us-east-1:111111111111"
PARAMETER = "arn:aws:ssm:us-east-1:111111111111:parameter/a/b"


def test_what_is_checked_in_is_what_the_data_say() -> None:
    """`python -m lab.compile_reference` writes it anew."""
    assert FILE.read_text(encoding="utf-8") == text_of(of_the_lab())
    assert json.loads(text_of(of_the_lab())) == of_the_lab()


@pytest.mark.parametrize(
    ("action", "resource", "key", "sent"),
    [
        ("ssm:PutParameter", PARAMETER, "aws:ResourceTag/owner", False),
        ("ssm:PutParameter", PARAMETER, "aws:RequestTag/owner", True),
        ("ssm:PutParameter", PARAMETER, "SSM:overwrite", True),
        ("ssm:DeleteParameter", PARAMETER, "aws:ResourceTag/owner", True),
        ("ssm:DeleteParameter", PARAMETER, "ssm:Overwrite", False),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/vpce-1", "aws:ResourceTag/a:b", True),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/vpce-1", "aws:RequestTag/a:b", False),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*", "aws:RequestTag/a:b", True),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/vpc-1", "aws:RequestTag/a:b", False),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/vpc-1", "ec2:Vpc", False),
        ("ec2:DescribeVpcs", "*", "ec2:Region", True),
        ("ec2:DescribeVpcs", "*", "aws:ResourceTag/owner", False),
        ("ec2:DescribeVpcs", "*", "aws:PrincipalArn", True),
        ("ec2:DescribeVpcs", "*", "aws:PrincipalTag/team", True),
        ("ec2:CreateTags", f"{EC2}:vpc-endpoint/*", "ec2:CreateAction", True),
        ("ec2:NoSuchAction", "*", "ec2:Region", False),
        ("dynamodb:Query", "arn:aws:dynamodb:r:1:table/t", "dynamodb:LeadingKeys", True),
        ("elsewhere:DoThings", "*", "elsewhere:Anything", True),
    ],
)
def test_a_request_sends_the_keys_that_the_reference_lists(
    action: str, resource: str, key: str, sent: bool
) -> None:
    assert sends(action, resource, key) is sent


@pytest.mark.parametrize(
    ("resource", "arn", "fits"),
    [
        ("*", "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", True),
        (f"{EC2}:vpc/*", "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", True),
        (f"{EC2}:vpc-endpoint/*", "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", False),
        (f"{EC2}:vpc/vpc-1", "arn:${Partition}:ec2:${Region}:${Account}:vpc/${VpcId}", True),
        ("arn:aws:logs:r:1:log-group:g:*", "arn:${P}:logs:${R}:${A}:log-group:${G}:s:${S}", True),
        ("arn:aws:logs:r:1:log-group:g", "arn:${P}:logs:${R}:${A}:log-group:${G}:s:${S}", False),
        (
            "arn:aws:iam::*:role/r",
            "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
            True,
        ),
    ],
)
def test_a_resource_is_of_a_type_if_something_can_be_both(
    resource: str, arn: str, fits: bool
) -> None:
    assert may_mean(resource, arn) is fits


def test_every_kind_of_thing_that_calls_name_is_a_resource_type() -> None:
    arns = (f"{EC2}:{kind}/x" for kind in {*permissions._KINDS.values()})
    unknown = [arn for arn in arns if not reference().types("ec2:CreateTags", arn)]
    assert not unknown
