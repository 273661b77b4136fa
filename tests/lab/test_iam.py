"""IAM is enforced: for roles' sessions on every call, for state machines and for schedules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from botocore.exceptions import ClientError

from lab import tasks
from lab.client import Lab, wait_until
from lab.ec2 import Caller
from lab.ec2.about import About
from lab.iam import Check
from lab.permissions import needed
from lab.reference import sends
from tests.lab.ec2.sdk import fresh

ACCOUNT = "111111111111"
CALLER = Caller(ACCOUNT, "us-east-1", f"arn:aws:iam::{ACCOUNT}:root")
EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
TAG = {"Key": "team", "Value": "net"}


def asked(operation: str, parameters: dict[str, Any]) -> list[tuple[str, str]]:
    checks = needed("ec2", operation, parameters, CALLER, lambda _: About({"team": "net"}))
    return [(check.action, check.resource) for check in checks]


def sent(check: Check) -> dict[str, Any]:
    """What AWS sends of a check's condition keys."""
    return {
        key: value
        for key, value in check.context.items()
        if sends(check.action, check.resource, key)
    }


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("DescribeVpcs", {"VpcIds": ["vpc-11111111"]}, [("ec2:DescribeVpcs", "*")]),
        (
            "CreateVpcEndpoint",
            {"VpcId": "vpc-11111111", "RouteTableIds": ["rtb-11111111"]},
            [
                ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*"),
                ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/vpc-11111111"),
                ("ec2:CreateVpcEndpoint", f"{EC2}:route-table/rtb-11111111"),
                ("ec2:DescribeVpcs", "*"),
            ],
        ),
        (
            "CreateVpcEndpoint",
            {
                "VpcId": "vpc-11111111",
                "VpcEndpointType": "Interface",
                "ServiceName": "com.amazonaws.us-east-1.logs",
                "SubnetIds": ["subnet-11111111"],
                "SecurityGroupIds": ["sg-11111111"],
                "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [TAG]}],
            },
            [
                ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*"),
                ("ec2:CreateTags", f"{EC2}:vpc-endpoint/*"),
                ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/vpc-11111111"),
                ("ec2:CreateVpcEndpoint", f"{EC2}:subnet/subnet-11111111"),
                ("ec2:CreateVpcEndpoint", f"{EC2}:security-group/sg-11111111"),
                ("ec2:DescribeVpcs", "*"),
                ("ec2:DescribeSubnets", "*"),
                ("ec2:DescribeSecurityGroups", "*"),
                ("route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/*"),
            ],
        ),
        (
            "ModifyVpcEndpoint",
            {
                "VpcEndpointId": "vpce-11111111",
                "AddSubnetIds": ["subnet-11111111"],
                "RemoveRouteTableIds": ["rtb-11111111"],
                "AddSecurityGroupIds": ["sg-11111111"],
                "PrivateDnsEnabled": True,
            },
            [
                ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/vpce-11111111"),
                ("ec2:ModifyVpcEndpoint", f"{EC2}:subnet/subnet-11111111"),
                ("ec2:ModifyVpcEndpoint", f"{EC2}:route-table/rtb-11111111"),
                ("ec2:ModifyVpcEndpoint", f"{EC2}:security-group/sg-11111111"),
            ],
        ),
        (
            "CreateVpc",
            {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [TAG]}]},
            [("ec2:CreateVpc", f"{EC2}:vpc/*"), ("ec2:CreateTags", f"{EC2}:vpc/*")],
        ),
        (
            "DescribeVpcEndpointServicePermissions",
            {"ServiceId": "vpce-svc-11111111"},
            [
                (
                    "ec2:DescribeVpcEndpointServicePermissions",
                    f"{EC2}:vpc-endpoint-service/vpce-svc-11111111",
                )
            ],
        ),
        (
            "AcceptVpcEndpointConnections",
            {"ServiceId": "vpce-svc-11111111", "VpcEndpointIds": ["vpce-11111111"]},
            [
                (
                    "ec2:AcceptVpcEndpointConnections",
                    f"{EC2}:vpc-endpoint-service/vpce-svc-11111111",
                ),
            ],
        ),
    ],
)
def test_a_call_is_checked_on_each_thing_that_it_names_or_makes(
    operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert asked(operation, parameters) == expected


ENDPOINT, SERVICE = "vpce-11111111", "vpce-svc-11111111"
FAR, SEVERAL = {"service_region": "us-west-2"}, {"regions": ("us-east-1", "us-west-2")}


@pytest.mark.parametrize(
    ("operation", "parameters", "about", "resources"),
    [
        ("CreateVpcEndpoint", {"ServiceRegion": "us-west-2"}, {}, ["vpc-endpoint/*"]),
        ("CreateVpcEndpoint", {"ServiceRegion": "us-east-1"}, {}, []),
        ("ModifyVpcEndpoint", {"VpcEndpointId": ENDPOINT}, FAR, [f"vpc-endpoint/{ENDPOINT}"]),
        ("DeleteVpcEndpoints", {"VpcEndpointIds": [ENDPOINT]}, FAR, [f"vpc-endpoint/{ENDPOINT}"]),
        ("DeleteVpcEndpoints", {"VpcEndpointIds": [ENDPOINT]}, {"service_region": "us-east-1"}, []),
        (
            "CreateVpcEndpointServiceConfiguration",
            {"SupportedRegions": ["us-west-2"]},
            {},
            ["vpc-endpoint-service/*"],
        ),
        ("CreateVpcEndpointServiceConfiguration", {"SupportedRegions": ["us-east-1"]}, {}, []),
        *(
            (operation, {name: value}, SEVERAL, [f"vpc-endpoint-service/{SERVICE}"])
            for operation, name, value in (
                ("ModifyVpcEndpointServiceConfiguration", "ServiceId", SERVICE),
                ("ModifyVpcEndpointServicePermissions", "ServiceId", SERVICE),
                ("StartVpcEndpointServicePrivateDnsVerification", "ServiceId", SERVICE),
                ("DeleteVpcEndpointServiceConfigurations", "ServiceIds", [SERVICE]),
            )
        ),
        (
            "ModifyVpcEndpointServiceConfiguration",
            {"ServiceId": SERVICE, "AddSupportedRegions": ["us-west-2"]},
            {},
            [f"vpc-endpoint-service/{SERVICE}"],
        ),
        (
            "ModifyVpcEndpointServiceConfiguration",
            {"ServiceId": SERVICE, "RemoveSupportedRegions": ["us-west-2"]},
            {},
            [f"vpc-endpoint-service/{SERVICE}"],
        ),
        ("ModifyVpcEndpointServiceConfiguration", {"ServiceId": SERVICE}, {}, []),
        ("AcceptVpcEndpointConnections", {"ServiceId": SERVICE}, SEVERAL, []),
    ],
)
def test_what_is_of_several_regions_is_checked_for_it(
    operation: str, parameters: dict[str, Any], about: dict[str, Any], resources: list[str]
) -> None:
    checks = needed("ec2", operation, parameters, CALLER, lambda _: About(**about))
    found = [each.resource for each in checks if each.action == "vpce:AllowMultiRegion"]
    assert found == [f"{EC2}:{resource}" for resource in resources]


def test_a_notification_is_checked_as_the_service_that_it_is_of() -> None:
    named = {"ConnectionNotificationId": "vpce-nfn-11111111", "ConnectionEvents": ["Connect"]}
    known = About(notifies="vpce-svc-11111111")
    operation = "ModifyVpcEndpointConnectionNotification"
    (check,) = needed("ec2", operation, named, CALLER, lambda _: known)
    assert check.resource == f"{EC2}:vpc-endpoint-service/vpce-svc-11111111"


def test_a_tag_that_is_asked_for_and_one_that_is_there_reach_the_conditions() -> None:
    made = {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [TAG]}]}
    create, tag = needed("ec2", "CreateVpc", made, CALLER, lambda _: About())
    assert sent(create)["aws:RequestTag/team"] == "net"
    assert sent(tag)["ec2:CreateAction"] == "CreateVpc"
    endpoint = About({"team": "net"}, "vpc-11111111", "com.amazonaws.us-east-1.s3")
    named = {"VpcEndpointIds": ["vpce-11111111"]}
    (delete,) = needed("ec2", "DeleteVpcEndpoints", named, CALLER, lambda _: endpoint)
    assert sent(delete)["aws:ResourceTag/team"] == "net"
    assert sent(delete)["ec2:VpceServiceName"] == "com.amazonaws.us-east-1.s3"


