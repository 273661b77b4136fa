"""What hub and spokes cost a month in us-east-1: counted templates, counted calls, dated prices."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fleet import SPOKES
from bench.fleet.heard import SAMPLE, Heard
from tests.infra.prices import HISTORY_MONTHS, HOURS, LOG_KB, POLLS, PRICES

# USD, as the price pages' readers had them in March and June 2026: an event of one's own, and its
# way to another account's bus, each paid for by whoever sends; the way to a queue is free.
EVENTS = 1.00
# Of each spoke: what it tells a month, and heartbeats after it; hours have one each.
NEWS = 20
LOOKS = HOURS * 12
# Seconds and GiB of a batch of `hub_hear` and of a look: this machine's processor, rounded up; what
# calls of AWS take is believed.
_HEAR, _LOOK, _BEAT = (0.5, 0.5), (6.0, 1.0), (1.0, 0.5)
# The five connections of Lambda's event source gather for themselves (believed), so a batch has a
# fifth of what comes within the window.
_CONNECTIONS = 5
# Row bytes of one piece of news: two of history for 400 days, the text for 35.
_HISTORY_KB, _WHOLE_KB = 2 * 0.8, 4.0
_MILLION = 1e6


@dataclass(frozen=True)
class Template:
    """How many resources of which type, and the seconds that the ear gathers."""

    types: Mapping[str, int]
    window: int

    @classmethod
    def of(cls, template: Mapping[str, Any]) -> Template:
        """Count it."""
        resources = template["Resources"].values()
        windows = [
            int(each["Properties"].get("MaximumBatchingWindowInSeconds", 0))
            for each in resources
            if each["Type"] == "AWS::Lambda::EventSourceMapping"
        ]
        return cls(Counter(each["Type"] for each in resources), max(windows, default=0))


def read(file: Path) -> Template:
    """A template in a file."""
    return Template.of(json.loads(file.read_text()))


def beats() -> int:
    """Heartbeats of a month: hourly, and one for each piece of news."""
    return SPOKES * (HOURS + NEWS)


def batches(window: int) -> int:
    """Calls of the ear: never more than there are messages."""
    messages = beats() + SPOKES * NEWS
    return min(messages, _CONNECTIONS * HOURS * 3600 // max(1, window))


def of_the_hub(hub: Template, heard: Heard) -> dict[str, float]:
    """USD by what they are paid for."""
    told, messages, heard_in = SPOKES * NEWS, beats() + SPOKES * NEWS, batches(hub.window)
    writes = (beats() * heard.beats.writes + told * (heard.news.writes + 2 * SAMPLE)) / SAMPLE
    reads = (beats() * heard.beats.reads + LOOKS * SPOKES * heard.look.reads) / SAMPLE
    calls = heard_in + LOOKS
    seconds = heard_in * _HEAR[0] * _HEAR[1] + LOOKS * _LOOK[0] * _LOOK[1]
    kept = told * (HISTORY_MONTHS * _HISTORY_KB + 35 / 30 * _WHOLE_KB) / _MILLION
    return {
        "keys": hub.types["AWS::KMS::Key"] * PRICES["a KMS key, a month"],
        "alarms": hub.types["AWS::CloudWatch::Alarm"]
        * PRICES["an alarm, for each metric that it looks at, a month"],
        "custom metrics": 2
        * PRICES["a custom metric, a month in which it is written in every hour"],
        "the queue": _of(POLLS + messages + 2 * heard_in, "a million requests to SQS"),
        "writing": _of(writes, "a million rows that DynamoDB writes"),
        "reading": _of(reads, "a million rows that DynamoDB reads"),
        "kept rows": kept * PRICES["a GB of rows, and their backups, a month"],
        "functions": _of(calls, "a million calls of functions")
        + _of(seconds, "a million GiB-seconds of functions on arm64"),
        "logs": calls * LOG_KB / 1e6 * PRICES["a GB of logs"],
        "traces": _of(calls, "a million traces"),
        "mails": _of(LOOKS, "a million requests to SNS"),
        "releases in buckets": 0.01,
    }  # fmt: skip


def of_a_spoke(spoke: Template, plain: Template) -> dict[str, float]:
    """What a spoke costs beyond a single account's stack."""
    alarm, key = "AWS::CloudWatch::Alarm", "AWS::KMS::Key"
    said = HOURS + 2 * NEWS
    sources = spoke.types["AWS::Lambda::EventSourceMapping"]
    more = sources - plain.types["AWS::Lambda::EventSourceMapping"]
    return {
        "alarms and keys": (spoke.types[alarm] - plain.types[alarm])
        * PRICES["an alarm, for each metric that it looks at, a month"]
        + (spoke.types[key] - plain.types[key]) * PRICES["a KMS key, a month"],
        "events to the hub": 2 * said / _MILLION * EVENTS,
        "heartbeats": _of(HOURS + NEWS, "a million calls of functions")
        + _of((HOURS + NEWS) * _BEAT[0] * _BEAT[1], "a million GiB-seconds of functions on arm64"),
        "the queue's polls": _of(more * POLLS, "a million requests to SQS"),
        "logs and traces": (HOURS + NEWS) * LOG_KB / 1e6 * PRICES["a GB of logs"]
        + _of(HOURS + NEWS, "a million traces"),
        "reading": _of((HOURS + NEWS) * 10, "a million rows that DynamoDB reads"),
    }


def _of(number: float, price: str) -> float:
    return number / _MILLION * PRICES[price]
