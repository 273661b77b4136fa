"""Keeps MiniStack's CloudWatch fed and its alarms judged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any

from ministack.services import cloudwatch, sqs

from lab.inside import scope, scopes
from lab.metrics import Datum, alarm_state, queue_data

KEPT_POINTS = 2000  # of one metric: more than an hour of queue depths

_judging = threading.RLock()  # two threads must not both see an alarm change


def judge(alarm: dict[str, Any]) -> None:
    """Judge one alarm of MiniStack's and, if its state changes, do what MiniStack does then."""
    with _judging:
        _judge(alarm)


def _judge(alarm: dict[str, Any]) -> None:
    dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []}
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"

    def statistic(points: list[Any]) -> float | None:
        value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
        return value

    judged = alarm_state(alarm, list(cloudwatch._metrics.get(key) or []), statistic)
    if judged is None or judged[0] == alarm["StateValue"]:
        return
    before, (state, reason) = alarm["StateValue"], judged
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def judge_all() -> None:
    """Judge every alarm of the account and Region in scope."""
    cloudwatch._evaluate_all_alarms()


def publish(data: Iterable[Datum]) -> None:
    """Put values into MiniStack's CloudWatch, for the account and Region in scope."""
    for datum in data:
        key = (datum.namespace, datum.name, cloudwatch._dims_key(datum.dimensions))
        points = cloudwatch._metric_bucket(key)
        del points[:-KEPT_POINTS]
        points.append(
            {
                "Timestamp": datum.timestamp,
                "Value": datum.value,
                "Unit": datum.unit,
                "Dimensions": dict(datum.dimensions),
            }
        )


def measure() -> None:
    """Publish the depth of every queue and judge every alarm, once."""
    for account, region in scopes(sqs._queues):
        with scope(account, region):
            for queue in sqs._queues.values():
                publish(queue_data(queue, time.time()))
    for account, region in scopes(cloudwatch._alarms):
        with scope(account, region):
            judge_all()