S3, MINE = "com.amazonaws.us-east-1.s3", "com.amazonaws.vpce.us-east-1.vpce-svc-11111111"


@pytest.mark.parametrize(("service", "owner"), [(S3, "amazon"), (MINE, "222222222222")])
def test_only_the_endpoint_to_be_made_has_a_service_and_its_owner(service: str, owner: str) -> None:
    published = About(vpc_id="vpc-11111111", owner=None if service == S3 else owner)
    parameters = {"VpcId": "vpc-11111111", "ServiceName": service, "SubnetIds": ["subnet-11111111"]}
    made, vpc, subnet, *_ = needed(
        "ec2", "CreateVpcEndpoint", parameters, CALLER, lambda _: published
    )
    assert sent(made) == {
        "ec2:Region": "us-east-1",
        "ec2:VpceServiceName": service,
        "ec2:VpceServiceOwner": owner,
        "ec2:VpceServiceRegion": "us-east-1",
    }
    assert sent(vpc) == {"ec2:Region": "us-east-1", "ec2:VpcID": "vpc-11111111"}
    assert sent(subnet) == {"ec2:Region": "us-east-1", "ec2:SubnetID": "subnet-11111111"}


def test_a_change_of_an_endpoint_asks_where_its_service_is_and_which_table() -> None:
    endpoint = About({}, "vpc-11111111", S3, "us-east-1")
    things = {"vpce-11111111": endpoint, "rtb-11111111": About(vpc_id="vpc-11111111")}
    parameters = {"VpcEndpointId": "vpce-11111111", "AddRouteTableIds": ["rtb-11111111"]}
    changed, table = needed("ec2", "ModifyVpcEndpoint", parameters, CALLER, things.__getitem__)
    assert sent(changed) == {"ec2:Region": "us-east-1", "ec2:VpceServiceRegion": "us-east-1"}
    assert sent(table) == {"ec2:Region": "us-east-1", "ec2:RouteTableID": "rtb-11111111"}


