"""What every call has in common: forms of ids, filters, pages, dry runs, refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name

from lab.client import Lab

from .conftest import Net
from .sdk import Sdk, code, crooked, refusal

HEX = "0123456789abcdef0"
#: The describes whose filters are documented as a list of names.
DESCRIBES = (
    "AccountAttributes Addresses AvailabilityZones DhcpOptions InternetGateways ManagedPrefixLists"
    " NatGateways NetworkAcls NetworkInterfaces PrefixLists Regions RouteTables SecurityGroupRules"
    " SecurityGroups Subnets Tags VpcEndpointConnectionNotifications VpcEndpointConnections"
    " VpcEndpointServiceConfigurations VpcEndpointServicePermissions VpcEndpointServices"
    " VpcEndpoints Vpcs"
)

UNKNOWN: list[tuple[str, dict[str, Any], str]] = [
    ("describe_vpcs", {"VpcIds": [f"vpc-{HEX}"]}, "InvalidVpcID.NotFound"),
    ("describe_vpcs", {"VpcIds": ["vpc-nonsense"]}, "InvalidVpcID.Malformed"),
    ("describe_subnets", {"SubnetIds": [f"subnet-{HEX}"]}, "InvalidSubnetID.NotFound"),
    ("describe_subnets", {"SubnetIds": ["nonsense"]}, "InvalidSubnetID.Malformed"),
    ("describe_route_tables", {"RouteTableIds": [f"rtb-{HEX}"]}, "InvalidRouteTableID.NotFound"),
    ("describe_route_tables", {"RouteTableIds": ["rtb-1"]}, "InvalidRouteTableID.Malformed"),
    (
        "describe_network_interfaces",
        {"NetworkInterfaceIds": [f"eni-{HEX}"]},
        "InvalidNetworkInterfaceID.NotFound",
    ),
    (
        "describe_network_interfaces",
        {"NetworkInterfaceIds": ["eni-"]},
        "InvalidNetworkInterfaceID.Malformed",
    ),
    ("describe_security_groups", {"GroupIds": [f"sg-{HEX}"]}, "InvalidGroup.NotFound"),
    ("describe_security_groups", {"GroupIds": ["sg"]}, "InvalidGroupId.Malformed"),
    (
        "describe_internet_gateways",
        {"InternetGatewayIds": [f"igw-{HEX}"]},
        "InvalidInternetGatewayID.NotFound",
    ),
    ("describe_nat_gateways", {"NatGatewayIds": [f"nat-{HEX}"]}, "NatGatewayNotFound"),
    (
        "describe_vpc_endpoints",
        {"VpcEndpointIds": [f"vpce-{HEX}"]},
        "InvalidVpcEndpointId.NotFound",
    ),
    ("describe_vpc_endpoints", {"VpcEndpointIds": ["vpce"]}, "InvalidVpcEndpointId.Malformed"),
    ("delete_vpc_endpoints", {"VpcEndpointIds": ["vpce"]}, "InvalidVpcEndpointId.Malformed"),
    (
        "modify_vpc_endpoint",
        {"VpcEndpointId": f"vpce-{HEX}", "ResetPolicy": True},
        "InvalidVpcEndpointId.NotFound",
    ),
    ("describe_prefix_lists", {"PrefixListIds": [f"pl-{HEX}"]}, "InvalidPrefixListId.NotFound"),
    (
        "get_managed_prefix_list_entries",
        {"PrefixListId": f"pl-{HEX}"},
        "InvalidPrefixListID.NotFound",
    ),
    ("describe_vpc_endpoint_services", {"ServiceNames": ["nope"]}, "InvalidServiceName"),
    ("describe_availability_zones", {"ZoneNames": ["us-east-1z"]}, "InvalidParameterValue"),
    ("delete_vpc", {"VpcId": f"vpc-{HEX}"}, "InvalidVpcID.NotFound"),
    ("delete_subnet", {"SubnetId": f"subnet-{HEX}"}, "InvalidSubnetID.NotFound"),
    ("delete_route_table", {"RouteTableId": f"rtb-{HEX}"}, "InvalidRouteTableID.NotFound"),
    ("create_subnet", {"VpcId": f"vpc-{HEX}", "CidrBlock": "10.0.0.0/24"}, "InvalidVpcID.NotFound"),
    ("create_route_table", {"VpcId": f"vpc-{HEX}"}, "InvalidVpcID.NotFound"),
    (
        "create_tags",
        {"Resources": [f"vpce-{HEX}"], "Tags": [{"Key": "a", "Value": "b"}]},
        "InvalidVpcEndpointId.NotFound",
    ),
    ("create_tags", {"Resources": ["nope-1"], "Tags": [{"Key": "a"}]}, "InvalidID"),
    ("release_address", {"AllocationId": f"eipalloc-{HEX}"}, "InvalidAllocationID.NotFound"),
    (
        "disassociate_route_table",
        {"AssociationId": f"rtbassoc-{HEX}"},
        "InvalidAssociationID.NotFound",
    ),
]


@pytest.mark.parametrize(("operation", "parameters", "refused"), UNKNOWN)
def test_unknown_and_malformed_ids(
    owner: Any, operation: str, parameters: dict[str, Any], refused: str
) -> None:
    assert code(getattr(owner, operation), **parameters) == refused


def test_several_unknown_ids_are_named_together(owner: Any) -> None:
    first, second = f"vpc-{HEX}", f"vpc-1{HEX[1:]}"
    assert refusal(owner.describe_vpcs, VpcIds=[first, second]) == (
        "InvalidVpcID.NotFound",
        f"The vpc IDs '{first}, {second}' do not exist",
    )


def test_a_dry_run_does_nothing(net: Net, sdk: Sdk) -> None:
    assert code(net.owner.delete_vpc, VpcId=net.vpc, DryRun=True) == "DryRunOperation"
    assert sdk.last.status == 412
    assert len(net.owner.describe_vpcs()["Vpcs"]) == 1


@pytest.mark.parametrize(
    "operation",
    [
        "describe_vpcs",
        "describe_subnets",
        "describe_route_tables",
        "describe_vpc_endpoints",
        "describe_network_interfaces",
        "describe_security_groups",
        "describe_internet_gateways",
        "describe_prefix_lists",
        "describe_managed_prefix_lists",
        "describe_vpc_endpoint_services",
        "describe_availability_zones",
        "describe_tags",
    ],
)
def test_an_unknown_filter_is_refused(owner: Any, operation: str) -> None:
    filters = [{"Name": "colour", "Values": ["red"]}]
    assert refusal(getattr(owner, operation), Filters=filters) == (
        "InvalidFilter" if "vpc_endpoint" in operation else "InvalidParameterValue",
        "The filter 'colour' is invalid",
    )


#: As describes take them besides the names in the API reference (tools still use them).
OLD_NAMES = {
    "DescribeSubnets": ["availabilityZone", "availabilityZoneId", "cidr", "cidrBlock"],
    "DescribeVpcs": ["cidrBlock", "dhcpOptionsId", "isDefault"],
}


def _documented(owner: Any) -> Iterator[tuple[str, str, str]]:
    """Operation, member, filter: what botocore's documents of the served describes name."""
    for name in (f"Describe{each}" for each in DESCRIBES.split()):
        shape = owner.meta.service_model.operation_model(name).input_shape
        for member in ("Filters", "Filter"):
            if shape is None or member not in shape.members:
                continue
            words = shape.members[member].documentation
            for each in re.findall(r"<li>\s*<p>\s*<code>([a-z][\w.:-]*)</code>", words):
                yield name, member, "tag:x" if each == "tag" else each
            yield from ((name, member, each) for each in OLD_NAMES.get(name, ()))


