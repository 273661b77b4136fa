"""Metrics that AWS makes by itself, from functions' output and from queues, and alarms on them."""

from __future__ import annotations

import json
import operator
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Datum:
    """A value of a metric; `timestamp` in seconds."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    value: float
    unit: str
    timestamp: float


def embedded(line: str) -> Iterator[Datum]:
    """Yield what a printed line holds in CloudWatch's embedded metric format; nothing if it isn't.

    CloudWatch guide, "Specification: Embedded metric format".
    """
    if '"_aws"' not in line or not line.startswith("{"):
        return
    try:
        data = json.loads(line)
        about = data["_aws"]
        for directive in about["CloudWatchMetrics"]:
            yield from _directive(data, directive, about["Timestamp"] / 1000)
    except (ValueError, KeyError, TypeError):
        return  # CloudWatch ignores a line that isn't in the format


def _directive(
    data: Mapping[str, Any], directive: Mapping[str, Any], timestamp: float
) -> Iterator[Datum]:
    for names in directive["Dimensions"]:
        dimensions = {name: str(data[name]) for name in names}
        for metric in directive["Metrics"]:
            values = data[metric["Name"]]
            for value in values if isinstance(values, list) else [values]:
                yield Datum(
                    directive["Namespace"],
                    metric["Name"],
                    dimensions,
                    float(value),
                    metric.get("Unit", "None"),
                    timestamp,
                )


def queue_data(queue: Mapping[str, Any], now: float) -> Iterator[Datum]:
    """Yield the depth of a queue of MiniStack's and the age of its oldest message."""
    messages = queue["messages"]
    visible = sum(1 for message in messages if message.get("visible_at", 0) <= now)
    oldest = min((message["sent_at"] for message in messages), default=now)
    counts = {
        "ApproximateNumberOfMessagesVisible": (visible, "Count"),
        "ApproximateNumberOfMessagesNotVisible": (len(messages) - visible, "Count"),
        "ApproximateAgeOfOldestMessage": (max(0.0, now - oldest), "Seconds"),
    }
    for name, (value, unit) in counts.items():
        yield Datum("AWS/SQS", name, {"QueueName": queue["name"]}, float(value), unit, now)


def alarm_state(
    alarm: Mapping[str, Any],
    points: Sequence[Mapping[str, Any]],
    statistic: Callable[[list[Mapping[str, Any]]], float | None],
    now: float | None = None,
) -> tuple[str, str] | None:
    """Return an alarm's state and the reason, or None where it stays as it is.

    `points` are those of the alarm's metric and dimensions, `statistic` reduces a period's points.
    The periods end now, where CloudWatch aligns them to the clock.
    """
    compare = _COMPARE.get(str(alarm.get("ComparisonOperator")))
    if compare is None:
        return None
    values = _periods(alarm, points, statistic, time.time() if now is None else now)
    if all(value is None for value in values):
        return _nothing(alarm)
    missing = alarm.get("TreatMissingData") == "breaching"
    threshold = float(alarm["Threshold"])
    breaching = sum(missing if v is None else compare(v, threshold) for v in values)
    needed = alarm.get("DatapointsToAlarm") or len(values)
    seen = [v for v in values if v is not None]
    words = f"{breaching} of {len(values)} datapoints {seen} crossed the threshold ({threshold})"
    return ("ALARM" if breaching >= needed else "OK"), f"Threshold Crossed: {words}"


def _periods(
    alarm: Mapping[str, Any],
    points: Sequence[Mapping[str, Any]],
    statistic: Callable[[list[Mapping[str, Any]]], float | None],
    now: float,
) -> list[float | None]:
    period, count = int(alarm.get("Period", 60)), int(alarm.get("EvaluationPeriods", 1))
    within: list[list[Mapping[str, Any]]] = [[] for _ in range(count)]
    for point in points:
        place = int((now - point["Timestamp"]) // period)
        if 0 <= place < count:
            within[place].append(point)
    return [statistic(group) if group else None for group in within]


def _nothing(alarm: Mapping[str, Any]) -> tuple[str, str] | None:
    """CloudWatch guide, "Configuring how CloudWatch alarms treat missing data"."""
    state = {"breaching": "ALARM", "notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}.get(
        str(alarm.get("TreatMissingData") or "missing")
    )
    return (state, "no datapoints were received") if state else None