@pytest.mark.parametrize(
    ("more", "asked_for"),
    [
        ({}, True),
        ({"PrivateDnsEnabled": False}, False),
        ({"ServiceName": S3}, False),
        ({"ServiceName": S3, "PrivateDnsEnabled": True}, True),
        ({"ServiceName": MINE}, False),
        ({"ServiceName": MINE, "PrivateDnsEnabled": True}, True),
        ({"VpcEndpointType": "Gateway"}, False),
    ],
)
def test_a_private_name_takes_a_permission_of_route_53(
    more: dict[str, Any], asked_for: bool
) -> None:
    parameters = {"VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.us-east-1.logs"}

    def know(identifier: str) -> About:
        return About(owner="222222222222" if identifier.startswith("vpce-svc-") else None)

    checks = needed("ec2", "CreateVpcEndpoint", {**parameters, **more}, CALLER, know)
    actions = [check.action for check in checks]
    assert ("route53:AssociateVPCWithHostedZone" in actions) is asked_for


def test_a_resource_lies_in_a_vpc() -> None:
    inside = About(vpc_id="vpc-11111111")
    named = {"SubnetId": "subnet-11111111"}
    (deleted,) = needed("ec2", "DeleteSubnet", named, CALLER, lambda _: inside)
    assert sent(deleted)["ec2:Vpc"] == f"{EC2}:vpc/vpc-11111111"


