"""The hub's widget over 2,500 spokes: the function's own code on a table in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from autopilot.aws.hub_table import HubTable
from autopilot.aws.ledger import _columns
from autopilot.fleet.hearing import Beat
from autopilot.fleet.heartbeats import after, write_of
from autopilot.fleet.wire import Spoke

from bench.fleet import ACCOUNTS
from bench.fleet.heard import AREAS, NOW, heartbeat, hub
from tests.adapters.tables import TABLE

# CloudWatch shows no more of a custom widget, as near as anybody knows: docs/limits.md.
MOST_BYTES = 400_000
_AT_ONCE = 25
CONTEXT = SimpleNamespace(
    function_name="hub_show",
    memory_limit_in_mb="1024",
    invoked_function_arn="arn:aws:lambda:us-east-1:999999999999:function:hub_show",
    aws_request_id="1",
)


@dataclass(frozen=True)
class Shown:
    """Bytes of the widget's first page; calls of DynamoDB; seconds of this machine's processor."""

    bytes: int
    calls: int
    seconds: float


def shown(part: str = "fleet") -> Shown:
    """All spokes have spoken; somebody opens the dashboard."""
    with hub() as to:
        for some in _packs():
            to.put(TABLE, some)
        import hub_show  # it reads the environment

        begun = time.process_time()
        html = hub_show.handler(
            {"part": part}, CONTEXT, table=lambda: HubTable(TABLE, to), now=lambda: NOW
        )
        took = time.process_time() - begun
    return Shown(len(str(html).encode()), to.units.calls, took)


def _packs() -> Iterator[list[dict[str, Any]]]:
    rows = list(_rows())
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _rows() -> Iterator[dict[str, Any]]:
    for number in range(ACCOUNTS * len(AREAS)):
        spoke = Spoke(f"{number // len(AREAS) + 1:012}", AREAS[number % len(AREAS)])
        said = heartbeat(spoke, number, NOW)
        heard = after(None, [Beat(f"{number}", spoke, said.at, said, newer=False)], NOW)
        write = write_of(heard, NOW) if heard else None
        if write and write.row:
            yield dict(_columns(write.row))
