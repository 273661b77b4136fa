"""An AWS of 200 VPCs for what reads costs: lists in pages, metrics, denials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from autopilot.policy.model import IdlePolicy, Policy
from autopilot.reconcile.identity import StackIdentity
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
            "describe_network_interfaces": ("NetworkInterfaces", []),
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
