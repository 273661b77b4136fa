"""Buckets of another account and Region: who may read them, and what Lambda takes from there."""

from __future__ import annotations

import io
import json
import sys
import uuid
import zipfile
from collections.abc import Mapping
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, wait_until

HUB, SPOKE, STRANGER, MANAGEMENT = "610000000001", "610000000002", "610000000003", "610000000009"
REGION, ELSEWHERE = "us-east-1", "eu-west-1"
HANDLER = """
import json, os, sys
def handler(event, context):
    import said, deeper
    return {"said": said.WORD, "deeper": deeper.WORD, "path": sys.path[:4],
            "variables": sorted(os.environ), "where": os.environ["WHERE"]}
"""


def archive(files: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return held.getvalue()


def client(lab: Lab, service: str, account: str, region: str = REGION) -> Any:
    return lab.session(account).client(service, region_name=region)


@pytest.fixture(scope="module")
def organization(one_lab: Lab) -> str:
    for account in (HUB, SPOKE):
        one_lab.join(account, MANAGEMENT)
    found = one_lab.client("organizations", HUB).describe_organization()["Organization"]
    return str(found["Id"])


def bucket(lab: Lab, organization: str, region: str = REGION, effect: str = "Allow") -> str:
    """A bucket of the hub's which the organization reads."""
    name, s3 = f"across-{uuid.uuid4().hex[:12]}", client(lab, "s3", HUB, region)
    where = {} if region == REGION else {"LocationConstraint": region}
    s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    reads = {
        "Effect": effect,
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/code/*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}},
    }
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [reads, tls]}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    s3.put_object(Bucket=name, Key="code/f.zip", Body=archive({"index.py": HANDLER}))
    s3.put_object(Bucket=name, Key="secret", Body=b"hub's")
    return name


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def test_a_bucket_lets_in_its_organization_and_nobody_else(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    read = client(lab, "s3", SPOKE).get_object(Bucket=name, Key="code/f.zip")
    assert read["Body"].read(2) == b"PK"
    for account, asked in (
        (STRANGER, {"Key": "code/f.zip"}),
        (SPOKE, {"Key": "secret"}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            client(lab, "s3", account).get_object(Bucket=name, **asked)
    with pytest.raises(ClientError, match="AccessDenied"):
        client(lab, "s3", SPOKE).put_object(Bucket=name, Key="code/f.zip", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        client(lab, "s3", SPOKE).list_objects_v2(Bucket=name)


def test_a_role_needs_its_own_permission_besides_the_buckets(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    session = role(lab, SPOKE, "s3:ListBucket", "*")
    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("s3", endpoint_url=lab.url).get_object(Bucket=name, Key="code/f.zip")
    allowed = role(lab, SPOKE, "s3:GetObject", "*").client("s3", endpoint_url=lab.url)
    assert allowed.get_object(Bucket=name, Key="code/f.zip")["ContentLength"]


def test_a_policy_that_names_one_role_lets_in_no_other(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    one, two = (role(lab, SPOKE, "s3:GetObject", "*") for _ in range(2))
    arn = one.client("sts", endpoint_url=lab.url).get_caller_identity()["Arn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SPOKE}:role/{arn.split('/')[1]}"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client(lab, "s3", HUB).put_bucket_policy(Bucket=name, Policy=policy)
    assert one.client("s3", endpoint_url=lab.url).get_object(Bucket=name, Key="secret")
    with pytest.raises(ClientError, match="AccessDenied"):
        two.client("s3", endpoint_url=lab.url).get_object(Bucket=name, Key="secret")


def test_a_bucket_is_in_its_region_and_found_from_another(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization, ELSEWHERE)
    s3 = client(lab, "s3", SPOKE)
    assert s3.get_object(Bucket=name, Key="code/f.zip")["ContentLength"]
    hubs = client(lab, "s3", HUB)
    assert hubs.get_bucket_location(Bucket=name)["LocationConstraint"] == ELSEWHERE


def role(lab: Lab, account: str, action: str, resource: str) -> Any:
    """A session of a new role that may do this."""
    name = f"r-{uuid.uuid4().hex[:12]}"
    iam = client(lab, "iam", account)
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    iam.put_role_policy(
        RoleName=name,
        PolicyName="may",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may]}),
    )
    arn = f"arn:aws:iam::{account}:role/{name}"
    keys = client(lab, "sts", account).assume_role(RoleArn=arn, RoleSessionName="test")[
        "Credentials"
    ]
    return boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    )


def template(code: Mapping[str, str], layer: Mapping[str, str] | None = None) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    function = {
        "Code": code,
        "Handler": "index.handler",
        "Runtime": "python3.13",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Environment": {"Variables": {"WHERE": "/opt/python/said.py"}},
        **({"Layers": [{"Ref": "Layer"}]} if layer else {}),
    }
    resources: dict[str, Any] = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
    }
    if layer:
        held = {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": layer}}
        resources["Layer"] = held
    outputs = {"Name": {"Value": {"Ref": "Function"}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def deploy(lab: Lab, account: str, body: str, region: str = REGION) -> tuple[str, str]:
    """Deploy a template; its status, and the function's name or the first reason of a failure."""
    stacks, name = client(lab, "cloudformation", account, region), f"s-{uuid.uuid4().hex[:12]}"
    stacks.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
        return None if found["StackStatus"].endswith("IN_PROGRESS") else found

    stack = wait_until(ended, 30, "the stack is made or not")
    if stack["StackStatus"] == "CREATE_COMPLETE":
        return stack["StackStatus"], stack["Outputs"][0]["OutputValue"]
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    return stack["StackStatus"], failed[-1]["ResourceStatusReason"]


def test_a_stack_takes_code_and_layer_from_another_accounts_bucket(
    lab: Lab, organization: str
) -> None:
    name, hub = bucket(lab, organization, ELSEWHERE), client(lab, "s3", HUB, ELSEWHERE)
    version = f"python/lib/python3.{sys.version_info.minor}/site-packages"
    layer = {
        "python/said.py": "WORD = 'layer'",
        "python/index.py": "broken",
        f"{version}/deeper.py": "WORD = 'site'",
        "python/deeper.py": "WORD = 'python'",
    }
    hub.put_object(Bucket=name, Key="code/l.zip", Body=archive(layer))
    body = template(
        {"S3Bucket": name, "S3Key": "code/f.zip"}, {"S3Bucket": name, "S3Key": "code/l.zip"}
    )
    status, function = deploy(lab, SPOKE, body, ELSEWHERE)
    assert (status, function) == ("CREATE_COMPLETE", function)
    invoked = client(lab, "lambda", SPOKE, ELSEWHERE).invoke(FunctionName=function, Payload=b"{}")
    answer = json.loads(invoked["Payload"].read())
    assert answer["said"] == "layer", answer
    # The bundle's own module goes first, then site-packages, then python/.
    assert answer["deeper"] == "site"
    assert answer["path"][0].endswith("/task")
    assert "LAB_OPT" not in answer["variables"]
    assert answer["where"].endswith("/python/said.py") and not answer["where"].startswith("/opt/")


def test_a_stack_of_a_stranger_gets_no_code(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    body = template({"S3Bucket": name, "S3Key": "code/f.zip"})
    status, why = deploy(lab, STRANGER, body)
    assert status == "ROLLBACK_COMPLETE"
    assert f"permission to GetObject for {name}/code/f.zip. S3 Error Code: AccessDenied" in why


def test_code_has_to_be_in_the_functions_region(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    status, why = deploy(lab, SPOKE, template({"S3Bucket": name, "S3Key": "code/f.zip"}), ELSEWHERE)
    assert (status, "S3 Error Code: PermanentRedirect" in why) == ("ROLLBACK_COMPLETE", True)


def test_code_that_is_not_there_fails_the_stack(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    status, why = deploy(lab, SPOKE, template({"S3Bucket": name, "S3Key": "code/none.zip"}))
    assert (status, "S3 Error Code: NoSuchKey" in why) == ("ROLLBACK_COMPLETE", True)


def test_create_function_reads_its_code_as_whoever_calls(lab: Lab, organization: str) -> None:
    name = bucket(lab, organization)
    arn = f"arn:aws:iam::{SPOKE}:role/none"
    wanted = {
        "FunctionName": f"f-{uuid.uuid4().hex[:12]}",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"S3Bucket": name, "S3Key": "code/f.zip"},
        "Role": arn,
    }
    may_not = role(lab, SPOKE, "lambda:*", "*").client("lambda", endpoint_url=lab.url)
    with pytest.raises(ClientError) as error:
        may_not.create_function(**wanted)
    code, words = refused(error)
    assert (code, "denied by S3" in words) == ("AccessDeniedException", True)


def test_a_function_takes_five_layers(lab: Lab) -> None:
    functions = client(lab, "lambda", SPOKE)
    zipped = archive({"python/said.py": "WORD = 1"})
    made = functions.publish_layer_version(LayerName="said", Content={"ZipFile": zipped})
    with pytest.raises(ClientError) as error:
        functions.create_function(
            FunctionName="six",
            Runtime="python3.13",
            Handler="index.handler",
            Code={"ZipFile": archive({"index.py": HANDLER})},
            Role=f"arn:aws:iam::{SPOKE}:role/none",
            Layers=[made["LayerVersionArn"]] * 6,
        )
    assert refused(error) == (
        "InvalidParameterValueException",
        "Cannot reference more than 5 layers.",
    )


@pytest.mark.parametrize(
    ("name", "region", "space", "made"),
    [
        (f"{HUB}-{REGION}-an", REGION, "account-regional", True),
        # By the same name without saying so, of somebody else's, elsewhere, and by a plain one.
        (f"{HUB}-{REGION}-an", REGION, "global", False),
        (f"{SPOKE}-{REGION}-an", REGION, "account-regional", False),
        (f"{SPOKE}-{REGION}-an", REGION, "global", False),
        (f"{HUB}-{ELSEWHERE}-an", REGION, "account-regional", False),
        ("plain", REGION, "account-regional", False),
        (f"{HUB}-me-south-1-an", "me-south-1", "account-regional", False),
    ],
)
def test_an_accounts_own_namespace_is_for_it_alone(
    lab: Lab, name: str, region: str, space: str, made: bool
) -> None:
    s3, bucket = client(lab, "s3", HUB, region), f"b{uuid.uuid4().hex[:12]}-{name}"
    where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    given = {"BucketNamespace": space, **({} if region == REGION else where)}
    if made:
        s3.create_bucket(Bucket=bucket, **given)
        return
    with pytest.raises(ClientError, match="InvalidBucketName"):
        s3.create_bucket(Bucket=bucket, **given)
