"""The hub's ear, and its look at the rows: the functions' own code on a table in memory, counted.

Fifty spokes, one batch: each has a row of its own, so 2,500 take fifty times as much. moto copies
its table for each transaction, so more of them would take minutes.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from autopilot.aws.hub_table import HubTable
from autopilot.aws.step import logger
from autopilot.fleet.heard import SPOKES as SPOKE_ROWS
from autopilot.fleet.heard import heard_of
from autopilot.fleet.wire import HEARTBEAT, NEWS, Heartbeat, Held, News, OpenFinding, Spoke
from autopilot.reconcile.codec import encode

from bench.fleet.meter import Metered, Units
from tests.adapters.tables import TABLE, table

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AREAS = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-1")
# Of one spoke in ten; the others have nothing open.
_FINDINGS, _HOLDS, _EVERY = 3, 1, 10
_LINES = 40
SAMPLE = 50
CONTEXT = SimpleNamespace(
    function_name="hub", memory_limit_in_mb="512", invoked_function_arn="arn", aws_request_id="1"
)


@dataclass(frozen=True)
class Heard:
    """What fifty heartbeats took, fifty pieces of news, and reading fifty rows.

    `row`: bytes of a spoke's row. `ear`, `eye`: seconds of this machine's processor for each
    heartbeat and each row.
    """

    beats: Units
    news: Units
    look: Units
    row: int
    ear: float
    eye: float


def spokes() -> list[Spoke]:
    """Fifty of them."""
    per = SAMPLE // len(AREAS)
    return [Spoke(f"{n:012}", area) for n in range(1, per + 1) for area in AREAS]


def heartbeat(spoke: Spoke, number: int, at: datetime) -> Heartbeat:
    """As a spoke of twenty VPCs says it: sweeps, coverage, where it is asked; a few in trouble."""
    troubled = number % _EVERY == 0
    where = f"arn:aws:lambda:{spoke.region}:{spoke.account}:function"
    name = "StackSet-EndpointAutopilot-workloads-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    workflows = ("network", "interfaces", "services", "connections")
    return Heartbeat(
        at=at.isoformat(timespec="milliseconds"),
        release="0123456789abcdef",
        version="fedcba9876543210",
        policy="0011223344556677",
        target="workloads",
        stack=name,
        mode="enforce",
        sweeps={each: (at - timedelta(hours=3)).isoformat() for each in workflows},
        findings=tuple(_finding(n) for n in range(_FINDINGS)) if troubled else (),
        finding_count=_FINDINGS if troubled else 0,
        holds=tuple(_held(n) for n in range(_HOLDS)) if troubled else (),
        hold_count=_HOLDS if troubled else 0,
        coverage={f"{each}_{n}": 120 for each in ("route_tables", "subnets") for n in range(4)},
        cents=43_800,
        asks={each: f"{where}:StackSet-EndpointAuto-{each}-0123456789ab" for each in ("a", "l")},
    )


def _finding(number: int) -> OpenFinding:
    title = f"Route tables of vpc-0123456789abcde{number} wait for a quiet hour"
    return OpenFinding(f"RouteTableBusy/vpc-{number}", "RouteTableBusy", "action", title, "")


def _held(number: int) -> Held:
    return Held(
        f"vpce-0123456789abcde{number}", f"hold-{number}", "999999999999", "vpce-svc-1",
        "com.amazonaws.vpce.us-east-1.vpce-svc-1", "2026-11-30T09:00:00+00:00",
        "2026-12-07T09:00:00+00:00", "no rule decides",
    )  # fmt: skip


def news(number: int) -> News:
    """A mail of forty lines."""
    return News(
        f"n-{number}", ("RouteTableBusy",), "action", "opened",
        "Route tables of 1 VPC wait for a quiet hour", f"Route tables in vpc-{number} wait",
        "A route table has network interfaces in its subnets, and waits for its hour.\n" * _LINES,
        NOW.isoformat(), (f"vpc-{number}",),
    )  # fmt: skip


def event(spoke: Spoke, what: Heartbeat | News) -> dict[str, Any]:
    """As the hub's queue has it."""
    return {
        "source": "endpoint-autopilot",
        "detail-type": HEARTBEAT if isinstance(what, Heartbeat) else NEWS,
        "account": spoke.account,
        "region": spoke.region,
        "detail": encode(what),
    }


@contextmanager
def hub() -> Iterator[Metered]:
    """The hub's table, empty, and what the functions find in their environment."""
    known = {
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
        "DEAD_LETTER_QUEUE_URL": "https://dead", "POWERTOOLS_METRICS_NAMESPACE": "bench",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in known}
    os.environ.update(known)
    said = logger.log_level
    logger.setLevel("ERROR")  # there is one for all functions: whoever comes after has it as before
    try:
        with table() as client:
            yield Metered(client)
    finally:
        logger.setLevel(said)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def hear(to: Metered, events: Sequence[dict[str, Any]]) -> Units:
    """Hear them in one batch. Raises AssertionError if one is left."""
    import hub_hear  # it reads the environment

    records = [{"messageId": f"{n}", "body": json.dumps(each)} for n, each in enumerate(events)]
    to.units = Units()
    answer = hub_hear.handler(
        {"Records": records}, CONTEXT, ledger=lambda: HubTable(TABLE, to), now=lambda: NOW
    )
    assert answer == {"batchItemFailures": []}
    return to.units


def counted() -> Heard:
    """All spokes speak twice, each tells a piece of news, and the hub reads all rows."""
    everyone = spokes()
    with hub() as to:
        _speak(to, everyone, NOW - timedelta(hours=1))
        begun = time.process_time()
        beats = _speak(to, everyone, NOW)
        ear = time.process_time() - begun
        told = hear(to, [event(each, news(n)) for n, each in enumerate(everyone)])
        to.units, begun = Units(), time.process_time()
        rows = HubTable(TABLE, to).rows(SPOKE_ROWS)
        seen = [heard_of(row) for row in rows]
        eye = time.process_time() - begun
    assert len(seen) == SAMPLE
    return Heard(beats, told, to.units, to.units.bytes // SAMPLE, ear / SAMPLE, eye / SAMPLE)


def _speak(to: Metered, everyone: Sequence[Spoke], at: datetime) -> Units:
    return hear(to, [event(each, heartbeat(each, n, at)) for n, each in enumerate(everyone)])
