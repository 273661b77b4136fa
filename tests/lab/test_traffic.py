"""CloudWatch answers for metrics as AWS does; traffic is planted, as nobody else could write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, LabError

DAY = 86_400
SPACE = "AWS/PrivateLinkEndpoints"
LOGS = "com.amazonaws.us-east-1.logs"


@pytest.fixture
def cloudwatch(lab: Lab) -> Any:
    return lab.client("cloudwatch")


@pytest.fixture
def endpoint(lab: Lab) -> dict[str, Any]:
    """An interface endpoint in two subnets."""
    lab.forget_world()
    ec2 = lab.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")
        for n, z in enumerate("ab")
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    made: dict[str, Any] = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc,
        ServiceName=LOGS,
        SubnetIds=ids,
        PrivateDnsEnabled=False,
    )["VpcEndpoint"]
    return made


def metric(endpoint: dict[str, Any], name: str = "BytesProcessed", **more: str) -> dict[str, Any]:
    named = {
        "Endpoint Type": "Interface",
        "Service Name": LOGS,
        "VPC Endpoint Id": endpoint["VpcEndpointId"],
        "VPC Id": endpoint["VpcId"],
        **{key.replace("_", " "): value for key, value in more.items()},
    }
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    return {"Namespace": SPACE, "MetricName": name, "Dimensions": dimensions}


def query(metric: dict[str, Any], id: str = "m", period: int = DAY) -> dict[str, Any]:
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}


def ask(cloudwatch: Any, *queries: dict[str, Any], days: int = 40, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    midnight = (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = {"StartTime": midnight, "EndTime": now + timedelta(hours=1), **more}
    answer: dict[str, Any] = cloudwatch.get_metric_data(MetricDataQueries=list(queries), **asked)
    return answer


def sums(cloudwatch: Any, *metrics: dict[str, Any], **more: Any) -> list[float]:
    queries = [query(each, f"m{number}") for number, each in enumerate(metrics)]
    results = ask(cloudwatch, *queries, **more)["MetricDataResults"]
    return [sum(result["Values"]) for result in results]


def test_traffic_is_known_by_endpoint_and_by_subnet_and_by_nothing_less(
    lab: Lab, cloudwatch: Any, endpoint: dict[str, Any]
) -> None:
    used, quiet = endpoint["SubnetIds"]
    lab.traffic(endpoint["VpcEndpointId"], 700, subnet_id=used, days_ago=20)
    lab.traffic(endpoint["VpcEndpointId"], 50, subnet_id=used)
    by_subnet = [metric(endpoint, Subnet_Id=subnet) for subnet in (used, quiet)]
    assert sums(cloudwatch, metric(endpoint), *by_subnet) == [750, 750, 0]
    bare = {"Namespace": SPACE, "MetricName": "BytesProcessed"}
    assert sums(cloudwatch, bare) == [0]


def test_an_endpoint_without_traffic_has_no_datapoint(
    cloudwatch: Any, endpoint: dict[str, Any]
) -> None:
    (result,) = ask(cloudwatch, query(metric(endpoint)))["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_points_come_in_pages_and_say_when_more_is_to_come(
    lab: Lab, cloudwatch: Any, endpoint: dict[str, Any]
) -> None:
    for days in (1, 2, 3):
        lab.traffic(endpoint["VpcEndpointId"], days, days_ago=days)
    first = ask(cloudwatch, query(metric(endpoint)), MaxDatapoints=2)
    (result,) = first["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([1, 2], "PartialData")
    rest = ask(cloudwatch, query(metric(endpoint)), MaxDatapoints=2, NextToken=first["NextToken"])
    (result,) = rest["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([3], "Complete")
    assert "NextToken" not in rest


def test_a_period_too_fine_for_its_age_has_no_points(
    lab: Lab, cloudwatch: Any, endpoint: dict[str, Any]
) -> None:
    lab.traffic(endpoint["VpcEndpointId"], 9)
    for period, days, found in ((60, 10, [9]), (60, 20, []), (300, 20, [9]), (300, 70, [])):
        (result,) = ask(cloudwatch, query(metric(endpoint), period=period), days=days)[
            "MetricDataResults"
        ]
        assert result["Values"] == found, (period, days)


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return str(error.value.response["Error"]["Code"])


def test_what_cloudwatch_does_not_take_is_refused(
    cloudwatch: Any, endpoint: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    good = {"StartTime": now - timedelta(days=1), "EndTime": now}
    one = query(metric(endpoint))
    for queries, times in (
        ([query(metric(endpoint), f"m{n}") for n in range(501)], good),
        ([one, one], good),
        ([query(metric(endpoint), "M")], good),
        ([query(metric(endpoint), period=90)], good),
        ([one], {"StartTime": now, "EndTime": now}),
    ):
        found = refused(cloudwatch.get_metric_data, MetricDataQueries=queries, **times)
        assert found == "ValidationError"
    token = {"MetricDataQueries": [one], "NextToken": "x", **good}
    assert refused(cloudwatch.get_metric_data, **token) == "InvalidNextToken"
    datum = {"Namespace": SPACE, "MetricData": [{"MetricName": "BytesProcessed", "Value": 1}]}
    assert refused(cloudwatch.put_metric_data, **datum) == "InvalidParameterValue"


def listed(cloudwatch: Any, endpoint: dict[str, Any]) -> list[str]:
    """The subnets in the listed metrics of an endpoint; "" for all of it."""
    by = [{"Name": "VPC Endpoint Id", "Value": endpoint["VpcEndpointId"]}]
    asked = {"Namespace": SPACE, "MetricName": "BytesProcessed", "Dimensions": by}
    found = cloudwatch.list_metrics(**asked)["Metrics"]
    named = [{d["Name"]: d["Value"] for d in each["Dimensions"]} for each in found]
    return sorted(each.get("Subnet Id", "") for each in named)


def test_metrics_are_listed_for_two_weeks(
    lab: Lab, cloudwatch: Any, endpoint: dict[str, Any]
) -> None:
    first, second = endpoint["SubnetIds"]
    lab.traffic(endpoint["VpcEndpointId"], 5, subnet_id=first, days_ago=15)
    assert listed(cloudwatch, endpoint) == []
    lab.traffic(endpoint["VpcEndpointId"], 5, subnet_id=second, days_ago=13)
    assert listed(cloudwatch, endpoint) == ["", second]


def test_an_endpoint_can_be_as_old_as_a_test_needs_it(lab: Lab, endpoint: dict[str, Any]) -> None:
    id_ = endpoint["VpcEndpointId"]
    lab.world({"made": {"endpoint_id": id_, "seconds_ago": 40 * DAY}})
    ec2 = lab.client("ec2")
    (found,) = ec2.describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"]
    assert datetime.now(UTC) - found["CreationTimestamp"] > timedelta(days=39)


def test_traffic_needs_something_that_carries_it(lab: Lab, endpoint: dict[str, Any]) -> None:
    for id_, more, words in (
        ("vpce-0", {}, "there is no interface endpoint or NAT gateway 'vpce-0'"),
        (endpoint["VpcEndpointId"], {"subnet_id": "subnet-0"}, "has no subnet 'subnet-0'"),
        (endpoint["VpcEndpointId"], {"days_ago": 500}, "days_ago: 500 given"),
    ):
        with pytest.raises(LabError, match=words):
            lab.traffic(id_, 1, **more)


def test_faults_reach_cloudwatch(lab: Lab, cloudwatch: Any, endpoint: dict[str, Any]) -> None:
    lab.fault("GetMetricData", error="Throttling", times=9)
    with pytest.raises(ClientError, match="Throttling"):
        ask(cloudwatch, query(metric(endpoint)))
    lab.clear_faults()
