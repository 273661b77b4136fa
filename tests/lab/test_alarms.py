"""MiniStack's alarms, judged as CloudWatch does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import cloudwatch

from lab.alarms import KEPT_POINTS, judge, publish
from lab.inside import scope
from lab.metrics import Datum


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with scope("333333333333", "us-east-1"):
        yield
    cloudwatch.reset()


def alarm(queue: str) -> dict[str, Any]:
    return {
        "AlarmName": queue,
        "Namespace": "AWS/SQS",
        "MetricName": "Depth",
        "Dimensions": [{"Name": "QueueName", "Value": queue}],
        "Statistic": "Maximum",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0.0,
        "Period": 60,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "StateValue": "INSUFFICIENT_DATA",
    }


def depth(queue: str, value: float) -> Datum:
    return Datum("AWS/SQS", "Depth", {"QueueName": queue}, value, "Count", time.time())


def test_one_queues_depth_raises_that_queues_alarm_only() -> None:
    publish([depth("dead", 2)])
    dead, intake = alarm("dead"), alarm("intake")
    judge(dead)
    judge(intake)
    assert (dead["StateValue"], intake["StateValue"]) == ("ALARM", "OK")


def test_a_change_is_kept_in_the_alarms_history_once() -> None:
    dead = alarm("dead")
    publish([depth("dead", 2)])
    for _ in range(3):
        judge(dead)
    assert len(cloudwatch._history_entries()) == 1


def test_keeps_so_many_points_of_a_metric_and_no_more() -> None:
    publish(depth("dead", n) for n in range(KEPT_POINTS + 50))
    ((_key, points),) = cloudwatch._metrics.items()
    assert len(points) == KEPT_POINTS + 1
    assert points[-1]["Value"] == KEPT_POINTS + 49
