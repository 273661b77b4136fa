"""Functions that another account invokes."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError

from lab.client import Lab

HUB, SPOKE, STRANGER, MANAGEMENT = "630000000001", "630000000002", "630000000003", "630000000009"
HOME, AWAY, CLOSED = "us-east-1", "eu-west-1", "eu-south-1"
HANDLER = """
import os
def handler(event, context):
    return {"arn": context.invoked_function_arn, "region": os.environ["AWS_REGION"]}
"""


def client(lab: Lab, service: str, account: str, region: str = AWAY) -> Any:
    return lab.session(account).client(service, region_name=region)


def function(lab: Lab, region: str = AWAY) -> str:
    """The ARN of a new function of the spoke's."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as opened:
        opened.writestr("index.py", HANDLER)
    role = role_of(lab, SPOKE, "ec2:DescribeVpcs", "lambda.amazonaws.com")
    made = client(lab, "lambda", SPOKE, region).create_function(
        FunctionName=f"f-{uuid.uuid4().hex[:12]}",
        Runtime="python3.13",
        Handler="index.handler",
        Code={"ZipFile": held.getvalue()},
        Role=role,
    )
    return str(made["FunctionArn"])


def role_of(lab: Lab, account: str, action: str, service: str | None = None) -> str:
    iam, name = client(lab, "iam", account), f"r-{uuid.uuid4().hex[:12]}"
    who = {"Service": service} if service else {"AWS": account}
    return made_role(iam, name, who, action)


def made_role(
    iam: Any, name: str, who: dict[str, str], action: str, organization: str | None = None
) -> str:
    trust = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    may: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if organization:
        may["Condition"] = {"StringEquals": {"aws:ResourceOrgID": organization}}
    trusted, allowed = ({"Version": "2012-10-17", "Statement": [each]} for each in (trust, may))
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusted))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(allowed))
    return str(made["Role"]["Arn"])


def acting(lab: Lab, role: str, region: str = AWAY) -> Any:
    """A client of Lambda that acts as a role."""
    sts = client(lab, "sts", role.split(":")[4])
    keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return session.client("lambda", region_name=region, endpoint_url=lab.url)


def let(lab: Lab, arn: str, principal: str, statement: str = "hub") -> None:
    client(lab, "lambda", SPOKE, arn.split(":")[3]).add_permission(
        FunctionName=arn,
        StatementId=statement,
        Action="lambda:InvokeFunction",
        Principal=principal,
    )


def test_a_role_that_both_accounts_allow_runs_it_in_its_own_account(lab: Lab) -> None:
    arn, role = function(lab), role_of(lab, HUB, "lambda:InvokeFunction")
    let(lab, arn, role)
    answer = json.loads(acting(lab, role).invoke(FunctionName=arn)["Payload"].read())
    assert answer == {"arn": arn, "region": AWAY}
    other = acting(lab, role_of(lab, HUB, "lambda:InvokeFunction"))
    for refused in (other, client(lab, "lambda", HUB), client(lab, "lambda", STRANGER)):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused.invoke(FunctionName=arn)


def test_an_account_that_is_let_in_decides_by_its_own_policies(lab: Lab) -> None:
    arn = function(lab)
    let(lab, arn, HUB)
    assert client(lab, "lambda", HUB).invoke(FunctionName=arn)["StatusCode"] == 200
    may_not = acting(lab, role_of(lab, HUB, "lambda:ListFunctions"))
    with pytest.raises(ClientError, match=r"AccessDenied.*no identity-based policy allows"):
        may_not.invoke(FunctionName=arn)


def test_a_function_is_invoked_in_its_region(lab: Lab) -> None:
    arn = function(lab)
    let(lab, arn, HUB)
    with pytest.raises(ClientError, match=r"not reachable in this region \('us-east-1'\)"):
        client(lab, "lambda", HUB, HOME).invoke(FunctionName=arn)


def test_a_policy_names_roles_that_are_there_and_means_those(lab: Lab) -> None:
    arn, role = function(lab), role_of(lab, HUB, "lambda:InvokeFunction")
    with pytest.raises(ClientError, match="The provided principal was invalid"):
        let(lab, arn, f"{role}-gone")
    let(lab, arn, role)
    iam, name = client(lab, "iam", HUB), role.rpartition("/")[2]
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)
    again = made_role(iam, name, {"AWS": HUB}, "lambda:InvokeFunction")
    assert again == role
    with pytest.raises(ClientError, match="AccessDenied"):
        acting(lab, role).invoke(FunctionName=arn)
    # Nothing is added while it names somebody who is gone.
    with pytest.raises(ClientError, match="The provided principal was invalid"):
        let(lab, arn, HUB, "another")
    client(lab, "lambda", SPOKE).remove_permission(FunctionName=arn, StatementId="hub")
    let(lab, arn, HUB, "another")


def test_where_its_account_has_not_enabled_the_region_nobody_knows_a_role(lab: Lab) -> None:
    arn, role = function(lab, CLOSED), role_of(lab, "630000000004", "lambda:InvokeFunction")
    client(lab, "account", "630000000004").disable_region(RegionName=CLOSED)
    with pytest.raises(ClientError, match="The provided principal was invalid"):
        let(lab, arn, role)


def test_a_condition_on_the_resources_organization_holds_for_its_members(lab: Lab) -> None:
    organizations = {}
    for management, member in ((MANAGEMENT, SPOKE), (STRANGER, "630000000008")):
        lab.join(member, management)
        found = lab.client("organizations", member).describe_organization()
        organizations[management] = found["Organization"]["Id"]
    arn, iam = function(lab), client(lab, "iam", HUB)
    asked = {
        management: made_role(
            iam, f"r-{uuid.uuid4().hex[:12]}", {"AWS": HUB}, "lambda:InvokeFunction", organization
        )
        for management, organization in organizations.items()
    }
    for number, role in enumerate(asked.values()):
        let(lab, arn, role, f"s{number}")
    assert acting(lab, asked[MANAGEMENT]).invoke(FunctionName=arn)["StatusCode"] == 200
    with pytest.raises(ClientError, match="AccessDenied"):
        acting(lab, asked[STRANGER]).invoke(FunctionName=arn)
    lab.join(SPOKE, None)
    with pytest.raises(ClientError, match="AccessDenied"):
        acting(lab, asked[MANAGEMENT]).invoke(FunctionName=arn)
