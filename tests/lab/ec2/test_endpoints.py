"""Gateway endpoints: made, changed, deleted, described."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.client import Lab

from .conftest import Net
from .sdk import DYNAMODB, OWNER, REGION, S3, Sdk, code, refusal

PL = "pl-63a5400a"
MISSING = "vpce-0123456789abcdef0"


def _shown(owner: Any, endpoint: str) -> dict[str, Any]:
    return dict(owner.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0])


def test_an_endpoint_is_a_gateway_by_default_and_sets_its_routes(net: Net) -> None:
    endpoint = net.endpoint(net.main, net.table)

    shown = _shown(net.owner, endpoint)
    assert shown["VpcEndpointType"] == "Gateway"
    assert shown["State"] == "available"
    assert shown["RouteTableIds"] == [net.main, net.table]
    assert net.routes(net.main) == net.routes(net.table) == {PL: endpoint}


def test_an_endpoint_route_is_an_active_one(net: Net) -> None:
    endpoint = net.endpoint(net.table)
    found = net.tables(Name="route.gateway-id", Values=[endpoint])
    assert [table["RouteTableId"] for table in found] == [net.table]
    route = next(r for r in found[0]["Routes"] if "DestinationPrefixListId" in r)
    assert route == {
        "DestinationPrefixListId": PL,
        "GatewayId": endpoint,
        "State": "active",
        "Origin": "CreateRoute",
    }


def test_deleting_an_endpoint_takes_its_routes(net: Net) -> None:
    endpoint = net.endpoint(net.main, net.table)
    answer = net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert answer["Unsuccessful"] == []
    assert net.routes(net.main) == net.routes(net.table) == {}


def test_an_endpoint_keeps_its_routes_until_it_is_gone_and_is_listed_for_a_while_after(
    net: Net, lab: Lab
) -> None:
    lab.world({"settle_seconds": 5})
    endpoint = net.endpoint(net.table)
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert _shown(net.owner, endpoint)["State"] == "deleting"
    create = {"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [net.table]}
    assert code(net.owner.create_vpc_endpoint, **create) == "RouteAlreadyExists"
    change = {"VpcEndpointId": endpoint, "ResetPolicy": True}
    assert code(net.owner.modify_vpc_endpoint, **change) == "InvalidState"
    lab.pass_time(5)
    assert _shown(net.owner, endpoint)["State"] == "deleted"
    assert net.routes(net.table) == {}
    assert code(net.owner.modify_vpc_endpoint, **change) == "InvalidVpcEndpointId.NotFound"
    lab.pass_time(2)
    assert code(net.owner.describe_vpc_endpoints, VpcEndpointIds=[endpoint]) == (
        "InvalidVpcEndpointId.NotFound"
    )


def test_deleting_a_table_takes_it_from_the_endpoint(net: Net) -> None:
    endpoint = net.endpoint(net.main, net.table)
    net.owner.delete_route_table(RouteTableId=net.table)
    assert _shown(net.owner, endpoint)["RouteTableIds"] == [net.main]


def test_deleting_several_endpoints_reports_the_missing_and_deletes_the_rest(net: Net) -> None:
    endpoint = net.endpoint(net.table)
    answer = net.owner.delete_vpc_endpoints(VpcEndpointIds=[MISSING, endpoint])
    assert answer["Unsuccessful"] == [
        {
            "ResourceId": MISSING,
            "Error": {
                "Code": "InvalidVpcEndpoint.NotFound",
                "Message": f"The Vpc Endpoint Id '{MISSING}' does not exist",
            },
        }
    ]
    assert _shown(net.owner, endpoint)["State"] == "deleted"


@pytest.mark.parametrize("settled", ["RouteAlreadyExists", "InvalidParameter"])
def test_a_second_route_for_a_prefix_list_is_refused_in_both_codes(
    net: Net, lab: Lab, settled: str
) -> None:
    lab.world({"route_exists_code": settled})
    net.endpoint(net.table)
    refused = refusal(
        net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[net.table]
    )
    assert refused == (
        settled,
        f"route table {net.table} already has a route with destination-prefix-list-id {PL}",
    )


def test_a_refused_endpoint_leaves_nothing(net: Net) -> None:
    first = net.endpoint(net.table)
    code(
        net.owner.create_vpc_endpoint,
        VpcId=net.vpc,
        ServiceName=S3,
        RouteTableIds=[net.main, net.table],
    )
    assert [e["VpcEndpointId"] for e in net.owner.describe_vpc_endpoints()["VpcEndpoints"]] == [
        first
    ]
    assert net.routes(net.main) == {}


def test_endpoints_for_one_service_share_a_vpc_if_their_tables_differ(net: Net) -> None:
    first, second = net.endpoint(net.main), net.endpoint(net.table)
    assert net.routes(net.main) == {PL: first}
    assert net.routes(net.table) == {PL: second}


def test_services_have_routes_side_by_side(net: Net) -> None:
    s3, dynamodb = net.endpoint(net.table), net.endpoint(net.table, service=DYNAMODB)
    assert net.routes(net.table) == {PL: s3, "pl-02cd2c6b": dynamodb}


def test_the_default_policy_allows_everything(net: Net) -> None:
    shown = _shown(net.owner, net.endpoint())
    assert json.loads(shown["PolicyDocument"]) == {
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }


STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": ["s3:Get*", "s3:Put*"], "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


def test_a_policy_is_kept_changed_and_reset(net: Net) -> None:
    endpoint = net.endpoint(PolicyDocument=POLICY)
    shown = _shown(net.owner, endpoint)["PolicyDocument"]
    net.owner.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    assert "2008-10-17" in _shown(net.owner, endpoint)["PolicyDocument"]
    net.owner.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=POLICY)
    assert _shown(net.owner, endpoint)["PolicyDocument"] == shown


def test_a_policy_comes_back_in_an_order_of_its_own(net: Net) -> None:
    shown = _shown(net.owner, net.endpoint(PolicyDocument=POLICY))["PolicyDocument"]
    assert shown != POLICY
    assert list(json.loads(shown)) == ["Statement", "Version"]
    account = {"Statement": {**STATEMENT, "Principal": {"AWS": OWNER}}}
    shown = _shown(net.owner, net.endpoint(PolicyDocument=json.dumps(account)))["PolicyDocument"]
    root = {"AWS": f"arn:aws:iam::{OWNER}:root"}
    assert json.loads(shown)["Statement"]["Principal"] == root
    actions = json.loads(shown)["Statement"]["Action"]
    assert actions == list(reversed(STATEMENT["Action"]))


def _with(**changed: Any) -> dict[str, Any]:
    """The statement with other members; None takes one away."""
    statement = {**STATEMENT, **changed}
    return {key: value for key, value in statement.items() if value is not None}


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": _with(Effect="Alow")},
        {"Statement": _with(Effect="allow")},
        {"Statement": _with(Principal=None)},
        {"Statement": _with(Principal="someone")},
        {"Statement": _with(Principal={"Aws": "*"})},
        {"Statement": _with(NotPrincipal="*")},
        {"Statement": _with(Action=None)},
        {"Statement": _with(Action=[])},
        {"Statement": _with(Action="get an object")},
        {"Statement": _with(Resource=None)},
        {"Statement": _with(Resource="my-bucket")},
        {"Statement": _with(Colour="red")},
        {"Statement": _with(Condition={"StringEquals": "x"})},
        {"Statement": _with(Condition={"StringEquals": {}})},
        {"Statement": _with(Condition={"StringIs": {"aws:PrincipalOrgID": "o-1"}})},
        {"Statement": _with(Condition=[{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}])},
        {"Statement": []},
        {"Statement": "everything"},
        {"Statement": [STATEMENT], "Version": "2012-10-18"},
        {"Statement": [STATEMENT], "Version": None},
        {"Statement": [STATEMENT], "Colour": "red"},
    ],
)
def test_a_policy_outside_iams_grammar_is_refused(net: Net, document: dict[str, Any]) -> None:
    asked = {"VpcId": net.vpc, "ServiceName": S3, "PolicyDocument": json.dumps(document)}
    assert code(net.owner.create_vpc_endpoint, **asked) == "InvalidPolicyDocument"


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": STATEMENT},
        {"Statement": [STATEMENT], "Version": "2012-10-17", "Id": "mine"},
        {"Statement": _with(Principal={"AWS": ["*"]}, Sid="One")},
        {"Statement": _with(Action=None, NotAction="s3:Delete*")},
        {"Statement": _with(Resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"])},
        {"Statement": _with(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": ["o-1"]}})},
        {"Statement": _with(Condition={"ForAnyValue:StringLike": {"aws:OrgPaths": "o/*"}})},
        {"Statement": _with(Condition={"Bool": {"aws:SecureTransport": False}})},
        {"Statement": _with(Condition={"Null": {"aws:PrincipalArn": "true"}})},
    ],
)
def test_a_policy_within_iams_grammar_is_taken(net: Net, document: dict[str, Any]) -> None:
    assert net.endpoint(PolicyDocument=json.dumps(document))


def test_a_policy_for_a_root_user_alone_is_taken(net: Net) -> None:
    """What such a Principal comes to, nobody is told: it is for whoever writes it to know."""
    root = "arn:aws:iam::111111111111:root"
    policy = POLICY.replace('"Principal": "*"', f'"Principal": {{"AWS": "{root}"}}')
    assert policy != POLICY
    shown = _shown(net.owner, net.endpoint(PolicyDocument=policy))["PolicyDocument"]
    assert root in shown


def _sized(length: int) -> str:
    return POLICY[:-1] + " " * (length - len(POLICY)) + "}"


@pytest.mark.parametrize(
    "policy",
    ["", "not json", '{"Version":"2012-10-17"}', "[]", "{", "[" * 20_000, _sized(20_481)],
)
def test_a_bad_policy_is_refused(net: Net, policy: str) -> None:
    if not policy:
        assert net.endpoint(PolicyDocument=policy)
        return
    refused, message = refusal(
        net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3, PolicyDocument=policy
    )
    assert refused == "InvalidPolicyDocument"
    assert message.startswith("The Policy Document is not valid. ")


def test_a_policy_of_the_greatest_length_is_taken(net: Net) -> None:
    assert len(_sized(20_480)) == 20_480
    assert net.endpoint(PolicyDocument=_sized(20_480))


def test_modify_adds_and_removes_tables_in_one_call(net: Net) -> None:
    endpoint = net.endpoint(net.main)
    net.owner.modify_vpc_endpoint(
        VpcEndpointId=endpoint, AddRouteTableIds=[net.table], RemoveRouteTableIds=[net.main]
    )
    assert _shown(net.owner, endpoint)["RouteTableIds"] == [net.table]
    assert net.routes(net.main) == {}
    assert net.routes(net.table) == {PL: endpoint}


def test_adding_a_table_twice_changes_nothing(net: Net) -> None:
    endpoint = net.endpoint(net.table)
    net.owner.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[net.table])
    assert _shown(net.owner, endpoint)["RouteTableIds"] == [net.table]


def test_modify_refuses_a_table_that_another_endpoint_routes(net: Net) -> None:
    net.endpoint(net.table)
    second = net.endpoint(net.main)
    assert (
        code(net.owner.modify_vpc_endpoint, VpcEndpointId=second, AddRouteTableIds=[net.table])
        == "RouteAlreadyExists"
    )


def test_modify_while_a_change_runs_is_refused(net: Net, lab: Lab) -> None:
    lab.world({"settle_seconds": 5})
    endpoint = net.endpoint(net.main)
    modify = net.owner.modify_vpc_endpoint
    assert refusal(modify, VpcEndpointId=endpoint, AddRouteTableIds=[net.table]) == (
        "OperationInProgress",
        "VpcEndpoint modify operation in progress",
    )
    lab.pass_time(5)
    modify(VpcEndpointId=endpoint, AddRouteTableIds=[net.table])
    assert code(modify, VpcEndpointId=endpoint, ResetPolicy=True) == "OperationInProgress"
    lab.pass_time(5)
    modify(VpcEndpointId=endpoint, ResetPolicy=True)


def test_a_new_endpoint_is_pending_until_it_settles(net: Net, lab: Lab) -> None:
    lab.world({"settle_seconds": 5})
    endpoint = net.endpoint(net.main)
    assert _shown(net.owner, endpoint)["State"] == "pending"
    lab.pass_time(5)
    assert _shown(net.owner, endpoint)["State"] == "available"
    net.owner.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    assert _shown(net.owner, endpoint)["State"] == "available"


def test_endpoints_take_a_moment_unless_told_otherwise(lab: Lab) -> None:
    lab.forget_world()
    assert lab.world({})["settle_seconds"] == 0.2


def test_unknown_things_are_refused_in_the_words_of_endpoint_calls(net: Net) -> None:
    create = net.owner.create_vpc_endpoint
    table, vpc = "rtb-0123456789abcdef0", "vpc-0123456789abcdef0"
    assert code(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[table]) == (
        "InvalidRouteTableId.NotFound"
    )
    assert code(create, VpcId=vpc, ServiceName=S3) == "InvalidVpcId.NotFound"
    assert code(create, VpcId="vpc-x", ServiceName=S3) == "InvalidVpcId.Malformed"
    assert refusal(create, VpcId=net.vpc, ServiceName="com.amazonaws.us-east-1.s4") == (
        "InvalidServiceName",
        "The Vpc Endpoint Service 'com.amazonaws.us-east-1.s4' does not exist",
    )
    assert refusal(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=["nonsense"]) == (
        "InvalidRouteTableId.Malformed",
        "Invalid Id: 'nonsense' (expecting 'rtb-...; the Id may only contain lowercase"
        " alphanumeric characters and a single dash')",
    )


def test_a_service_of_another_region_is_unknown(net: Net) -> None:
    assert code(
        net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName="com.amazonaws.eu-west-1.s3"
    ) == ("InvalidServiceName")


def test_a_table_of_another_vpc_is_refused(net: Net) -> None:
    vpc = net.owner.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    table = net.owner.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    endpoint = net.endpoint(net.table)
    create, modify = net.owner.create_vpc_endpoint, net.owner.modify_vpc_endpoint
    assert code(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[table]) == "InvalidParameter"
    assert code(modify, VpcEndpointId=endpoint, AddRouteTableIds=[table]) == "InvalidParameter"


def test_a_gateway_route_table_takes_no_endpoint(net: Net) -> None:
    gateway = net.owner.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    net.owner.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net.vpc)
    net.owner.associate_route_table(RouteTableId=net.table, GatewayId=gateway)
    create = net.owner.create_vpc_endpoint
    assert code(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[net.table]) == (
        "InvalidParameter"
    )


def test_a_gateway_endpoint_takes_no_subnets(net: Net) -> None:
    create = net.owner.create_vpc_endpoint
    assert refusal(create, VpcId=net.vpc, ServiceName=S3, SubnetIds=[net.subnet]) == (
        "InvalidParameter",
        "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.",
    )
    assert code(
        net.owner.modify_vpc_endpoint, VpcEndpointId=net.endpoint(), AddSubnetIds=[net.subnet]
    ) == ("InvalidParameter")


def test_a_type_that_nobody_knows_is_refused(net: Net) -> None:
    asked = {"VpcId": net.vpc, "ServiceName": S3, "VpcEndpointType": "Teleport"}
    assert code(net.owner.create_vpc_endpoint, **asked) == "InvalidParameterValue"


def test_the_same_token_gives_the_same_answer(net: Net) -> None:
    first = net.endpoint(net.table, ClientToken="once")
    assert net.endpoint(net.table, ClientToken="once") == first
    assert len(net.owner.describe_vpc_endpoints()["VpcEndpoints"]) == 1


def test_a_token_outlives_its_endpoint(net: Net) -> None:
    first = net.endpoint(net.table, ClientToken="once")
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[first])
    assert net.endpoint(net.table, ClientToken="once") == first
    assert _shown(net.owner, first)["State"] == "deleted"


def test_a_token_with_other_parameters_is_refused(net: Net) -> None:
    net.endpoint(net.table, ClientToken="once")
    assert (
        code(net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3, ClientToken="once")
        == "IdempotentParameterMismatch"
    )


def test_a_token_belongs_to_its_account(net: Net, other: Any) -> None:
    first = net.endpoint(net.table, ClientToken="once")
    vpc = other.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    made = other.create_vpc_endpoint(VpcId=vpc, ServiceName=S3, ClientToken="once")
    assert made["VpcEndpoint"]["VpcEndpointId"] != first


def test_a_failed_call_does_not_use_up_its_token(net: Net) -> None:
    code(net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName="nope", ClientToken="once")
    assert net.endpoint(net.table, ClientToken="once")


def test_tags_come_with_creation(net: Net) -> None:
    endpoint = net.endpoint(
        TagSpecifications=[
            {"ResourceType": "vpc-endpoint", "Tags": [{"Key": "owner", "Value": "me"}]}
        ]
    )
    assert _shown(net.owner, endpoint)["Tags"] == [{"Key": "owner", "Value": "me"}]


def test_tags_for_another_type_are_refused(net: Net) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "owner", "Value": "me"}]}]
    create = net.owner.create_vpc_endpoint
    assert (
        code(create, VpcId=net.vpc, ServiceName=S3, TagSpecifications=tags)
        == "InvalidParameterValue"
    )


def test_the_quota_ends_creation(net: Net) -> None:
    for _ in range(20):
        net.endpoint()
    assert code(net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3) == (
        "VpcEndpointLimitExceeded"
    )


def test_the_quota_is_a_regions_and_an_accounts_own(net: Net, lab: Lab, other: Any) -> None:
    lab.world({"quota": {"account": OWNER, "region": REGION, "value": 0}})
    assert code(net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3) == (
        "VpcEndpointLimitExceeded"
    )
    vpc = other.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    other.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)


def test_other_accounts_and_regions_see_nothing(net: Net, other: Any, sdk: Sdk) -> None:
    endpoint = net.endpoint()
    assert other.describe_vpc_endpoints()["VpcEndpoints"] == []
    elsewhere = sdk.client(region="eu-west-1")
    assert elsewhere.describe_vpc_endpoints()["VpcEndpoints"] == []
    assert code(other.modify_vpc_endpoint, VpcEndpointId=endpoint, ResetPolicy=True) == (
        "InvalidVpcEndpointId.NotFound"
    )


FILTERS: list[tuple[str, str, int]] = [
    ("vpc-endpoint-type", "Gateway", 2),
    ("vpc-endpoint-type", "Interface", 0),
    ("service-name", S3, 1),
    ("service-name", "com.amazonaws.*", 2),
    ("vpc-endpoint-state", "available", 2),
    ("vpc-endpoint-state", "pending", 0),
    ("tag:owner", "me", 1),
    ("tag:owner", "you", 0),
    ("tag-key", "owner", 1),
]


@pytest.mark.parametrize(("name", "value", "count"), FILTERS)
def test_describe_filters(net: Net, name: str, value: str, count: int) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "owner", "Value": "me"}]}]
    net.endpoint(TagSpecifications=tags)
    net.endpoint(service=DYNAMODB)
    filters = [{"Name": name, "Values": [value]}]
    assert len(net.owner.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]) == count


def test_describe_filters_by_id_and_vpc(net: Net) -> None:
    first, _ = net.endpoint(), net.endpoint(service=DYNAMODB)
    describe = net.owner.describe_vpc_endpoints
    by_id = describe(Filters=[{"Name": "vpc-endpoint-id", "Values": [first]}])
    assert [each["VpcEndpointId"] for each in by_id["VpcEndpoints"]] == [first]
    by_vpc = describe(Filters=[{"Name": "vpc-id", "Values": [net.vpc]}])
    assert len(by_vpc["VpcEndpoints"]) == 2


def test_a_requester_managed_endpoint_says_so(net: Net, lab: Lab) -> None:
    endpoint = net.endpoint()
    assert _shown(net.owner, endpoint)["RequesterManaged"] is False
    lab.world({"requester_managed": endpoint})
    assert _shown(net.owner, endpoint)["RequesterManaged"] is True


def test_s3express_has_endpoints_too(net: Net) -> None:
    endpoint = net.endpoint(net.table, service="com.amazonaws.us-east-1.s3express")
    lists = net.owner.describe_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.us-east-1.s3express"]}]
    )["PrefixLists"]
    assert net.routes(net.table) == {lists[0]["PrefixListId"]: endpoint}


def test_every_account_has_the_same_prefix_lists(owner: Any, other: Any) -> None:
    mine, theirs = owner.describe_prefix_lists(), other.describe_prefix_lists()
    assert mine["PrefixLists"] == theirs["PrefixLists"]
    assert {each["PrefixListName"] for each in mine["PrefixLists"]} >= {
        f"com.amazonaws.us-east-1.{service}"
        for service in ("s3", "ipv6.s3", "dynamodb", "s3express")
    }


def test_some_prefix_lists_have_no_service(owner: Any) -> None:
    lists = owner.describe_managed_prefix_lists()["PrefixLists"]
    names = {each["PrefixListName"]: each for each in lists}
    assert "com.amazonaws.global.cloudfront.origin-facing" in names
    assert names["com.amazonaws.us-east-1.ipv6.ec2-instance-connect"]["AddressFamily"] == "IPv6"
    services = owner.describe_vpc_endpoint_services()["ServiceNames"]
    assert not names.keys() <= set(services)


def test_owner_is_the_account(net: Net) -> None:
    assert _shown(net.owner, net.endpoint())["OwnerId"] == OWNER
