"""What MiniStack's CloudWatch holds: dashboards, alarms and the points of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import cloudwatch

from lab.dashboard.graph import Line, Metric
from lab.inside import scope


@dataclass(frozen=True)
class Alarm:
    """An alarm as it stands: `state` is OK, ALARM, INSUFFICIENT_DATA, or "" if there is none."""

    name: str
    state: str = ""
    reason: str = ""
    metric: Metric | None = None
    threshold: float | None = None


def bodies(account: str, region: str) -> dict[str, str]:
    """Return an account's dashboards: their bodies by name, in the order of the names."""
    with scope(account, region):
        found = cloudwatch._dashboards
        return {name: str(found[name]["DashboardBody"]) for name in sorted(found)}


def alarm(arn: str) -> Alarm:
    """Return the alarm of that ARN."""
    region, account, name = arn.split(":")[3], arn.split(":")[4], arn.split(":", 6)[-1]
    with scope(account, region):
        found = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    if not found:
        return Alarm(name)
    metric, threshold = _watched(found), found.get("Threshold")
    return Alarm(
        name,
        str(found["StateValue"]),
        str(found.get("StateReason") or ""),
        metric,
        None if threshold is None else float(threshold),
    )


def _watched(found: Mapping[str, Any]) -> Metric | None:
    name = found.get("MetricName")
    if not name:
        return None
    dimensions = tuple((each["Name"], each["Value"]) for each in found.get("Dimensions") or ())
    stat = found.get("ExtendedStatistic") or found.get("Statistic") or "Average"
    period = int(found.get("Period") or 300)
    return Metric(str(found["Namespace"]), str(name), dimensions, str(name), str(stat), period)


def line(metric: Metric, account: str, region: str, start: float, end: float) -> Line:
    """Return a metric's values, one for each period that has points."""
    with scope(account, metric.region or region):
        key = (metric.namespace, metric.name, cloudwatch._dims_key(dict(metric.dimensions)))
        points = list(cloudwatch._metrics.get(key) or ())
    periods: dict[int, list[Any]] = {}
    for point in points:
        if start <= point["Timestamp"] <= end:
            periods.setdefault(int(point["Timestamp"] // metric.period), []).append(point)
    values = ((n * metric.period, _statistic(metric.stat, group)) for n, group in periods.items())
    told = [(max(at, start), value) for at, value in values if value is not None]
    return Line(metric.label, tuple(sorted(told)), metric.right)


def _statistic(stat: str, points: list[Any]) -> float | None:
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), stat, points)
    return value