def test_a_balancer_to_be_made_and_its_tags_are_checked_by_name() -> None:
    parameters = {"Name": "mine", "Tags": [TAG]}
    checks = [
        *needed("elasticloadbalancing", "CreateLoadBalancer", parameters, CALLER, lambda _: About())
    ]
    arn = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/mine/*"
    assert [(check.action, check.resource) for check in checks] == [
        ("elasticloadbalancing:CreateLoadBalancer", arn),
        ("elasticloadbalancing:AddTags", arn),
    ]


def test_a_task_takes_its_action_on_what_it_names() -> None:
    given = {"FunctionName": "arn:f"}
    invoke = tasks.check("arn:aws:states:::lambda:invoke", given)
    assert invoke == Check("lambda:InvokeFunction", "arn:f")
    start = tasks.check("arn:aws:states:::states:startExecution", {"StateMachineArn": "arn:m"})
    assert start == Check("states:StartExecution", "arn:m")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=(ACCOUNT,), deploy=False) as running:
        yield running


def role(lab: Lab, name: str, trusted: str, statements: list[dict[str, Any]]) -> str:
    iam = lab.client("iam")
    principal = {"Service": trusted} if trusted.endswith("amazonaws.com") else {"AWS": trusted}
    trust = [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": trust}))[
        "Role"
    ]["Arn"]
    iam.put_role_policy(
        RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": statements})
    )
    return str(arn)


def session(lab: Lab, arn: str, account: str = ACCOUNT, service: str = "ec2") -> Any:
    keys = lab.client("sts", account).assume_role(RoleArn=arn, RoleSessionName="test")[
        "Credentials"
    ]
    return boto3.client(
        service,
        endpoint_url=lab.url,
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def test_a_role_may_do_what_it_is_allowed_and_no_more_in_aws_words(lab: Lab) -> None:
    allow = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}
    ec2 = session(lab, role(lab, "looker", f"arn:aws:iam::{ACCOUNT}:root", [allow]))
    assert "Vpcs" in ec2.describe_vpcs()
    with pytest.raises(ClientError) as refused:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert refused.value.response["Error"] == {
        "Code": "UnauthorizedOperation",
        "Message": "You are not authorized to perform this operation. User:"
        f" arn:aws:sts::{ACCOUNT}:assumed-role/looker/test is not authorized to perform:"
        f" ec2:CreateVpc on resource: {EC2}:vpc/* because no identity-based policy allows the"
        " ec2:CreateVpc action",
    }
    assert lab.calls(operation="CreateVpc", error="UnauthorizedOperation")


def test_a_condition_on_a_resource_tag_binds_changes_to_it(lab: Lab) -> None:
    of = {"StringEquals": {"aws:ResourceTag/owner": "me"}}
    statements = [{"Effect": "Allow", "Action": "ec2:DeleteVpc", "Resource": "*", "Condition": of}]
    ec2 = session(lab, role(lab, "deleter", f"arn:aws:iam::{ACCOUNT}:root", statements))
    root = lab.client("ec2")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "owner", "Value": "me"}]}]
    mine = root.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    theirs = root.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    ec2.delete_vpc(VpcId=mine)
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        ec2.delete_vpc(VpcId=theirs)


SSM = f"arn:aws:ssm:us-east-1:{ACCOUNT}"
OWNED = [{"Key": "owner", "Value": "me"}]


def statement(action: str, resource: str, **equal: str) -> dict[str, Any]:
    when = {"StringEquals": {key.replace("__", ":"): value for key, value in equal.items()}}
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": when}


def writer(lab: Lab, name: str, *statements: dict[str, Any]) -> Any:
    every = [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}, *statements]
    return session(lab, role(lab, name, f"arn:aws:iam::{ACCOUNT}:root", every), service="ssm")


def test_overwriting_a_parameter_sends_that_it_does_and_no_tag(lab: Lab) -> None:
    lab.client("ssm").put_parameter(Name="/a/b", Value="1", Type="String", Tags=OWNED)
    again = {"Name": "/a/b", "Value": "2", "Type": "String", "Overwrite": True}
    tagged = {"StringEquals": {"aws:ResourceTag/owner": "me"}}
    owned = {**statement("ssm:PutParameter", f"{SSM}:parameter/a/*"), "Condition": tagged}
    with pytest.raises(ClientError, match="not authorized to perform: ssm:PutParameter"):
        writer(lab, "by-tag", owned).put_parameter(**again)
    over = statement("ssm:PutParameter", f"{SSM}:parameter/a/*", ssm__Overwrite="true")
    ours = writer(lab, "by-overwrite", over)
    assert ours.put_parameter(**again)["Version"] == 2
    with pytest.raises(ClientError, match="not authorized to perform: ssm:PutParameter"):
        ours.put_parameter(Name="/a/c", Value="1", Type="String")


def test_tags_of_a_parameter_are_asked_for_with_and_without_its_own_slash(lab: Lab) -> None:
    put = statement("ssm:PutParameter", f"{SSM}:parameter/t/*")
    made = {"Name": "/t/a", "Value": "1", "Type": "String"}
    for number, missing in enumerate(("parameter/t", "parameter//t")):
        one = statement("ssm:AddTagsToResource", f"{SSM}:parameter{'/' * (2 - number)}t/*")
        ours = writer(lab, f"tagger{number}", put, one)
        denied = f"ssm:AddTagsToResource on resource: {SSM}:{missing}/a"
        with pytest.raises(ClientError, match=f"not authorized to perform: {denied} because"):
            ours.put_parameter(**made, Tags=OWNED)
    ours = writer(
        lab,
        "tagger",
        put,
        *(
            statement(action, f"{SSM}:parameter{slash}t/*")
            for action in ("ssm:AddTagsToResource", "ssm:ListTagsForResource")
            for slash in ("/", "//")
        ),
    )
    ours.put_parameter(**made, Tags=OWNED)
    named = {"ResourceType": "Parameter", "ResourceId": "/t/a"}
    assert ours.list_tags_for_resource(**named)["TagList"] == OWNED


def test_an_endpoint_takes_more_than_its_own_permission(lab: Lab) -> None:
    root = lab.client("ec2")
    vpc = root.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        root.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    asked_for = {"VpcId": vpc, "VpcEndpointType": "Interface"}
    asked_for["ServiceName"] = "com.amazonaws.us-east-1.logs"
    have = ["ec2:CreateVpcEndpoint"]
    for missing in ("ec2:DescribeVpcs", "route53:AssociateVPCWithHostedZone"):
        allow = {"Effect": "Allow", "Action": have, "Resource": "*"}
        name = f"maker{len(have)}"
        ec2 = session(lab, role(lab, name, f"arn:aws:iam::{ACCOUNT}:root", [allow]))
        with pytest.raises(ClientError, match=f"not authorized to perform: {missing}"):
            ec2.create_vpc_endpoint(**asked_for)
        have.append(missing)
    allow = {"Effect": "Allow", "Action": have, "Resource": "*"}
    ec2 = session(lab, role(lab, "maker", f"arn:aws:iam::{ACCOUNT}:root", [allow]))
    assert ec2.create_vpc_endpoint(**asked_for)["VpcEndpoint"]["PrivateDnsEnabled"]


def test_several_regions_take_a_permission_of_their_own(lab: Lab) -> None:
    vpc = lab.client("ec2").create_vpc(CidrBlock="10.4.0.0/16")["Vpc"]["VpcId"]
    asked_for = {"VpcId": vpc, "VpcEndpointType": "Interface", "PrivateDnsEnabled": False}
    asked_for |= {"ServiceName": "com.amazonaws.us-west-2.s3", "ServiceRegion": "us-west-2"}

    def caller(*more: str) -> Any:
        actions = ["ec2:CreateVpcEndpoint", "ec2:DescribeVpcs", "ec2:DeleteVpcEndpoints", *more]
        allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        return session(lab, role(lab, fresh("far"), f"arn:aws:iam::{ACCOUNT}:root", [allow]))

    near, far = caller(), caller("vpce:AllowMultiRegion")
    words = (
        "perform: ec2:CreateVpcEndpoint on resource: .*vpc-endpoint/.* because no identity-based"
    )
    with pytest.raises(
        ClientError, match=f"{words} policy allows the vpce:AllowMultiRegion action"
    ):
        near.create_vpc_endpoint(**asked_for)
    made = far.create_vpc_endpoint(**asked_for)["VpcEndpoint"]["VpcEndpointId"]
    with pytest.raises(ClientError, match="vpce:AllowMultiRegion"):
        near.delete_vpc_endpoints(VpcEndpointIds=[made])
    assert far.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []


@pytest.mark.parametrize("service", ["ec2", "sqs"])
def test_a_session_is_known_by_its_roles_arn(lab: Lab, service: str) -> None:
    name = f"known-{service}"
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    allow = {"Effect": "Allow", "Action": ["ec2:DescribeVpcs", "sqs:ListQueues"], "Resource": "*"}
    role(lab, name, f"arn:aws:iam::{ACCOUNT}:root", [allow])

    def look(operator: str, principal: str) -> None:
        of = {operator: {"aws:PrincipalArn": principal}}
        document = json.dumps({"Statement": [{**allow, "Condition": of}]})
        lab.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        client = session(lab, arn, service=service)
        (client.describe_vpcs if service == "ec2" else client.list_queues)()

    look("StringEquals", arn)
    look("ArnLike", arn)
    for wrong in (f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/test", f"{arn}er"):
        with pytest.raises(ClientError, match="not authorized"):
            look("ArnEquals", wrong)


def test_a_role_of_another_account_is_assumed_if_it_trusts_the_caller(lab: Lab) -> None:
    allow = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}
    friend = "222222222222"
    arn = role(lab, "reader", f"arn:aws:iam::{friend}:root", [allow])
    assert session(lab, arn, friend).describe_vpcs()
    with pytest.raises(ClientError, match="AccessDenied"):
        session(lab, arn, "333333333333")


def test_a_condition_on_partition_keys_binds_what_is_read_and_written(lab: Lab) -> None:
    dynamodb = lab.client("dynamodb")
    dynamodb.create_table(
        TableName="notes",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    allow = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": "*"}
    mine = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}}
    who = role(lab, "writer", f"arn:aws:iam::{ACCOUNT}:root", [{**allow, "Condition": mine}])
    writer = session(lab, who, service="dynamodb")

    def write(key: str) -> None:
        put = {"TableName": "notes", "Item": {"pk": {"S": key}}}
        writer.transact_write_items(TransactItems=[{"Put": put}])

    def read(key: str) -> None:
        writer.query(
            TableName="notes",
            KeyConditionExpression="#k = :k",
            ExpressionAttributeNames={"#k": "pk"},
            ExpressionAttributeValues={":k": {"S": key}},
        )

    for act in (write, read):
        act("mine")
        with pytest.raises(ClientError, match="AccessDenied"):
            act("theirs")


def test_a_select_is_checked_as_one_on_its_table_and_partitions(lab: Lab) -> None:
    lab.client("dynamodb").create_table(
        TableName="n-otes",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = f"arn:aws:dynamodb:*:{ACCOUNT}:table/n-otes"
    allow = {"Effect": "Allow", "Action": "dynamodb:PartiQLSelect", "Resource": arn}
    of_two = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine", "ours"]}}
    no_scan = {"Bool": {"dynamodb:FullTableScan": "false"}}
    policy = [{**allow, "Condition": {**of_two, **no_scan}}]
    who = role(lab, "selector", f"arn:aws:iam::{ACCOUNT}:root", policy)
    other = role(
        lab,
        "querier",
        f"arn:aws:iam::{ACCOUNT}:root",
        [{**allow, "Action": ["dynamodb:Query", "dynamodb:ExecuteStatement"]}],
    )

    def select(whom: str, *keys: str, where: str = "") -> None:
        named = where or f" WHERE pk IN [{', '.join('?' * len(keys))}]"
        given = {"Parameters": [{"S": key} for key in keys]} if keys else {}
        session(lab, whom, service="dynamodb").execute_statement(
            Statement=f'SELECT * FROM "n-otes"{named}', **given
        )

    select(who, "mine", "ours")
    select(who, "mine", where=" WHERE pk = ?")
    for whom, keys, where in (
        (who, ("mine", "theirs"), ""),
        (who, (), " "),
        (who, ("mine",), " WHERE sk = ?"),
        (other, ("mine",), ""),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            select(whom, *keys, where=where)


def test_a_task_may_work_out_how_long_it_may_take(lab: Lab) -> None:
    allow = {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    states, task = lab.client("stepfunctions"), {"Type": "Task", "End": True}
    task |= {"Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Arguments": {}}
    task |= {"TimeoutSeconds": "{% $states.input.seconds %}"}
    definition = {"QueryLanguage": "JSONata", "StartAt": "List", "States": {"List": task}}
    machine = states.create_state_machine(
        name="lists",
        definition=json.dumps(definition),
        roleArn=role(lab, "lister", "states.amazonaws.com", [allow]),
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input='{"seconds": 5}')
    ended = wait_until(lambda: _ended(states, execution["executionArn"]), 10, "the end")
    assert ended["status"] == "SUCCEEDED", ended


def _ended(states: Any, arn: str) -> dict[str, Any] | None:
    found: dict[str, Any] = states.describe_execution(executionArn=arn)
    return found if found["status"] != "RUNNING" else None