def test_every_filter_that_is_documented_is_known(owner: Any) -> None:
    needed = {"DescribeVpcEndpointServicePermissions": {"ServiceId": f"vpce-svc-{HEX}"}}
    asked = list(_documented(owner))
    assert len(asked) > 200
    for name, member, each in asked:
        operation = getattr(owner, xform_name(name))
        filters = {member: [{"Name": each, "Values": ["x"]}]}
        if (name, each) == ("DescribeSecurityGroupRules", "group-id"):
            assert code(operation, **filters) == "InvalidGroupId.Malformed"
        elif name in needed:
            assert code(operation, **filters, **needed[name]).endswith(".NotFound")
        else:
            operation(**filters)


def test_filters_take_patterns(net: Net) -> None:
    def found(value: str) -> int:
        filters = [{"Name": "cidr", "Values": [value]}]
        return len(net.owner.describe_vpcs(Filters=filters)["Vpcs"])

    assert [found(each) for each in ("10.20.*", "10.2?.0.0/16", "10.20", "*", r"10.20.\*")] == [
        1,
        1,
        0,
        1,
        0,
    ]


def test_filters_are_all_to_be_met_and_values_are_alternatives(net: Net) -> None:
    values = {"Name": "vpc-id", "Values": [net.vpc, f"vpc-{HEX}"]}
    main = {"Name": "association.main", "Values": ["true"]}
    found = net.owner.describe_route_tables(Filters=[values, main])["RouteTables"]
    assert [table["RouteTableId"] for table in found] == [net.main]


