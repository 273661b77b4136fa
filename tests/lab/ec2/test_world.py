"""What tests can do to the world: lag, shares, quotas, endpoints of others."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from lab.client import Lab, LabError

from .conftest import Net
from .sdk import DYNAMODB, OTHER, OWNER, REGION, S3, Sdk, code, refusal

VPC = "vpc-0123456789abcdef0"
BETWEEN = {"from_account": OWNER, "with_account": OTHER}


def test_describes_trail_the_writes(net: Net, lab: Lab) -> None:
    lab.world({"lag_seconds": 10})
    lab.pass_time(100)
    endpoint = net.endpoint(net.table)
    describe = net.owner.describe_vpc_endpoints
    assert describe()["VpcEndpoints"] == []
    assert code(describe, VpcEndpointIds=[endpoint]) == "InvalidVpcEndpointId.NotFound"
    assert net.routes(net.table) == {}
    lab.pass_time(9)
    assert describe()["VpcEndpoints"] == []
    lab.pass_time(1)
    assert len(describe()["VpcEndpoints"]) == 1
    assert net.routes(net.table) == {"pl-63a5400a": endpoint}


def test_each_write_shows_in_its_own_time(net: Net, lab: Lab) -> None:
    lab.world({"lag_seconds": 10})
    lab.pass_time(100)
    net.endpoint(net.table)
    lab.pass_time(4)
    net.endpoint(net.table, service=DYNAMODB)

    def count() -> int:
        return len(net.owner.describe_vpc_endpoints()["VpcEndpoints"])

    shown = []
    for _ in range(3):
        lab.pass_time(3)
        shown.append(count())
    assert shown == [0, 1, 1]
    lab.pass_time(1)
    assert count() == 2


def test_a_deletion_lags_too(net: Net, lab: Lab) -> None:
    endpoint = net.endpoint(net.table)
    lab.world({"lag_seconds": 10})
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert len(net.owner.describe_vpc_endpoints()["VpcEndpoints"]) == 1
    lab.pass_time(10)
    (shown,) = net.owner.describe_vpc_endpoints()["VpcEndpoints"]
    assert shown["State"] == "deleted"
    lab.pass_time(2)
    assert net.owner.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_writes_see_the_present_whatever_the_lag(net: Net, lab: Lab) -> None:
    lab.world({"lag_seconds": 10})
    net.endpoint(net.table)
    create = net.owner.create_vpc_endpoint
    assert code(create, VpcId=net.vpc, ServiceName=S3, RouteTableIds=[net.table]) == (
        "RouteAlreadyExists"
    )


def test_an_answered_describe_does_not_change_later(net: Net, lab: Lab) -> None:
    net.owner.create_tags(Resources=[net.vpc], Tags=[{"Key": "a", "Value": "old"}])
    lab.world({"lag_seconds": 10})
    net.owner.create_tags(Resources=[net.vpc], Tags=[{"Key": "a", "Value": "new"}])
    assert net.owner.describe_vpcs()["Vpcs"][0]["Tags"] == [{"Key": "a", "Value": "old"}]
    lab.pass_time(10)
    assert net.owner.describe_vpcs()["Vpcs"][0]["Tags"] == [{"Key": "a", "Value": "new"}]


def test_a_shared_vpc_is_seen_as_its_owners(net: Net, lab: Lab, other: Any) -> None:
    own = other.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    net.owner.create_vpc(CidrBlock="10.30.0.0/16")
    lab.world({"share_vpc": {"vpc_id": net.vpc, **BETWEEN}})
    seen = {vpc["VpcId"]: vpc["OwnerId"] for vpc in other.describe_vpcs()["Vpcs"]}
    assert seen == {own: OTHER, net.vpc: OWNER}
    subnets = other.describe_subnets()["Subnets"]
    assert [subnet["SubnetId"] for subnet in subnets] == [net.subnet]
    mine = net.owner.describe_subnets()["Subnets"]
    assert subnets[0]["AvailabilityZoneId"] == mine[0]["AvailabilityZoneId"]
    zones = other.describe_availability_zones()["AvailabilityZones"]
    names = {zone["ZoneId"]: zone["ZoneName"] for zone in zones}
    assert subnets[0]["AvailabilityZone"] == names[subnets[0]["AvailabilityZoneId"]]


def test_a_participant_makes_nothing_in_a_shared_vpc(net: Net, lab: Lab, other: Any) -> None:
    lab.world({"share_vpc": {"vpc_id": net.vpc, **BETWEEN}})
    refused, message = refusal(other.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3)
    assert refused == "UnauthorizedOperation"
    assert message.endswith(
        "A subnet in this vpc is shared but the provided object is not owned by you"
    )
    assert code(other.create_route_table, VpcId=net.vpc) == "UnauthorizedOperation"
    assert code(other.delete_vpc, VpcId=net.vpc) == "UnauthorizedOperation"
    assert other.describe_vpc_endpoints()["VpcEndpoints"] == []
    assert other.describe_route_tables()["RouteTables"] == []


def test_an_account_that_a_vpc_is_not_shared_with_does_not_know_it(
    net: Net, lab: Lab, sdk: Sdk
) -> None:
    lab.world({"share_vpc": {"vpc_id": net.vpc, **BETWEEN}})
    third = sdk.client("333333333333")
    assert code(third.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3) == "InvalidVpcId.NotFound"
    assert third.describe_vpcs()["Vpcs"] == []


WRONG: list[dict[str, Any]] = [
    {"colour": "red"},
    {"lag_seconds": -1},
    {"lag_seconds": "5"},
    {"settle_seconds": True},
    {"route_exists_code": "Nonsense"},
    {"share_vpc": {"vpc_id": VPC}},
    {"share_vpc": {"vpc_id": VPC, **BETWEEN}},
    {"share_vpc": "all"},
    {"requester_managed": "vpce-0123456789abcdef0"},
    {"quota": {"account": OWNER, "region": REGION}},
    {"quota": {"account": OWNER, "region": "", "value": 3}},
    {"private_dns_verifies": "yes"},
    {"accept_rejected": 1},
    {"connection_tags": 1},
    {"notification_body": "yaml"},
    {"notification_body": {"template": "$colour"}},
    {"notification_body": {"template": "costs $"}},
    {"time_stands": 1},
    {"stands_at": "yesterday"},
    {"stands_at": "2026-12-01T09:00:00"},
    {"stands_at": 1},
    {"pass_seconds": -1},
    {"pass_seconds": float("nan")},
    {"pass_seconds": float("inf")},
    {"pass_seconds": 1e12},
    {"lag_seconds": float("nan")},
    {"world": "aws", "speed": float("inf")},
    {"speed": 0},
    {"pass_seconds": True},
    {"throttle": 5},
    {"throttle": {"speed": 0}},
    {"expire": "vpce-0123456789abcdef0"},
    {"fail": {"endpoint_id": "vpce-0123456789abcdef0", "code": "a", "message": "b"}},
    {"transit_gateway_attachment": {"service_id": "x", "owner": OTHER, "state": "available"}},
    {"transit_gateway_permission": {"service_id": "x", "principal": "*"}},
]


@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_command_changes_nothing(lab: Lab, command: dict[str, Any]) -> None:
    before = lab.world({})
    with pytest.raises(LabError):
        lab.world({"lag_seconds": 3, **command})
    assert lab.world({}) == before


def test_settings_are_told(lab: Lab) -> None:
    lab.forget_world()
    told = lab.world(
        {"lag_seconds": 2, "settle_seconds": 1, "route_exists_code": "InvalidParameter"}
    )
    assert told == {
        "lag_seconds": 2.0,
        "settle_seconds": 1.0,
        "route_exists_code": "InvalidParameter",
        "private_dns_verifies": True,
        "accept_rejected": True,
        "connection_tags": True,
        "notification_body": "json",
        "throttle": None,
        "time_stands": False,
        "world": "quick",
        "speed": 1.0,
        "organization_principals": True,
        "permission_types": True,
    }


QUOTA = {"ServiceCode": "vpc", "QuotaCode": "L-1B52E74A"}


def test_the_quota_is_read_and_raised(net: Net, quotas: Any) -> None:
    assert quotas.get_service_quota(**QUOTA)["Quota"]["Value"] == 20.0
    asked = quotas.request_service_quota_increase(**QUOTA, DesiredValue=21)["RequestedQuota"]
    assert asked["Status"] == "APPROVED"
    assert quotas.get_service_quota(**QUOTA)["Quota"]["Value"] == 21.0
    assert quotas.get_aws_default_service_quota(**QUOTA)["Quota"]["Value"] == 20.0
    listed = quotas.list_service_quotas(ServiceCode="vpc")["Quotas"]
    assert [(quota["QuotaCode"], quota["Value"]) for quota in listed] == [
        ("L-1B52E74A", 21.0),
        ("L-29B6F2EB", 50.0),
    ]
    for _ in range(21):
        net.endpoint()
    assert code(net.owner.create_vpc_endpoint, VpcId=net.vpc, ServiceName=S3) == (
        "VpcEndpointLimitExceeded"
    )


def test_quotas_that_are_not_there(quotas: Any) -> None:
    unknown = {"ServiceCode": "vpc", "QuotaCode": "L-00000000"}
    assert code(quotas.get_service_quota, **unknown) == "NoSuchResourceException"
    assert code(quotas.list_service_quotas, ServiceCode="nope") == "NoSuchResourceException"
    assert code(quotas.request_service_quota_increase, **QUOTA, DesiredValue=5) == (
        "IllegalArgumentException"
    )


def test_calls_from_many_threads_are_one_after_the_other(net: Net) -> None:
    def work() -> None:
        for _ in range(20):
            net.owner.create_route_table(VpcId=net.vpc)
            net.owner.describe_route_tables()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(net.tables()) == 82


def test_a_world_begins_anew_when_the_old_one_is_forgotten(
    net: Net, lab: Lab, quotas: Any, balancing: Any
) -> None:
    _balancer(balancing, net.subnet)
    quotas.request_service_quota_increase(**QUOTA, DesiredValue=30)
    lab.world({"lag_seconds": 5})
    lab.forget_world()
    assert net.owner.describe_vpcs()["Vpcs"] == []
    assert balancing.describe_load_balancers()["LoadBalancers"] == []
    assert quotas.get_service_quota(**QUOTA)["Quota"]["Value"] == 20.0
    assert lab.world({})["lag_seconds"] == 0


def test_time_stands_passes_and_goes_on(net: Net, lab: Lab) -> None:
    def made() -> datetime:
        answer = net.owner.create_vpc_endpoint(VpcId=net.vpc, ServiceName=S3)
        return datetime.fromisoformat(str(answer["VpcEndpoint"]["CreationTimestamp"]))

    first, hour = made(), timedelta(hours=1)
    assert made() == first
    lab.pass_time(3600)
    assert made() == first + hour
    lab.world({"time_stands": False})
    assert made() >= first + hour
    lab.pass_time(3600)
    assert made() >= first + 2 * hour


def test_a_gateway_endpoint_that_failed_says_why_and_cannot_change(net: Net, lab: Lab) -> None:
    made = net.endpoint(net.table)
    lab.world({"fail": {"endpoint_id": made, "code": "Broken", "message": "It broke."}})

    (shown,) = net.owner.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"]
    assert (shown["State"], shown["LastError"]["Code"]) == ("failed", "Broken")
    change = {"VpcEndpointId": made, "AddRouteTableIds": [net.main]}
    assert code(net.owner.modify_vpc_endpoint, **change) == "InvalidState"
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[made])


def test_time_stands_at_an_instant(net: Net, lab: Lab) -> None:
    told = lab.world({"stands_at": "2026-12-01T09:00:00+00:00"})
    answer = net.owner.create_vpc_endpoint(VpcId=net.vpc, ServiceName=S3)

    assert told["time_stands"]
    assert str(answer["VpcEndpoint"]["CreationTimestamp"]) == "2026-12-01 09:00:00+00:00"


def _balancer(balancing: Any, *subnets: str, kind: str = "network") -> dict[str, Any]:
    made = balancing.create_load_balancer(
        Name="orders", Type=kind, Subnets=list(subnets), Scheme="internal"
    )
    return dict(made["LoadBalancers"][0])


def test_a_balancer_stands_in_its_zones(net: Net, balancing: Any) -> None:
    owner = net.owner
    made = _balancer(balancing, net.subnet)
    assert ":loadbalancer/net/orders/" in made["LoadBalancerArn"]
    zone = owner.describe_subnets()["Subnets"][0]["AvailabilityZone"]
    assert [each["ZoneName"] for each in made["AvailabilityZones"]] == [zone]
    interfaces = owner.describe_network_interfaces()["NetworkInterfaces"]
    assert [each["SubnetId"] for each in interfaces] == [net.subnet]

    second = owner.create_subnet(
        VpcId=net.vpc, CidrBlock="10.20.2.0/24", AvailabilityZoneId="use1-az6"
    )["Subnet"]["SubnetId"]
    arn = {"LoadBalancerArn": made["LoadBalancerArn"]}
    balancing.set_subnets(**arn, Subnets=[second])
    shown = balancing.describe_load_balancers()["LoadBalancers"][0]
    assert [each["SubnetId"] for each in shown["AvailabilityZones"]] == [second]
    assert shown["State"]["Code"] == "active"
    owner.delete_subnet(SubnetId=net.subnet)
    balancing.delete_load_balancer(**arn)
    balancing.delete_load_balancer(**arn)
    assert owner.describe_network_interfaces()["NetworkInterfaces"] == []
    assert code(balancing.set_subnets, **arn, Subnets=[second]) == "LoadBalancerNotFound"


def test_a_balancer_needs_zones(net: Net, balancing: Any) -> None:
    create = balancing.create_load_balancer
    missing = "subnet-0123456789abcdef0"
    assert code(create, Name="orders", Type="network", Subnets=[missing]) == "SubnetNotFound"
    assert code(create, Name="orders", Subnets=[net.subnet]) == "InvalidConfigurationRequest"
    _balancer(balancing, net.subnet)
    assert len(balancing.describe_load_balancers(Names=["orders"])["LoadBalancers"]) == 1
    assert code(balancing.describe_load_balancers, Names=["nope"]) == "LoadBalancerNotFound"
