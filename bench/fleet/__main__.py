"""`python -m bench.fleet`: what a fleet of 2,500 spokes causes and costs, in a minute."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.__main__ import Row
from bench.fleet import ACCOUNTS, SPOKES, VPCS, calls, joining, shown
from bench.fleet.costs import Template, of_a_spoke, of_the_hub
from bench.fleet.heard import SAMPLE, Heard, counted
from bench.fleet.templates import Templates, made
from lab.ec2.throttle import Rate

MOST_A_MONTH = 20.0
# What PrivateLink takes of an organization a second, and holds: AWS doesn't say.
ASSUMED = (5, 20)
_HELD = 100
_SPREAD, _WAVES, _BETWEEN = 1800, (0.05, 0.25, 0.7), 3600


def of_the_calls() -> Iterator[Row]:
    """An endpoint more for each VPC of one Region, 10,000 in all."""
    alone = round(calls.least())
    for rate in ASSUMED:
        shared = Rate(_HELD, rate)
        floor = round(max(shared.least(ACCOUNTS * VPCS), alone))
        for how, begins in (
            ("all in one minute", calls.beginnings(60)),
            ("as sweeps are spread", calls.beginnings(_SPREAD)),
            ("in three waves", calls.beginnings(_SPREAD, _WAVES, _BETWEEN)),
        ):
            took = calls.filled(begins, shared)
            what = f"10,000 endpoints at {rate}/s, {how}"
            yield Row(what, took.seconds, "s", floor, "s of the organization's bucket")
            yield Row("  calls refused", took.refused, "calls", ACCOUNTS * VPCS, "made")


def of_the_money(templates: Templates, heard: Heard) -> Iterator[Row]:
    """A month of the hub's, part by part, and what a spoke costs beyond a single account."""
    parts = of_the_hub(templates.hub, heard)
    yield Row("the hub", sum(parts.values()), "USD a month", limit=MOST_A_MONTH)
    yield from _parts(parts)
    often = of_the_hub(Template(templates.hub.types, 1), heard)
    hub, whole = round(sum(parts.values()), 2), sum(often.values())
    yield Row("  if it gathered for a second only", whole, "USD a month", hub, "USD")
    more = of_a_spoke(templates.spoke, templates.plain)
    yield Row("a spoke, beyond a single account", sum(more.values()), "USD a month")
    yield from _parts(more)


def _parts(parts: Mapping[str, float]) -> Iterator[Row]:
    for what, usd in parts.items():
        yield Row(f"  {what}", usd, "USD a month")


def of_the_table(heard: Heard) -> Iterator[Row]:
    """What is read and written for each event and look."""
    yield Row("a heartbeat writes", heard.beats.writes / SAMPLE, "units", limit=10)
    yield Row("a piece of news writes", heard.news.writes / SAMPLE, "units", limit=40)
    look = heard.look.reads * SPOKES / SAMPLE
    yield Row("a look reads", look, "units", SPOKES, "spokes", limit=1)
    yield Row("a look's processor time", heard.eye * SPOKES, "s", limit=60)
    yield Row("ten thousand news, processor time", heard.ear * 10_000, "s")


def of_the_widget() -> Iterator[Row]:
    """Its first page, over all spokes."""
    took = shown.shown()
    yield Row("the hub's widget", took.bytes, "bytes", shown.MOST_BYTES, "bytes at most", limit=1)
    yield Row("  calls of DynamoDB", took.calls, "calls", SPOKES, "spokes", limit=0.01)
    yield Row("  processor time", took.seconds, "s", limit=20)


def of_joining() -> Iterator[Row]:
    """A new account."""
    yield Row("from a new account to served, at most", joining.total(), "minutes", limit=60)
    for step in joining.steps():
        print(f"  {step.minutes:5.1f} min  {step.what} ({step.source})")


def main() -> int:
    """Print all rows; 1 if a limit is broken."""
    with TemporaryDirectory() as folder:
        templates = made(Path(folder))
    heard = counted()
    rows = (
        *of_the_calls(),
        *of_the_table(heard),
        *of_the_money(templates, heard),
        *of_the_widget(),
        *of_joining(),
    )
    for row in rows:
        print(row)
    print(json.dumps({"broken": sum(not row.kept for row in rows)}))
    return 1 if any(not row.kept for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
