"""Metrics as CloudWatch answers for them; MiniStack mixes dimensions, and knows no limits or pages.

How AWS is known to do it stands in the API reference (GetMetricData, ListMetrics, PutMetricData)
unless a comment says otherwise. The query protocol, which old clients speak, is MiniStack's still.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.services import cloudwatch

from lab.inside import scope, scopes

Json = dict[str, Any]
_HOUR, _DAY = 3600.0, 86_400.0
KEPT = 455 * _DAY
MOST_QUERIES, MOST_POINTS, MOST_LISTED, MOST_DIMENSIONS = 500, 100_800, 500, 30
# ListMetrics names what had a value within this.
LISTED_FOR = 14 * _DAY
_ID = re.compile(r"[a-z][a-zA-Z0-9_]{0,254}")
_HIGH_RESOLUTION = (1, 5, 10, 20, 30)
# How old the start is at least, and of what a period must be a multiple then.
_COARSER = ((63 * _DAY, 3600), (15 * _DAY, 300), (3 * _HOUR, 60))
_Key = tuple[str, str, str]
# What EC2's things are measured by goes by EC2's clock, which a person may move.
OF_EC2 = frozenset({"AWS/PrivateLinkEndpoints", "AWS/NATGateway"})
_clocks: list[Callable[[], float]] = [time.time]


class RefusedError(Exception):
    """CloudWatch refuses; the code and its words (wording believed)."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def keep_time(clock: Callable[[], float]) -> None:
    """Go by EC2's clock for what EC2's things are measured by."""
    _clocks[:] = [clock]


def _now(namespace: str) -> float:
    return _clocks[0]() if namespace in OF_EC2 else time.time()


def forget() -> None:
    """Forget what EC2's things were measured by: its world begins anew, maybe with the same ids."""
    for account, region in scopes(cloudwatch._metrics):
        with scope(account, region):
            for key in [key for key in cloudwatch._metrics if key[0] in OF_EC2]:
                cloudwatch._metrics.pop(key, None)


def install() -> None:
    """Put these in the place of MiniStack's."""
    cloudwatch._evict_old_metrics = _evict
    for name, serve in _SERVED.items():
        theirs = getattr(cloudwatch, name)
        setattr(cloudwatch, name, _strict(theirs, serve))


def _strict(theirs: Any, serve: Any) -> Any:
    def served(params: Any, data: Json, is_cbor: bool, is_json: bool = False) -> Any:
        if not (is_cbor or is_json):
            return theirs(params, data, is_cbor, is_json)
        try:
            answer = serve(data)
        except RefusedError as error:
            return cloudwatch._error(error.code, str(error), 400, is_json, is_cbor)
        if answer is None:
            return theirs(params, data, is_cbor, is_json)
        return cloudwatch._cbor_ok(_timed(answer)) if is_cbor else cloudwatch._json_ok(answer)

    return served


def _timed(answer: Json) -> Json:
    results = answer.get("MetricDataResults")
    if results is None:
        return answer
    return {**answer, "MetricDataResults": [*map(cloudwatch._cbor_metric_data_result, results)]}


def _evict() -> None:
    """MiniStack forgets after two weeks."""
    for key, points in list(cloudwatch._metrics.items()):
        oldest = _now(key[0]) - KEPT
        points[:] = [point for point in points if point["Timestamp"] >= oldest]
        if not points:
            cloudwatch._metrics.pop(key, None)


def _put_metric_data(data: Json) -> None:
    """AWS's own namespaces are AWS's."""
    if str(data.get("Namespace", "")).startswith("AWS/"):
        words = "The value AWS/ for parameter Namespace is invalid."
        raise RefusedError("InvalidParameterValue", words)


def _list_metrics(data: Json) -> Json:
    metrics = list(_listed(data))
    start = _place(data.get("NextToken"))
    end = start + MOST_LISTED
    more = {"NextToken": f"list-{end}"} if end < len(metrics) else {}
    return {"Metrics": metrics[start:end], **more}


def _listed(data: Json) -> Iterator[Json]:
    for (namespace, name, _), points in sorted(cloudwatch._metrics.items()):
        lately = _now(namespace) - LISTED_FOR
        asked = (data.get("Namespace"), data.get("MetricName"))
        if any(a not in (None, b) for a, b in zip(asked, (namespace, name), strict=True)):
            continue
        dimensions = dict(points[-1]["Dimensions"])
        wanted = {d["Name"]: d.get("Value") for d in data.get("Dimensions") or ()}
        fits = all(n in dimensions and v in (None, dimensions[n]) for n, v in wanted.items())
        if fits and any(point["Timestamp"] >= lately for point in points):
            found = [{"Name": n, "Value": v} for n, v in dimensions.items()]
            yield {"Namespace": namespace, "MetricName": name, "Dimensions": found}


