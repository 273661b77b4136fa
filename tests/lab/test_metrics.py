"""Metrics that come by themselves, and the alarms on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from lab.metrics import Datum, alarm_state, embedded, queue_data

NOW = 1_000_000.0


def printed(**changes: object) -> str:
    directive = {
        "Namespace": "Tests",
        "Dimensions": [["service"], ["service", "function"]],
        "Metrics": [{"Name": "Healed", "Unit": "Count"}, {"Name": "Took"}],
    }
    about = {"Timestamp": 5000, "CloudWatchMetrics": [directive]}
    line = {"_aws": about, "service": "a", "function": "b", "Healed": [1.0, 2.0], "Took": 3}
    return json.dumps({**line, **changes})


def test_reads_each_value_for_each_set_of_dimensions() -> None:
    found = list(embedded(printed()))
    small, large = {"service": "a"}, {"service": "a", "function": "b"}
    assert found == [
        Datum("Tests", name, dimensions, value, unit, 5.0)
        for dimensions in (small, large)
        for name, value, unit in [
            ("Healed", 1.0, "Count"),
            ("Healed", 2.0, "Count"),
            ("Took", 3.0, "None"),
        ]
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "plain text",
        '{"message": "no metric"}',
        '{"_aws": ',
        '{"_aws": {}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Dimensions": [["service"]]}]}}',
        '["_aws"]',
    ],
)
def test_ignores_what_is_not_in_the_format(line: str) -> None:
    assert list(embedded(line)) == []


def test_measures_a_queue() -> None:
    messages = [
        {"visible_at": NOW - 1, "sent_at": NOW - 20},
        {"visible_at": NOW + 9, "sent_at": NOW - 30},
        {"sent_at": NOW - 1},
    ]
    found = {
        datum.name: datum.value for datum in queue_data({"name": "q", "messages": messages}, NOW)
    }
    assert found == {
        "ApproximateNumberOfMessagesVisible": 2,
        "ApproximateNumberOfMessagesNotVisible": 1,
        "ApproximateAgeOfOldestMessage": 30,
    }


def largest(points: Sequence[Any]) -> float:
    return float(max(point["Value"] for point in points))


def judged(values: dict[float, float], **changes: object) -> str | None:
    """Judge an alarm on values by their age in seconds; return its state."""
    alarm = {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 3,
        "Period": 60,
        "EvaluationPeriods": 1,
        **changes,
    }
    points = [{"Timestamp": NOW - age, "Value": value} for age, value in values.items()]
    found = alarm_state(alarm, points, largest, NOW)
    return found and found[0]


@pytest.mark.parametrize(
    ("values", "changes", "state"),
    [
        ({1: 3}, {}, "ALARM"),
        ({1: 2}, {}, "OK"),
        ({59: 3, 1: 1}, {}, "ALARM"),
        ({61: 9}, {}, "INSUFFICIENT_DATA"),
        ({}, {"TreatMissingData": "notBreaching"}, "OK"),
        ({}, {"TreatMissingData": "breaching"}, "ALARM"),
        ({}, {"TreatMissingData": "ignore"}, None),
        ({1: 9}, {"EvaluationPeriods": 2}, "OK"),
        ({1: 9, 61: 9}, {"EvaluationPeriods": 2}, "ALARM"),
        ({1: 1, 61: 9, 121: 9}, {"EvaluationPeriods": 3, "DatapointsToAlarm": 2}, "ALARM"),
        ({1: 9}, {"EvaluationPeriods": 2, "TreatMissingData": "breaching"}, "ALARM"),
        ({1: 2}, {"ComparisonOperator": "LessThanThreshold"}, "ALARM"),
        ({1: 3}, {"ComparisonOperator": "GreaterThanThreshold"}, "OK"),
        ({1: 3}, {"ComparisonOperator": "LessThanLowerThreshold"}, None),
    ],
)
def test_judges_an_alarm(
    values: dict[float, float], changes: dict[str, object], state: str | None
) -> None:
    assert judged(values, **changes) == state