def test_too_many_filter_values_are_refused(owner: Any) -> None:
    values = [f"vpc-{number:017x}" for number in range(201)]
    describe = owner.describe_vpcs
    assert code(describe, Filters=[{"Name": "vpc-id", "Values": values}]) == "FilterLimitExceeded"
    assert describe(Filters=[{"Name": "vpc-id", "Values": values[:200]}])["Vpcs"] == []
    long = [{"Name": "cidr", "Values": ["1" * 256]}]
    assert code(describe, Filters=long) == "FilterLimitExceeded"


def test_ids_and_filters_narrow_together(net: Net) -> None:
    filters = [{"Name": "association.main", "Values": ["true"]}]
    assert (
        net.owner.describe_route_tables(RouteTableIds=[net.table], Filters=filters)["RouteTables"]
        == []
    )


def _all_tables(owner: Any, size: int) -> list[str]:
    pages = owner.get_paginator("describe_route_tables").paginate(
        PaginationConfig={"PageSize": size}
    )
    return [table["RouteTableId"] for page in pages for table in page["RouteTables"]]


def test_pages_hold_everything_once(net: Net) -> None:
    for _ in range(18):
        net.owner.create_route_table(VpcId=net.vpc)
    everything = [t["RouteTableId"] for t in net.owner.describe_route_tables()["RouteTables"]]
    assert len(everything) == 20
    for size in (5, 7, 20):
        assert _all_tables(net.owner, size) == everything


def test_a_page_that_ends_with_the_list_has_no_token(net: Net) -> None:
    for _ in range(3):
        net.owner.create_route_table(VpcId=net.vpc)
    assert "NextToken" not in net.owner.describe_route_tables(MaxResults=5)
    net.owner.create_route_table(VpcId=net.vpc)
    assert "NextToken" in net.owner.describe_route_tables(MaxResults=5)


def test_a_page_goes_on_after_a_deletion(net: Net) -> None:
    describe = net.owner.describe_route_tables
    for _ in range(8):
        net.owner.create_route_table(VpcId=net.vpc)
    everything = [t["RouteTableId"] for t in describe()["RouteTables"]]
    token = describe(MaxResults=5)["NextToken"]
    net.owner.delete_route_table(RouteTableId=everything[4])
    rest = describe(MaxResults=5, NextToken=token)["RouteTables"]
    assert [table["RouteTableId"] for table in rest] == everything[5:]


@pytest.mark.parametrize(("size", "says"), [(4, "greater than or equal to 5"), (101, "less than")])
def test_page_sizes_have_limits(owner: Any, size: int, says: str) -> None:
    # botocore itself refuses a size below the least.
    words = refusal(crooked, owner, "DescribeRouteTables", ("MaxResults", str(size)))
    assert words[0] == "InvalidParameterValue"
    assert says in words[1]


def test_endpoints_come_at_most_a_thousand_a_page(net: Net) -> None:
    assert net.owner.describe_vpc_endpoints(MaxResults=5000)["VpcEndpoints"] == []


def test_a_foreign_token_is_refused(net: Net) -> None:
    for _ in range(5):
        net.owner.create_route_table(VpcId=net.vpc)
    token = net.owner.describe_route_tables(MaxResults=5)["NextToken"]
    assert code(net.owner.describe_route_tables, NextToken="x") == "InvalidPaginationToken"
    assert code(net.owner.describe_vpcs, NextToken=token) == "InvalidPaginationToken"


