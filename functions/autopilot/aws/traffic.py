"""Reads from CloudWatch what went through interface endpoints and NAT gateways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from autopilot.aws.errors import AwsError
from autopilot.aws.pages import call, pages
from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.idle import WHOLE, Readings, Traffic

ENDPOINTS = "AWS/PrivateLinkEndpoints"
NAT = "AWS/NATGateway"
DAY = 86_400
"""Seconds. CloudWatch keeps values by the hour for 455 days, and adds them up (GetMetricData)."""

# Queries that one call takes (API reference, GetMetricData).
_AT_ONCE = 500


@dataclass(frozen=True)
class Metric:
    """One metric as CloudWatch knows it, and how its values of a day become one."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    statistic: Literal["Sum", "Maximum"] = "Sum"


def read(
    metrics: Iterable[Metric], start: datetime, end: datetime, period: int = DAY
) -> dict[Metric, Traffic]:
    """What each metric was from `start` to before `end`, in values of `period` seconds.

    What AWS doesn't answer for in full isn't `complete`. Raises AwsErrors, ValueError without
    dimensions: those would be another metric.
    """
    asked = list(dict.fromkeys(metrics))
    if not all(metric.dimensions for metric in asked):
        raise ValueError("a metric without dimensions is none of a resource's")
    found: dict[Metric, Traffic] = {}
    for first in range(0, len(asked), _AT_ONCE):
        found |= _read(asked[first : first + _AT_ONCE], start, end, period)
    return found


def _read(
    metrics: Sequence[Metric], start: datetime, end: datetime, period: int
) -> Iterator[tuple[Metric, Traffic]]:
    ids = {f"m{number}": metric for number, metric in enumerate(metrics)}
    values: dict[str, list[float]] = {id_: [] for id_ in ids}
    complete: dict[str, bool] = {}
    for each in _results([_query(id_, m, period) for id_, m in ids.items()], start, end):
        values[each["Id"]] += each.get("Values", ())
        # "PartialData" comes with more pages; the last page's word counts.
        complete[each["Id"]] = each.get("StatusCode") == "Complete"
    for id_, metric in ids.items():
        yield metric, Traffic(len(values[id_]), sum(values[id_]), complete.get(id_, False))


def _results(queries: Sequence[Any], start: datetime, end: datetime) -> Iterator[Any]:
    more: dict[str, str] = {}
    while True:
        asked = {"MetricDataQueries": queries, "StartTime": start, "EndTime": end}
        answer = call("cloudwatch", "GetMetricData", **asked, **more)
        yield from answer.get("MetricDataResults", ())
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


def _query(id_: str, metric: Metric, period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in sorted(metric.dimensions)]
    named = {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": dimensions,
    }
    return {"Id": id_, "MetricStat": {"Metric": named, "Period": period, "Stat": metric.statistic}}


def of_endpoints(endpoints: Sequence[Endpoint], start: datetime, now: datetime) -> Readings:
    """What went through the endpoints and each of their subnets since `start`.

    Never raises: what can't be read is said to be unknown, and must not keep a look from the rest.
    """
    if not endpoints:
        return Readings(start)
    places = {
        (e.id, place): _of_endpoint(e, "BytesProcessed", place)
        for e in endpoints
        for place in (WHOLE, *e.subnet_ids)
    }
    opened = {e.id: _of_endpoint(e, "ActiveConnections", WHOLE, "Maximum") for e in endpoints}
    try:
        found = read([*places.values(), *opened.values()], start, _until(now))
        listed = list(_listed())
    except AwsError as error:
        return Readings(start, failure=str(error))
    known = {metric.dimensions for metric in places.values()}
    return Readings(
        start,
        bytes={place: found[metric] for place, metric in places.items()},
        connections={id_: found[metric] for id_, metric in opened.items()},
        elsewhere=frozenset(_elsewhere(listed, known, {e.id for e in endpoints})),
        published=bool(listed) or any(found[metric].points for metric in places.values()),
    )


def _of_endpoint(
    endpoint: Endpoint, name: str, place: str, statistic: Literal["Sum", "Maximum"] = "Sum"
) -> Metric:
    """A metric with the dimensions that it has (PrivateLink guide, "Endpoint metrics")."""
    dimensions = {
        "Endpoint Type": "Interface",
        "Service Name": endpoint.service_name,
        "VPC Endpoint Id": endpoint.id,
        "VPC Id": endpoint.vpc_id,
        **({"Subnet Id": place} if place else {}),
    }
    return Metric(ENDPOINTS, name, frozenset(dimensions.items()), statistic)


def _listed() -> Iterator[frozenset[tuple[str, str]]]:
    """The dimensions of all that had bytes within two weeks (API reference, ListMetrics)."""
    asked = {"Namespace": ENDPOINTS, "MetricName": "BytesProcessed"}
    for each in pages("ListMetrics", service="cloudwatch", **asked):
        yield frozenset((d["Name"], d["Value"]) for d in each.get("Dimensions", ()))


def _elsewhere(
    listed: Iterable[frozenset[tuple[str, str]]],
    known: set[frozenset[tuple[str, str]]],
    ids: set[str],
) -> Iterator[str]:
    """Endpoints that CloudWatch lists under dimensions that we didn't ask for.

    A subnet that an endpoint has left since is no such thing: only sets of a kind that the guide
    doesn't know, or another spelling of what identifies the endpoint.
    """
    asked = {_without_subnet(dimensions) for dimensions in known}
    for dimensions in listed:
        values = {value for _, value in dimensions}
        if _without_subnet(dimensions) not in asked:
            yield from values & ids


def _without_subnet(dimensions: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset(each for each in dimensions if each[0] != "Subnet Id")


def of_nat_gateways(
    ids: Iterable[str], start: datetime, now: datetime
) -> Mapping[str, tuple[Traffic, Traffic]]:
    """By NAT gateway the bytes to where its clients went, and those that came back.

    `BytesOutToDestination` and `BytesInFromDestination` (VPC guide, "NAT gateway metrics"). Raises
    AwsErrors.
    """
    names = ("BytesOutToDestination", "BytesInFromDestination")
    asked = {
        id_: tuple(Metric(NAT, name, frozenset({("NatGatewayId", id_)})) for name in names)
        for id_ in ids
    }
    found = read([metric for both in asked.values() for metric in both], start, _until(now))
    return {id_: (found[out], found[back]) for id_, (out, back) in asked.items()}


def _until(now: datetime) -> datetime:
    """The end of the present hour: an end that fits the period is answered sooner, and the end
    itself is left out (API reference, GetMetricData)."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
