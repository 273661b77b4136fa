"""Reading how the network stands: few calls, every page, nothing but what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.aws.network import busy_subnets, survey
from autopilot.aws.pages import filters
from autopilot.gateway.facts import Endpoint, RouteTable, Vpc
from autopilot.reconcile.scope import WHOLE_NETWORK, NetworkScope
from botocore.stub import Stubber

Stub = Callable[[str], Stubber]
GATEWAYS = {"Filters": [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}], "MaxResults": 1000}


def vpc(vpc_id: str = "vpc-1") -> dict[str, Any]:
    return {
        "VpcId": vpc_id,
        "OwnerId": "111111111111",
        "State": "available",
        "Tags": [{"Key": "Name", "Value": "orders"}],
    }


def table(table_id: str = "rtb-1", vpc_id: str = "vpc-1", *associations: Any) -> dict[str, Any]:
    return {"RouteTableId": table_id, "VpcId": vpc_id, "Associations": list(associations)}


def endpoint(endpoint_id: str = "vpce-1", vpc_id: str = "vpc-1") -> dict[str, Any]:
    return {
        "VpcEndpointId": endpoint_id,
        "VpcEndpointType": "Gateway",
        "VpcId": vpc_id,
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "State": "available",
        "PolicyDocument": "{}",
        "RouteTableIds": ["rtb-2", "rtb-1"],
        "RequesterManaged": False,
        "CreationTimestamp": datetime(2026, 11, 1, tzinfo=UTC),
        "Tags": [{"Key": "endpoint-autopilot:owner", "Value": "Stack"}],
    }


def by(name: str, *values: str, most: int = 1000) -> dict[str, Any]:
    return {"Filters": [{"Name": name, "Values": list(values)}], "MaxResults": most}


def test_reads_everything_with_three_calls(stub: Stub) -> None:
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", {"VpcEndpoints": [endpoint()]}, GATEWAYS)
    ec2.add_response("describe_vpcs", {"Vpcs": [vpc()]}, {"MaxResults": 1000})
    ec2.add_response("describe_route_tables", {"RouteTables": [table()]}, {"MaxResults": 100})

    seen = survey(WHOLE_NETWORK)

    assert seen.looked_at == "all"
    assert seen.vpcs == (Vpc("vpc-1", "111111111111", "available", {"Name": "orders"}),)
    assert seen.route_tables == (RouteTable("rtb-1", "vpc-1"),)
    assert seen.endpoints == (
        Endpoint(
            id="vpce-1",
            vpc_id="vpc-1",
            service_name="com.amazonaws.us-east-1.s3",
            state="available",
            created="2026-11-01T00:00:00+00:00",
            route_table_ids=("rtb-1", "rtb-2"),
            policy="{}",
            requester_managed=False,
            tags={"endpoint-autopilot:owner": "Stack"},
        ),
    )
    assert seen.busy_subnets == {}


def test_reads_named_vpcs_with_three_calls(stub: Stub) -> None:
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", {"VpcEndpoints": []}, GATEWAYS)
    ec2.add_response("describe_vpcs", {"Vpcs": [vpc()]}, by("vpc-id", "vpc-1", "vpc-2"))
    ec2.add_response(
        "describe_route_tables",
        {"RouteTables": [table()]},
        by("vpc-id", "vpc-1", "vpc-2", most=100),
    )

    seen = survey(NetworkScope(vpc_ids=("vpc-2", "vpc-1")))

    assert seen.looked_at == ("vpc-1", "vpc-2")
    assert [v.id for v in seen.vpcs] == ["vpc-1"]


def test_finds_the_vpcs_of_tables_and_endpoints(stub: Stub) -> None:
    ec2 = stub("ec2")
    ec2.add_response(
        "describe_vpc_endpoints",
        {"VpcEndpoints": [endpoint("vpce-1", "vpc-1"), endpoint("vpce-9", "vpc-9")]},
        GATEWAYS,
    )
    ec2.add_response(
        "describe_route_tables",
        {"RouteTables": [table("rtb-2", "vpc-2")]},
        by("route-table-id", "rtb-2", "rtb-gone", most=100),
    )
    ec2.add_response("describe_vpcs", {"Vpcs": []}, by("vpc-id", "vpc-1", "vpc-2"))
    ec2.add_response(
        "describe_route_tables", {"RouteTables": []}, by("vpc-id", "vpc-1", "vpc-2", most=100)
    )

    seen = survey(
        NetworkScope(route_table_ids=("rtb-2", "rtb-gone"), endpoint_ids=("vpce-1", "vpce-gone"))
    )

    assert seen.looked_at == ("vpc-1", "vpc-2")


@pytest.mark.parametrize("scope", [NetworkScope(), NetworkScope(endpoint_ids=("vpce-gone",))])
def test_asks_no_further_when_nothing_is_left_to_look_at(stub: Stub, scope: NetworkScope) -> None:
    stub("ec2").add_response("describe_vpc_endpoints", {"VpcEndpoints": [endpoint()]}, GATEWAYS)

    seen = survey(scope)

    assert (seen.looked_at, seen.vpcs, seen.route_tables) == ((), (), ())
    assert len(seen.endpoints) == 1


def test_follows_every_page(stub: Stub) -> None:
    ec2 = stub("ec2")
    ec2.add_response(
        "describe_vpc_endpoints", {"VpcEndpoints": [endpoint("vpce-1")], "NextToken": "e"}, GATEWAYS
    )
    ec2.add_response(
        "describe_vpc_endpoints",
        {"VpcEndpoints": [endpoint("vpce-2")]},
        {**GATEWAYS, "NextToken": "e"},
    )
    ec2.add_response("describe_vpcs", {"Vpcs": [], "NextToken": "v"}, {"MaxResults": 1000})
    ec2.add_response("describe_vpcs", {"Vpcs": [vpc()]}, {"MaxResults": 1000, "NextToken": "v"})
    ec2.add_response(
        "describe_route_tables",
        {"RouteTables": [table("rtb-1")], "NextToken": "t"},
        {"MaxResults": 100},
    )
    ec2.add_response(
        "describe_route_tables",
        {"RouteTables": [table("rtb-2")], "NextToken": ""},
        {"MaxResults": 100, "NextToken": "t"},
    )

    seen = survey(WHOLE_NETWORK)

    assert [e.id for e in seen.endpoints] == ["vpce-1", "vpce-2"]
    assert [v.id for v in seen.vpcs] == ["vpc-1"]
    assert [t.id for t in seen.route_tables] == ["rtb-1", "rtb-2"]


def test_asks_for_at_most_two_hundred_values_at_a_time(stub: Stub) -> None:
    ids = tuple(f"vpc-{n:03}" for n in range(250))
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", {"VpcEndpoints": []}, GATEWAYS)
    for part in (ids[:200], ids[200:]):
        ec2.add_response("describe_vpcs", {"Vpcs": []}, by("vpc-id", *part))
    for part in (ids[:200], ids[200:]):
        ec2.add_response(
            "describe_route_tables", {"RouteTables": []}, by("vpc-id", *part, most=100)
        )

    survey(NetworkScope(vpc_ids=ids))


@pytest.mark.parametrize(
    ("associations", "expected"),
    [
        ([], RouteTable("rtb-1", "vpc-1")),
        ([{"Main": True}], RouteTable("rtb-1", "vpc-1", main=True)),
        (
            [
                {"Main": False, "SubnetId": "subnet-b"},
                {"Main": False, "SubnetId": "subnet-a"},
            ],
            RouteTable("rtb-1", "vpc-1", subnet_ids=("subnet-a", "subnet-b")),
        ),
        (
            [{"Main": True}, {"Main": False, "SubnetId": "subnet-a"}],
            RouteTable("rtb-1", "vpc-1", main=True, subnet_ids=("subnet-a",)),
        ),
        ([{"Main": False, "GatewayId": "igw-1"}], RouteTable("rtb-1", "vpc-1", edge=True)),
        (
            [
                {"SubnetId": "subnet-a", "AssociationState": {"State": "disassociated"}},
                {"GatewayId": "igw-1", "AssociationState": {"State": "failed"}},
                {"SubnetId": "subnet-b", "AssociationState": {"State": "associating"}},
            ],
            RouteTable("rtb-1", "vpc-1", subnet_ids=("subnet-b",)),
        ),
    ],
    ids=["none", "main", "subnets", "main and a subnet", "a gateway", "only what binds"],
)
def test_reads_associations(
    stub: Stub, associations: list[dict[str, Any]], expected: RouteTable
) -> None:
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", {"VpcEndpoints": []})
    ec2.add_response("describe_vpcs", {"Vpcs": []})
    ec2.add_response(
        "describe_route_tables", {"RouteTables": [table("rtb-1", "vpc-1", *associations)]}
    )

    assert survey(WHOLE_NETWORK).route_tables == (expected,)


@pytest.mark.parametrize(
    ("routes", "way_out"),
    [
        ([], ""),
        ([{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}], ""),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}], "nat-1"),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}], "igw-1"),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "n", "State": "blackhole"}], ""),
        ([{"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"}], ""),
    ],
    ids=["none", "inside", "a NAT gateway", "the Internet", "what is gone", "IPv6 alone"],
)
def test_reads_where_the_default_route_leads(
    stub: Stub, routes: list[dict[str, Any]], way_out: str
) -> None:
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", {"VpcEndpoints": []})
    ec2.add_response("describe_vpcs", {"Vpcs": []})
    ec2.add_response("describe_route_tables", {"RouteTables": [{**table(), "Routes": routes}]})

    (found,) = survey(NetworkScope(everything=True)).route_tables

    assert found.way_out == way_out


def test_finds_the_subnets_with_interfaces(stub: Stub) -> None:
    request = {**by("vpc-id", "vpc-1", "vpc-2"), "IncludeManagedResources": True}
    ec2 = stub("ec2")
    ec2.add_response(
        "describe_network_interfaces",
        {
            "NetworkInterfaces": [
                {"VpcId": "vpc-1", "SubnetId": "subnet-a"},
                {"VpcId": "vpc-1", "SubnetId": "subnet-a"},
            ],
            "NextToken": "n",
        },
        request,
    )
    ec2.add_response(
        "describe_network_interfaces",
        {"NetworkInterfaces": [{"VpcId": "vpc-1", "SubnetId": "subnet-b"}]},
        {**request, "NextToken": "n"},
    )

    assert busy_subnets(["vpc-1", "vpc-2"]) == {
        "vpc-1": frozenset({"subnet-a", "subnet-b"}),
        "vpc-2": frozenset(),
    }


def test_interface_endpoints_keep_no_subnet_busy(stub: Stub) -> None:
    kinds = {"vpc_endpoint": "a", "gateway_load_balancer_endpoint": "b", "lambda": "c"}
    found = [
        {"VpcId": "vpc-1", "SubnetId": f"subnet-{name}", "InterfaceType": kind}
        for kind, name in kinds.items()
    ]
    stub("ec2").add_response("describe_network_interfaces", {"NetworkInterfaces": found})

    assert busy_subnets(["vpc-1"]) == {"vpc-1": frozenset({"subnet-b", "subnet-c"})}


@pytest.mark.parametrize("values", [[], [""], ["vpc-1", ""]])
def test_refuses_empty_filters(stub: Stub, values: list[str]) -> None:
    stub("ec2")

    with pytest.raises(ValueError, match="vpc-id"):
        list(filters("vpc-id", values))
    with pytest.raises(ValueError, match="vpc-id"):
        busy_subnets(values)


@pytest.mark.parametrize(
    ("code", "error"),
    [("RequestLimitExceeded", Throttled), ("UnauthorizedOperation", AccessDenied)],
)
def test_names_the_action_that_failed(stub: Stub, code: str, error: type[Exception]) -> None:
    ec2 = stub("ec2")
    ec2.add_response("describe_vpc_endpoints", {"VpcEndpoints": []})
    ec2.add_response("describe_vpcs", {"Vpcs": []})
    ec2.add_client_error("describe_route_tables", code)

    with pytest.raises(error, match=r"^ec2:DescribeRouteTables: "):
        survey(WHOLE_NETWORK)
