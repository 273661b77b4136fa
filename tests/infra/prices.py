"""What a stack costs a month in us-east-1, counted from its template by a dated price list.

Nothing here is AWS's free tier: it belongs to the account, which has other uses for it. The one
exception is the dashboard: an account has three free ones, and pays 3.00 USD for each beyond.
Interface endpoints and load balancers cost the same whoever makes them, and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.metrics import OWN
from tests.infra.synthesis import Synthesis

# USD in us-east-1, as AWS's price pages had them on 2026-11-30.
PRICES = {
    "a KMS key, a month": 1.00,
    "an alarm, for each metric that it looks at, a month": 0.10,
    "a custom metric, a month in which it is written in every hour": 0.30,
    "a million requests to SQS": 0.40,
    "a million requests to SNS": 0.50,
    "a million state transitions": 25.00,
    "a million calls of functions": 0.20,
    "a million GiB-seconds of functions on arm64": 13.3334,
    "a million calls of Scheduler": 1.00,
    "a thousand metrics that GetMetricData is asked for": 0.01,
    "a million rows that DynamoDB reads": 0.125,
    "a million rows that DynamoDB writes": 0.625,
    "a GB of rows, and their backups, a month": 0.25 + 0.20,
    "a GB of logs": 0.50,
    "a million traces": 5.00,
}
HOURS, DAYS = 720, 30
# Lambda's event source: five connections that ask for twenty seconds (Lambda guide, "Using Lambda
# with Amazon SQS"); three for each minute.
POLLS = 5 * 3 * 60 * HOURS
# Seconds and MiB of one call of `record`; a look's other steps; rows that a look reads and writes;
# kB of log that a call writes. Measured in the lab by `make bench`, rounded up.
RECORD, STEPS = 0.5 * 0.5, 2.0
ROWS, LOG_KB = 6, 1.5


# A letter a week, five in the longest months. It reads the account in some seconds of one GiB, rows
# of all that it tells of, and for each interface endpoint the metrics of its zones;
# so many in a small account. What larger ones pay for them docs/costs.md says.
LETTERS, LETTER_SECONDS, LETTER_ROWS, LETTER_METRICS = 5, 10.0, 500, 50
# A row of history is written in a transaction, which counts twice, and stays for 400 days.
HISTORY_WRITES, HISTORY_MONTHS, HISTORY_KB = 2, 400 / 30, 0.8


@dataclass(frozen=True)
class Month:
    """What happens in a month beside sweeps: looks that events ask for, hours with something on.

    `transitions` and `calls`: states that a look enters, functions that it calls. `history`: rows
    of history that a look writes; a month pays for all that have been kept.
    """

    looks: int = 0
    hours: int = 0
    transitions: int = 6
    calls: int = 2
    history: int = 0


def monthly(stack: Synthesis, month: Month) -> Mapping[str, float]:
    """USD by what they are paid for."""
    sweeps, listening = _sweeps(stack), _scheduled_calls(stack)
    looks = sweeps + month.looks
    calls = looks * month.calls + listening
    gib_seconds = looks * (STEPS + RECORD) + listening * RECORD
    rows = looks * ROWS + 3 * listening
    return {
        "keys": len(stack.of_type("AWS::KMS::Key")) * PRICES["a KMS key, a month"],
        "alarms": _alarmed_metrics(stack)
        * PRICES["an alarm, for each metric that it looks at, a month"],
        "dashboards": 0.0,
        "custom metrics": _metric_months(stack, month)
        * PRICES["a custom metric, a month in which it is written in every hour"],
        "the queue's polls": _millions(POLLS, "a million requests to SQS"),
        "workflows": _millions(
            sweeps * 6 + month.looks * month.transitions, "a million state transitions"
        ),
        "functions": _millions(calls, "a million calls of functions")
        + _millions(gib_seconds, "a million GiB-seconds of functions on arm64"),
        "schedules": _millions(sweeps, "a million calls of Scheduler"),
        "letters": _letters(stack),
        "the ledger": _millions(rows, "a million rows that DynamoDB reads")
        + _millions(
            month.looks * (ROWS + month.history * HISTORY_WRITES),
            "a million rows that DynamoDB writes",
        )
        + _history_kept(month) * PRICES["a GB of rows, and their backups, a month"],
        "the topic": _millions(listening + looks, "a million requests to SNS"),
        "logs": calls * LOG_KB / 1e6 * PRICES["a GB of logs"],
        "traces": _millions(calls + looks, "a million traces"),
    }


def _letters(stack: Synthesis) -> float:
    """What the weekly letter costs: its calls, what it reads, its log and trace."""
    weekly = [each for each in _schedules(stack) if not _is_sweep(each)]
    letters = LETTERS * len(weekly)
    return (
        _millions(letters * LETTER_SECONDS, "a million GiB-seconds of functions on arm64")
        + _millions(letters, "a million calls of functions")
        + _millions(letters, "a million calls of Scheduler")
        + _millions(letters * LETTER_ROWS, "a million rows that DynamoDB reads")
        + _millions(letters, "a million requests to SNS")
        + letters
        * LETTER_METRICS
        / 1e3
        * PRICES["a thousand metrics that GetMetricData is asked for"]
    )


def _is_sweep(schedule: Mapping[str, Any]) -> bool:
    return str(schedule["ScheduleExpression"]).startswith("rate(")


def _history_kept(month: Month) -> float:
    """GB, once it has gone on for as long as history is kept."""
    return month.looks * month.history * HISTORY_MONTHS * HISTORY_KB / 1e6


def _millions(number: float, price: str) -> float:
    return number / 1e6 * PRICES[price]


def _alarmed_metrics(stack: Synthesis) -> int:
    """A composite alarm and each metric of a formula are paid for, too."""
    composite = len(stack.of_type("AWS::CloudWatch::CompositeAlarm"))
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    return composite + sum(max(1, len(alarm.get("Metrics", []))) for alarm in alarms)


# How many hours a quiet sweep writes in: what all four workflows write, in two at most, since they
# begin within half an hour of each other.
_GAUGES = {"OpenFindings": 2, "GatewayEndpointQuotaUse": 1}


def _metric_months(stack: Synthesis, month: Month) -> float:
    """Months of single metrics."""
    sweeps = max(_runs(each) for each in _schedules(stack) if _is_sweep(each))
    quiet = sum(min(HOURS, sweeps * hours) for name, hours in _GAUGES.items() if name in OWN)
    return (month.hours * len(OWN) + quiet * (HOURS - month.hours) / HOURS) / HOURS


def _schedules(stack: Synthesis) -> list[dict[str, Any]]:
    return list(stack.of_type("AWS::Scheduler::Schedule").values())


def _sweeps(stack: Synthesis) -> int:
    return sum(_runs(each) for each in _schedules(stack) if _is_sweep(each))


def _scheduled_calls(stack: Synthesis) -> int:
    rules = stack.of_type("AWS::Events::Rule").values()
    return sum(_runs(rule) for rule in rules if "ScheduleExpression" in rule)


def _runs(schedule: Mapping[str, Any]) -> int:
    """How often in a month. Raises AssertionError where that can't be read."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule["ScheduleExpression"])
    assert found, schedule
    minutes = int(found[1]) * {"minute": 1, "hour": 60, "day": 1440}[found[2]]
    return DAYS * 1440 // minutes
