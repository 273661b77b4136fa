"""Token buckets, by account, Region and action."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab

from .conftest import Net
from .sdk import OTHER, Sdk, code


def _served(call: Any, most: int = 500, **named: Any) -> int:
    """How many calls go through until one is refused."""
    for count in range(most):
        try:
            call(**named)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "RequestLimitExceeded"
            return count
    return most


def test_nothing_is_throttled_unless_the_world_says_so(owner: Any) -> None:
    assert _served(owner.describe_vpcs, most=150) == 150


def test_buckets_hold_and_refill_as_the_table_says(net: Net, lab: Lab) -> None:
    lab.world({"throttle": {"speed": 1}})
    owner = net.owner
    everything = owner.describe_route_tables
    narrowed: dict[str, Any] = {"RouteTableIds": [net.table]}
    assert _served(everything) == 50
    assert _served(owner.describe_route_tables, **narrowed) == 100
    assert _served(owner.create_route_table, VpcId=net.vpc) == 50
    lab.pass_time(2)
    assert _served(everything) == 20
    assert _served(owner.describe_route_tables, **narrowed) == 40
    assert _served(owner.create_route_table, VpcId=net.vpc) == 10
    lab.pass_time(1000)
    assert _served(everything) == 50


def test_endpoints_are_made_four_at_once_and_slowly_after(net: Net, lab: Lab) -> None:
    lab.world({"throttle": {"speed": 1}})
    asked: dict[str, Any] = {"VpcId": net.vpc, "ServiceName": "com.amazonaws.us-east-1.s3"}
    assert _served(net.owner.create_vpc_endpoint, **asked) == 4
    lab.pass_time(3)
    assert _served(net.owner.create_vpc_endpoint, **asked) == 0
    lab.pass_time(1)
    assert _served(net.owner.create_vpc_endpoint, **asked) == 1


def test_speed_fills_the_buckets_faster(net: Net, lab: Lab) -> None:
    lab.world({"throttle": {"speed": 100}})
    asked: dict[str, Any] = {"VpcId": net.vpc, "ServiceName": "com.amazonaws.us-east-1.s3"}
    assert _served(net.owner.create_vpc_endpoint, **asked) == 4
    lab.pass_time(0.125)
    assert _served(net.owner.create_vpc_endpoint, **asked) == 3


def test_buckets_are_an_accounts_a_regions_and_an_actions_own(net: Net, lab: Lab, sdk: Sdk) -> None:
    lab.world({"throttle": {"speed": 1}})
    assert _served(net.owner.describe_vpcs) == 50
    for other in (sdk.client(OTHER), sdk.client(region="eu-west-1")):
        assert _served(other.describe_vpcs) == 50
    assert _served(net.owner.describe_subnets) == 50


def test_a_throttled_call_has_done_nothing_and_says_503(net: Net, lab: Lab, sdk: Sdk) -> None:
    lab.world({"throttle": {"speed": 1}})
    assert _served(net.owner.create_route_table, VpcId=net.vpc) == 50
    assert sdk.last.status == 503
    assert sdk.last.message == "Request limit exceeded."
    assert len(net.tables()) == 52
    lab.world({"throttle": None})
    assert _served(net.owner.create_route_table, most=60, VpcId=net.vpc) == 60


def test_load_balancing_and_quotas_are_not_throttled(
    net: Net, lab: Lab, balancing: Any, quotas: Any
) -> None:
    lab.world({"throttle": {"speed": 1}})
    assert _served(balancing.describe_load_balancers, most=120) == 120
    assert _served(quotas.list_service_quotas, most=120, ServiceCode="vpc") == 120


@pytest.mark.parametrize("named", [{"MaxResults": 5}, {"Filters": []}])
def test_a_page_counts_as_narrowed_and_an_empty_filter_does_not(
    net: Net, lab: Lab, named: dict[str, Any]
) -> None:
    lab.world({"throttle": {"speed": 1}})
    paged = "MaxResults" in named
    assert _served(net.owner.describe_vpcs, **named) == (100 if paged else 50)
    assert code(net.owner.describe_vpcs, **named) == "RequestLimitExceeded"