def _get_metric_data(data: Json) -> Json | None:
    queries = data.get("MetricDataQueries") or []
    if any(each.get("Expression") for each in queries):
        return None  # MiniStack answers that it can't
    start, end = (cloudwatch._parse_ts(data.get(name)) for name in ("StartTime", "EndTime"))
    _check(queries, start, end)
    newest_first = data.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    series = [(each, _series(each, start, end, newest_first)) for each in queries]
    return _page(series, _place(data.get("NextToken")), int(data.get("MaxDatapoints", MOST_POINTS)))


def _page(series: list[tuple[Json, list[tuple[int, float]]]], first: int, most: int) -> Json:
    """The points from place `first` on, counted through all series.

    A series of which more is to come says so: "PartialData".
    """
    results, at, last = [], 0, first + most
    for query, points in series:
        shown = points[max(0, first - at) : max(0, last - at)]
        at += len(points)
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
                "Timestamps": [cloudwatch._ts_iso(stamp) for stamp, _ in shown],
                "Values": [value for _, value in shown],
                "StatusCode": "Complete" if at <= last else "PartialData",
            }
        )
    return {"MetricDataResults": results, **({"NextToken": f"data-{last}"} if at > last else {})}


def _series(
    query: Mapping[str, Any], start: float, end: float, newest_first: bool
) -> list[tuple[int, float]]:
    """One metric's values by period. Periods are aligned to the clock, and one that began before
    the start isn't there (believed: the reading that is harder on callers)."""
    stat = query["MetricStat"]
    period = int(stat["Period"])
    now = _now(stat["Metric"]["Namespace"])
    if any(now - start > age and period % least for age, least in _COARSER):
        return []
    found: dict[int, list[Json]] = defaultdict(list)
    for point in cloudwatch._metrics.get(_key(stat["Metric"]), ()):
        if start <= point["Timestamp"] < end:
            found[int(point["Timestamp"] // period) * period].append(point)
    values = (
        (stamp, cloudwatch._stat_value(cloudwatch._calc_stats(points), stat["Stat"], points))
        for stamp, points in found.items()
        if stamp >= start
    )
    return sorted(((s, v) for s, v in values if v is not None), reverse=newest_first)


def _key(metric: Mapping[str, Any]) -> _Key:
    """A metric is its dimensions, all of them: fewer, or none, are another one."""
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    return metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(dimensions)


def _check(queries: list[Json], start: float | None, end: float | None) -> None:
    if not queries or len(queries) > MOST_QUERIES:
        words = f"The collection MetricDataQueries must have 1 to {MOST_QUERIES} members."
        raise RefusedError("ValidationError", words)
    if start is None or end is None or start >= end:
        words = "The parameter StartTime must be less than the parameter EndTime."
        raise RefusedError("ValidationError", words)
    ids = [str(each.get("Id", "")) for each in queries]
    if len(set(ids)) < len(ids) or not all(map(_ID.fullmatch, ids)):
        words = "The values for parameter Id in MetricDataQueries are not unique or not valid."
        raise RefusedError("ValidationError", words)
    for each in queries:
        _check_metric(each.get("MetricStat") or {})


def _check_metric(stat: Mapping[str, Any]) -> None:
    period = int(stat.get("Period") or 0)
    if period not in _HIGH_RESOLUTION and (period < 60 or period % 60):
        raise RefusedError("ValidationError", "Period must be 1, 5, 10, 20, 30 or a multiple of 60")
    metric = stat.get("Metric") or {}
    if len(metric.get("Dimensions") or ()) > MOST_DIMENSIONS or not metric.get("MetricName"):
        raise RefusedError("ValidationError", "The parameter Metric is not valid.")


def _place(token: str | None) -> int:
    if not token:
        return 0
    found = re.fullmatch(r"(?:list|data)-(\d+)", token)
    if found is None:
        raise RefusedError("InvalidNextToken", "The next token specified is invalid.")
    return int(found[1])


_SERVED = {
    "_put_metric_data": _put_metric_data,
    "_list_metrics": _list_metrics,
    "_get_metric_data": _get_metric_data,
}