def test_an_operation_outside_the_list_is_refused_in_so_many_words(owner: Any, sdk: Sdk) -> None:
    for operation in ("RunInstances", "CreateVpnGateway", "DoesNotExist"):
        refused, message = refusal(crooked, owner, operation)
        assert (refused, sdk.last.status) == ("InvalidAction", 400)
        assert f"The lab does not serve {operation}" in message


def test_a_parameter_that_the_lab_would_ignore_is_refused(owner: Any) -> None:
    refused, message = refusal(
        owner.create_vpc, CidrBlock="10.0.0.0/16", Ipv4IpamPoolId="ipam-pool-1"
    )
    assert refused == "UnsupportedOperation"
    assert "The lab does not serve the parameter Ipv4IpamPoolId" in message
    owner.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=False)


@pytest.mark.parametrize(
    ("operation", "pairs", "refused"),
    [
        ("DeleteVpc", [], "MissingParameter"),
        ("DeleteVpc", [("VpcId", "")], "MissingParameter"),
        ("CreateTags", [("ResourceId.1", f"vpc-{HEX}")], "MissingParameter"),
        ("DescribeVpcs", [("Colour", "red")], "UnknownParameter"),
        ("DescribeVpcs", [("Filter.1.Colour", "red")], "UnknownParameter"),
        ("DescribeVpcs", [("MaxResults", "many")], "InvalidParameterValue"),
        ("DescribeVpcs", [("DryRun", "perhaps")], "InvalidParameterValue"),
        ("DescribeVpcs", [("VpcId", "vpc-1")], "InvalidQueryParameter"),
        ("DescribeVpcs", [("MaxResults.1", "5")], "InvalidQueryParameter"),
        ("DescribeVpcs", [("VpcId.x", "vpc-1")], "InvalidQueryParameter"),
        ("DescribeVpcs", [("Filter.1.Value.1", "red")], "MissingParameter"),
        ("DescribeVpcs", [("Filter.1.Name", "vpc-id")], "InvalidParameterValue"),
    ],
)
def test_crooked_requests(
    owner: Any, operation: str, pairs: list[tuple[str, str]], refused: str
) -> None:
    assert code(crooked, owner, operation, *pairs) == refused


def test_a_request_outside_the_protocol_is_refused_not_broken(
    owner: Any, balancing: Any, quotas: Any, lab: Lab
) -> None:
    code_of = code(crooked, owner, "DescribeVpcs", ("NextToken", "MQ=="))
    assert code_of == "InvalidPaginationToken"
    assert code(crooked, owner, "CreateRouteTable", ("VpcId", "\x01")) == "InvalidParameterValue"
    for body in (b"[]", b"nonsense", b'{"ServiceCode": 5, "QuotaCode": "L-1"}'):
        assert code(_sending, quotas, body) == "SerializationException"
    plain = (balancing, "DescribeTags", ("ResourceArns", "arn:aws:x"))
    assert code(crooked, *plain) == "InvalidQueryParameter"


def _sending(quotas: Any, body: bytes) -> None:
    def write(params: dict[str, Any], **_: Any) -> None:
        params["body"] = body

    quotas.meta.events.register("before-call", write)
    try:
        quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-1B52E74A")
    finally:
        quotas.meta.events.unregister("before-call", write)


def test_an_empty_list_is_no_list(net: Net) -> None:
    assert len(net.owner.describe_vpcs(VpcIds=[])["Vpcs"]) == 1


def test_parameters_are_typed(owner: Any, lab: Lab) -> None:
    code(
        crooked,
        owner,
        "CreateVpcEndpoint",
        ("VpcId", "vpc-1"),
        ("RouteTableId.2", "b"),
        ("RouteTableId.1", "a"),
        ("PrivateDnsEnabled", "false"),
        ("TagSpecification.1.ResourceType", "vpc-endpoint"),
        ("TagSpecification.1.Tag.1.Key", "k"),
    )
    assert lab.calls()[-1]["parameters"] == {
        "VpcId": "vpc-1",
        "RouteTableIds": ["a", "b"],
        "PrivateDnsEnabled": False,
        "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "k"}]}],
    }


def test_an_unknown_region_is_refused(sdk: Sdk) -> None:
    assert code(sdk.client(region="mars-1").describe_vpcs) == "InvalidParameterValue"


