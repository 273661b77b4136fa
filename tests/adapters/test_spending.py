"""What costs are read from: calls for a large account, metrics, denials; the dashboard's part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import show
from autopilot.aws import clients
from autopilot.aws.ledger import Ledger
from autopilot.aws.spending import spending
from autopilot.policy.model import IdlePolicy, Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.spend.model import Costs
from botocore.exceptions import ClientError

US = StackIdentity("Stack", "111111111111", "us-east-1")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
POLICY = Policy(idle=IdlePolicy(after_days=14))
VPCS, CONNECTIONS, MOST_CALLS = 200, 500, 12
GB = 2**30
USED, IDLE, PARTLY, YOUNG = "vpce-used", "vpce-idle", "vpce-partly", "vpce-young"


def endpoint(id_: str, vpc: int = 0, zones: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "VpcEndpointId": id_,
        "VpcEndpointType": "Interface",
        "VpcId": f"vpc-{vpc}",
        "ServiceName": f"com.amazonaws.us-east-1.{id_.removeprefix('vpce-')}",
        "State": "available",
        "SubnetIds": [f"subnet-{vpc}-{n}" for n in range(zones)],
        "CreationTimestamp": NOW - timedelta(days=90),
        **more,
    }


@dataclass
class Account:
    """200 VPCs with a NAT gateway, some endpoints, 500 connections.

    `bytes`: by endpoint or subnet of one, in all of the window. `refused`: what is denied.
    """

    endpoints: list[dict[str, Any]]
    bytes: Mapping[str, float] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    called: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda **request: self._answer(method, request)

    def _answer(self, method: str, request: Mapping[str, Any]) -> Any:
        self.called[method] += 1
        if method in self.refused:
            error: Any = {"Code": "AccessDenied", "Message": "no policy allows it"}
            raise ClientError({"Error": error}, method)
        if method == "get_metric_data":
            return {"MetricDataResults": [self._result(q) for q in request["MetricDataQueries"]]}
        if method == "list_metrics":
            return {"Metrics": [{"Dimensions": [{"Name": "VPC Endpoint Id", "Value": "vpce-x"}]}]}
        name, elements = self._lists()[method]
        most = 100 if method == "describe_route_tables" else 1000
        start = int(request.get("NextToken", 0))
        more = {"NextToken": str(start + most)} if start + most < len(elements) else {}
        return {name: elements[start : start + most], **more}

    def _result(self, query: Mapping[str, Any]) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        values = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
        id_ = values.get("VPC Endpoint Id") or values["NatGatewayId"]
        place = f"{id_}/{values['Subnet Id']}" if "Subnet Id" in values else id_
        count = 0.0 if metric["MetricName"] == "ActiveConnections" else self.bytes.get(place, 0)
        found = [count] if count else []
        return {"Id": query["Id"], "Values": found, "StatusCode": "Complete"}

    def _lists(self) -> dict[str, tuple[str, list[Any]]]:
        vpcs = range(VPCS)
        route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0", "State": "active"}
        return {
            "describe_vpcs": ("Vpcs", [_vpc(n) for n in vpcs]),
            "describe_subnets": ("Subnets", [_subnet(v, n) for v in vpcs for n in range(3)]),
            "describe_route_tables": (
                "RouteTables",
                [
                    {"RouteTableId": f"rtb-{v}-{n}", "VpcId": f"vpc-{v}", "Routes": [route]}
                    for v in vpcs
                    for n in range(2)
                ],
            ),
            "describe_vpc_endpoints": ("VpcEndpoints", self.endpoints),
            "describe_vpc_endpoint_service_configurations": (
                "ServiceConfigurations",
                [{"ServiceId": "vpce-svc-1"}, {"ServiceId": "vpce-svc-2"}],
            ),
            "describe_vpc_endpoint_connections": (
                "VpcEndpointConnections",
                [_connection(n) for n in range(CONNECTIONS)],
            ),
        }


def _vpc(number: int) -> dict[str, Any]:
    return {"VpcId": f"vpc-{number}", "OwnerId": US.account, "State": "available"}


def _subnet(vpc: int, number: int) -> dict[str, Any]:
    zone = {"AvailabilityZoneId": f"use1-az{number + 1}", "CidrBlock": "10.0.0.0/24"}
    return {
        "SubnetId": f"subnet-{vpc}-{number}",
        "VpcId": f"vpc-{vpc}",
        "State": "available",
        **zone,
    }


def _connection(number: int) -> dict[str, Any]:
    return {
        "ServiceId": "vpce-svc-1",
        "VpcEndpointId": f"vpce-c{number}",
        "VpcEndpointOwner": "222222222222",
        "VpcEndpointState": "available",
    }


Make = Callable[..., Account]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Make:
    def made(*endpoints: dict[str, Any], **more: Any) -> Account:
        there = Account(list(endpoints), **more)
        clients.client.cache_clear()
        monkeypatch.setattr(clients, "make", lambda *_: there)
        return there

    return made


def read() -> Costs:
    return spending(POLICY, US, NOW)


def kinds(found: Costs) -> dict[str, str]:
    return {each.subject: each.kind for each in found.savings}


def test_two_hundred_vpcs_five_hundred_connections_and_a_hundred_endpoints_take_twelve_calls(
    account: Make,
) -> None:
    there = account(*(endpoint(f"vpce-{n}", n) for n in range(100)))
    found = read()

    assert there.called.total() <= MOST_CALLS, there.called
    assert (found.endpoints, found.zones) == (100, 200)
    assert found.hours_micro_usd == 200 * 730 * 10_000


def test_idle_endpoints_and_zones_are_found_by_their_metrics_and_priced(account: Make) -> None:
    young = endpoint(YOUNG, CreationTimestamp=NOW - timedelta(days=2))
    account(
        endpoint(USED),
        endpoint(IDLE),
        endpoint(PARTLY),
        young,
        bytes={
            USED: GB,
            f"{USED}/subnet-0-0": GB / 2,
            f"{USED}/subnet-0-1": GB / 2,
            PARTLY: GB,
            f"{PARTLY}/subnet-0-0": GB,
        },
    )
    found = read()

    assert kinds(found) == {
        IDLE: "idle endpoint",
        f"{PARTLY}/subnet-0-1": "idle zone",
        "vpce-svc-2": "unused service",
    }
    assert found.saves_micro_usd == 3 * 730 * 10_000
    assert found.bytes == 2 * GB * 730 // (14 * 24 + 12)


def test_nat_traffic_counts_both_ways(account: Make) -> None:
    account(bytes={"nat-0": 87 * GB})
    (saving,) = [each for each in read().savings if each.kind == "NAT traffic"]
    assert saving.ids == ("nat-0",)
    assert "nat-0 processed 174.0 GB in 14 days" in saving.reason


@pytest.mark.parametrize(
    ("method", "source", "action"),
    [
        ("get_metric_data", "metrics", "cloudwatch:GetMetricData"),
        ("list_metrics", "metrics", "cloudwatch:ListMetrics"),
        ("describe_vpc_endpoints", "VPC endpoints", "ec2:DescribeVpcEndpoints"),
    ],
)
def test_what_is_denied_is_named_and_makes_nothing_idle(
    account: Make, method: str, source: str, action: str
) -> None:
    account(endpoint(IDLE), endpoint(USED), refused=(method,), bytes={USED: GB})
    found = read()

    assert action in found.unread[source]
    assert "idle endpoint" not in kinds(found).values()


def test_without_metrics_hours_are_still_known(account: Make) -> None:
    account(endpoint(USED), refused=("get_metric_data",))
    found = read()
    assert (found.hours_micro_usd, found.bytes, found.days) == (2 * 730 * 10_000, 0, 0)


def test_the_dashboard_shows_costs_with_hostile_names_as_text(
    account: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [{"Key": "Name", "Value": "<script>alert(1)</script>"}]
    there = account(endpoint(IDLE, Tags=tags), endpoint(USED), bytes={USED: GB})
    monkeypatch.setattr(show, "identity", lambda: US)
    context = SimpleNamespace(
        invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:Show",
        function_name="Show",
        memory_limit_in_mb=1024,
        aws_request_id="1",
    )
    html: Any = show.handler(
        {"part": "costs"},
        context,
        ledger=lambda: Ledger("ledger"),
        policy=lambda: POLICY,
        now=lambda: NOW,
    )

    assert "2 interface endpoints in us-east-1: 29.22 USD a month" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "● idle endpoint" in html
    assert "14.60 USD a month" in html
    assert there.called.total() <= MOST_CALLS
