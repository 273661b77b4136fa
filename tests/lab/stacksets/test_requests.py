"""What CloudFormation refuses of a StackSet's request, before anything begins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.client import Lab
from lab.organization import new_account
from tests.lab.stacksets.company import (
    ADMIN,
    AUTOMATIC,
    QUEUE,
    TINY,
    Company,
    found_company,
    refusal,
)

ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
WITH_ROLE = json.dumps({"Resources": {"Role": ROLE}})
LARGE = json.dumps({"Description": "x" * 900, "Metadata": "y" * 60_000, "Resources": {"Q": QUEUE}})
NESTED = json.dumps({"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack"}}})
INSUFFICIENT = "InsufficientCapabilitiesException"


@pytest.fixture(scope="module")
def company(one_lab: Lab) -> Company:
    return found_company(one_lab, {"workloads": []})


def bucket_of(company: Company, account: str) -> str:
    name = f"templates-{new_account()}"
    company.lab.client("s3", account).create_bucket(Bucket=name)
    return name


def put(company: Company, account: str, bucket: str, template: str) -> str:
    s3 = company.lab.client("s3", account)
    s3.put_object(Bucket=bucket, Key="releases/1.json", Body=template.encode())
    return f"https://{bucket}.s3.us-east-1.amazonaws.com/releases/1.json"


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"TemplateBody": WITH_ROLE}, INSUFFICIENT, "Requires capabilities : [CAPABILITY_IAM]"),
        ({"TemplateBody": LARGE}, "ValidationError", "length less than or equal to 51200"),
        ({"TemplateBody": None}, "ValidationError", "TemplateBody or TemplateURL is required"),
        ({"TemplateURL": "https://s3/a/b"}, "ValidationError", "both TemplateBody and TemplateURL"),
        (
            {"TemplateBody": json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": {}})},
            "ValidationError",
            "take no templates with macros",
        ),
        ({"TemplateBody": NESTED}, "ValidationError", "Nested AWS::CloudFormation::Stack is not"),
        ({"StackSetName": "has_underscore"}, "ValidationError", "regular expression pattern"),
        ({"StackSetName": "x" * 129}, "ValidationError", "'stackSetName' failed"),
        ({"PermissionModel": "SELF_MANAGED"}, "ValidationError", "no self-managed StackSets"),
        ({"AutoDeployment": None}, "ValidationError", "AutoDeployment is required"),
        ({"AutoDeployment": {"Enabled": True}}, "ValidationError", "RetainStacksOnAccountRemoval"),
        ({"Capabilities": ["CAPABILITY_ALL"]}, "ValidationError", "satisfy enum value set"),
        (
            {"Parameters": [{"ParameterKey": "No", "ParameterValue": "1"}]},
            "ValidationError",
            "Parameters: [No] do not exist in the template",
        ),
    ],
)
def test_create_refuses(company: Company, changed: dict[str, Any], code: str, words: str) -> None:
    request = {
        "StackSetName": "refused",
        "PermissionModel": "SERVICE_MANAGED",
        "TemplateBody": TINY,
        "AutoDeployment": AUTOMATIC,
        **ADMIN,
        **changed,
    }
    said = {key: value for key, value in request.items() if value is not None}

    found = refusal(company.cloudformation.create_stack_set, **said)

    assert found[0] == code
    assert words in found[1]


def test_a_name_is_taken_once(company: Company) -> None:
    name = company.create()
    request = {"StackSetName": name, "TemplateBody": TINY, "AutoDeployment": AUTOMATIC, **ADMIN}

    code, _ = refusal(
        company.cloudformation.create_stack_set, PermissionModel="SERVICE_MANAGED", **request
    )

    assert code == "NameAlreadyExistsException"


def test_a_large_template_comes_by_its_url(company: Company) -> None:
    url = put(company, company.hub, bucket_of(company, company.hub), LARGE)

    name = company.create(TemplateBody=None, TemplateURL=url)

    asked = {"StackSetName": name, **ADMIN}
    found = company.cloudformation.describe_stack_set(**asked)["StackSet"]
    assert found["TemplateBody"] == LARGE


def test_a_template_over_a_megabyte_is_refused(company: Company) -> None:
    url = put(company, company.hub, bucket_of(company, company.hub), " " * 1_000_001)

    _, words = refusal(company.create, TemplateBody=None, TemplateURL=url)

    assert words == "Template may not exceed 1000000 bytes in size."


def test_another_accounts_template_needs_its_buckets_policy(company: Company) -> None:
    other = new_account()
    bucket = bucket_of(company, other)
    url = put(company, other, bucket, TINY)
    _, words = refusal(company.create, TemplateBody=None, TemplateURL=url)
    assert words.startswith("S3 error: Access Denied")

    grant = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{company.hub}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [grant]})
    company.lab.client("s3", other).put_bucket_policy(Bucket=bucket, Policy=policy)

    company.create(TemplateBody=None, TemplateURL=url)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DeploymentTargets": {"OrganizationalUnitIds": []}}, "OrganizationalUnitIds are req"),
        ({"Accounts": ["123456789012"], "DeploymentTargets": None}, "take OrganizationalUnitIds"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": ["ou-a1b2-c3d4e5f6"]}}, "not found"),
        ({"Regions": []}, "Regions are required"),
        (
            {"OperationPreferences": {"MaxConcurrentCount": 1, "MaxConcurrentPercentage": 1}},
            "not both",
        ),
    ],
)
def test_create_instances_refuses(company: Company, changed: dict[str, Any], words: str) -> None:
    request = {
        "StackSetName": company.create(),
        "DeploymentTargets": {"OrganizationalUnitIds": company.ids("workloads")},
        "Regions": ["us-east-1"],
        **ADMIN,
        **changed,
    }
    said = {key: value for key, value in request.items() if value is not None}

    assert words in refusal(company.cloudformation.create_stack_instances, **said)[1]


def test_what_does_not_exist_has_its_code(company: Company) -> None:
    cloudformation, name = company.cloudformation, company.create()
    code, _ = refusal(cloudformation.describe_stack_set, StackSetName="nothing", **ADMIN)
    assert code == "StackSetNotFoundException"
    code, _ = refusal(
        cloudformation.describe_stack_set_operation, StackSetName=name, OperationId="1", **ADMIN
    )
    assert code == "OperationNotFoundException"
    code, _ = refusal(
        cloudformation.describe_stack_instance,
        StackSetName=name,
        StackInstanceAccount=company.hub,
        StackInstanceRegion="us-east-1",
        **ADMIN,
    )
    assert code == "StackInstanceNotFoundException"
    cloudformation.delete_stack_set(StackSetName="nothing", **ADMIN)