def test_errors_come_in_ec2s_envelope(owner: Any, sdk: Sdk) -> None:
    code(owner.delete_vpc, VpcId="a<b")
    assert "<Response><Errors><Error><Code>InvalidVpcID.Malformed</Code>" in sdk.last.body
    assert "a&lt;b" in sdk.last.body


TAGS = [{"Key": "Name", "Value": "one"}, {"Key": "team", "Value": "net"}]


def test_tags_on_everything_that_bears_them(net: Net) -> None:
    owner = net.owner
    interface = owner.create_network_interface(SubnetId=net.subnet)["NetworkInterface"]
    group = owner.create_security_group(VpcId=net.vpc, GroupName="g", Description="g")["GroupId"]
    gateway = owner.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    address = owner.allocate_address()["AllocationId"]
    bearers = [net.vpc, net.subnet, net.table, net.endpoint(), group, gateway, address]
    bearers.append(interface["NetworkInterfaceId"])
    owner.create_tags(Resources=bearers, Tags=TAGS)
    found = owner.describe_tags(Filters=[{"Name": "key", "Values": ["team"]}])["Tags"]
    assert [each["ResourceId"] for each in found] == bearers
    assert {each["ResourceType"] for each in found} == {
        "vpc",
        "subnet",
        "route-table",
        "vpc-endpoint",
        "security-group",
        "internet-gateway",
        "elastic-ip",
        "network-interface",
    }


def test_tags_are_found_deleted_and_limited(net: Net) -> None:
    owner, mine = net.owner, {"Resources": [net.vpc]}
    owner.create_tags(**mine, Tags=TAGS)
    by_tag = [{"Name": "tag:team", "Values": ["net"]}]
    assert len(owner.describe_vpcs(Filters=by_tag)["Vpcs"]) == 1
    assert len(owner.describe_tags(Filters=by_tag)["Tags"]) == 1
    owner.delete_tags(**mine, Tags=[{"Key": "team", "Value": "other"}])
    assert len(owner.describe_vpcs(Filters=by_tag)["Vpcs"]) == 1
    owner.delete_tags(**mine, Tags=[{"Key": "team"}])
    assert owner.describe_vpcs()["Vpcs"][0]["Tags"] == TAGS[:1]
    owner.delete_tags(**mine)
    assert owner.describe_vpcs()["Vpcs"][0]["Tags"] == []
    many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert code(owner.create_tags, **mine, Tags=many) == "TagLimitExceeded"
    aws = [{"Key": "aws:mine", "Value": "x"}]
    assert code(owner.create_tags, **mine, Tags=aws) == "InvalidParameterValue"


def test_a_tag_key_twice_in_a_call_is_refused(net: Net) -> None:
    twice = [{"Key": "Name", "Value": "one"}, {"Key": "Name", "Value": "two"}]
    says = ("InvalidParameterValue", "Duplicate tag key 'Name' specified.")
    assert refusal(net.owner.create_tags, Resources=[net.vpc], Tags=twice) == says
    specified = [{"ResourceType": "subnet", "Tags": twice}]
    asked = {"VpcId": net.vpc, "CidrBlock": "10.20.9.0/24", "TagSpecifications": specified}
    assert refusal(net.owner.create_subnet, **asked) == says


@pytest.mark.parametrize(
    ("specification", "refused"),
    [
        ({"Tags": TAGS}, "InvalidParameterValue"),
        ({"ResourceType": "subnet", "Tags": TAGS}, "InvalidParameterValue"),
        ({"ResourceType": "vpc"}, "InvalidTagKey.Malformed"),
        ({"ResourceType": "vpc", "Tags": [{"Key": "aws:x"}]}, "InvalidTagKey.Malformed"),
        ({"ResourceType": "vpc", "Tags": [{"Value": "x"}]}, "MissingParameter"),
    ],
)
def test_a_wrong_tag_specification_is_refused(
    owner: Any, specification: dict[str, Any], refused: str
) -> None:
    asked = {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [specification]}
    assert code(owner.create_vpc, **asked) == refused


def test_tags_come_in_pages(net: Net) -> None:
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(12)]
    net.owner.create_tags(Resources=[net.vpc], Tags=tags)
    pages = net.owner.get_paginator("describe_tags").paginate(PaginationConfig={"PageSize": 5})
    assert [len(page["Tags"]) for page in pages] == [5, 5, 2]
