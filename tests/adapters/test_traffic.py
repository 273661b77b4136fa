"""What CloudWatch says of traffic, read in batches and pages, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from autopilot.aws import traffic
from autopilot.aws.traffic import NAT, Metric, of_endpoints, of_nat_gateways, read
from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.idle import Traffic
from botocore.stub import Stubber

START, NOW = datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
END = datetime(2026, 11, 30, 19, tzinfo=UTC)
LOGS = "com.amazonaws.us-east-1.logs"
ENDPOINT = Endpoint("vpce-1", "vpc-1", LOGS, subnet_ids=("subnet-1",))
Stub = Callable[[str], Stubber]


def nat(number: int) -> Metric:
    return Metric(NAT, "BytesOutToDestination", frozenset({("NatGatewayId", f"nat-{number}")}))


def asked(*metrics: Metric, **more: Any) -> dict[str, Any]:
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(metric.dimensions)],
                },
                "Period": 86400,
                "Stat": metric.statistic,
            },
        }
        for number, metric in enumerate(metrics)
    ]
    return {"MetricDataQueries": queries, "StartTime": START, "EndTime": END, **more}


def result(id_: str, *values: float, status: str = "Complete") -> dict[str, Any]:
    return {"Id": id_, "Values": list(values), "StatusCode": status}


def answer(*results: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"MetricDataResults": list(results), **more}


def test_adds_up_what_comes_in_pages(stub: Stub) -> None:
    cloudwatch = stub("cloudwatch")
    first = answer(result("m0", 1.0, 2.0, status="PartialData"), NextToken="more")
    cloudwatch.add_response("get_metric_data", first, asked(nat(1), nat(2)))
    rest = answer(result("m0", 4.0), result("m1"))
    cloudwatch.add_response("get_metric_data", rest, asked(nat(1), nat(2), NextToken="more"))
    found = read([nat(1), nat(2), nat(1)], START, END)
    assert found == {nat(1): Traffic(3, 7.0), nat(2): Traffic(0, 0.0)}


@pytest.mark.parametrize("status", ["PartialData", "InternalError", "Forbidden", "New"])
def test_what_stays_in_part_is_not_complete(stub: Stub, status: str) -> None:
    cloudwatch = stub("cloudwatch")
    cloudwatch.add_response(
        "get_metric_data", answer(result("m0", status=status)), asked(nat(1), nat(2))
    )
    missing = Traffic(0, 0.0, complete=False)
    assert read([nat(1), nat(2)], START, END) == {nat(1): missing, nat(2): missing}


def test_asks_for_as_many_metrics_as_a_call_takes(stub: Stub) -> None:
    cloudwatch, many = stub("cloudwatch"), [nat(number) for number in range(501)]
    cloudwatch.add_response("get_metric_data", answer(), asked(*many[:500]))
    cloudwatch.add_response("get_metric_data", answer(result("m0", 9.0)), asked(many[500]))
    found = read(many, START, END)
    assert (len(found), found[many[500]]) == (501, Traffic(1, 9.0))


def test_a_metric_needs_its_dimensions() -> None:
    with pytest.raises(ValueError, match="without dimensions"):
        read([Metric(NAT, "BytesOutToDestination", frozenset())], START, END)


def test_reads_each_way_through_a_nat_gateway(stub: Stub) -> None:
    dimensions = frozenset({("NatGatewayId", "nat-1")})
    both = [Metric(NAT, f"Bytes{way}Destination", dimensions) for way in ("OutTo", "InFrom")]
    found = answer(result("m0", 5.0), result("m1", 7.0))
    stub("cloudwatch").add_response("get_metric_data", found, asked(*both))
    assert of_nat_gateways(["nat-1"], START, NOW) == {"nat-1": (Traffic(1, 5.0), Traffic(1, 7.0))}


WHOLE = {
    "Endpoint Type": "Interface",
    "Service Name": LOGS,
    "VPC Endpoint Id": "vpce-1",
    "VPC Id": "vpc-1",
}


def metric(name: str = "BytesProcessed", statistic: Any = "Sum", **more: str) -> Metric:
    dimensions = {**WHOLE, **{key.replace("_", " "): value for key, value in more.items()}}
    return Metric(traffic.ENDPOINTS, name, frozenset(dimensions.items()), statistic)


OF_ENDPOINT = (metric(), metric(Subnet_Id="subnet-1"), metric("ActiveConnections", "Maximum"))
LISTED = {"Namespace": traffic.ENDPOINTS, "MetricName": "BytesProcessed"}


def dimensions_of(found: Metric) -> dict[str, Any]:
    return {"Dimensions": [{"Name": n, "Value": v} for n, v in sorted(found.dimensions)]}


def test_reads_an_endpoint_its_zones_and_its_connections(stub: Stub) -> None:
    cloudwatch = stub("cloudwatch")
    found = answer(result("m0", 8.0), result("m1", 6.0), result("m2", 1.0, 2.0))
    cloudwatch.add_response("get_metric_data", found, asked(*OF_ENDPOINT))
    # A subnet that it has left, and another account's way to write things, are nothing new.
    left, other = metric(Subnet_Id="subnet-9"), metric(VPC_Endpoint_Id="vpce-9")
    listed = {"Metrics": [dimensions_of(left), dimensions_of(other)]}
    cloudwatch.add_response("list_metrics", listed, LISTED)
    readings = of_endpoints([ENDPOINT], START, NOW)
    assert readings.bytes == {
        ("vpce-1", ""): Traffic(1, 8.0), ("vpce-1", "subnet-1"): Traffic(1, 6.0)
    }  # fmt: skip
    assert readings.connections == {"vpce-1": Traffic(2, 3.0)}
    assert (readings.elsewhere, readings.published) == (frozenset(), True)


def test_notices_metrics_of_an_endpoint_under_other_dimensions(stub: Stub) -> None:
    cloudwatch = stub("cloudwatch")
    silent = answer(result("m0"), result("m1"), result("m2"))
    cloudwatch.add_response("get_metric_data", silent, asked(*OF_ENDPOINT))
    listed = {"Metrics": [dimensions_of(metric(Service_Name="logs"))]}
    cloudwatch.add_response("list_metrics", {**listed, "NextToken": "more"}, LISTED)
    cloudwatch.add_response("list_metrics", {"Metrics": []}, {**LISTED, "NextToken": "more"})
    readings = of_endpoints([ENDPOINT], START, NOW)
    assert (readings.elsewhere, readings.published) == (frozenset({"vpce-1"}), True)


@pytest.mark.parametrize("code", ["Throttling", "AccessDenied", "InternalServiceFault"])
def test_what_cannot_be_read_is_said(stub: Stub, code: str) -> None:
    stub("cloudwatch").add_client_error("get_metric_data", code, "words", 400)
    readings = of_endpoints([ENDPOINT], START, NOW)
    assert (readings.bytes, readings.published) == ({}, False)
    assert readings.failure == f"cloudwatch:GetMetricData: {code}: words"


def test_nothing_is_asked_about_no_endpoint() -> None:
    assert of_endpoints([], START, NOW).bytes == {}
