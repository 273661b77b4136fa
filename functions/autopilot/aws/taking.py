"""Gives a person's answer that came by the hub to the hold that it names."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from json import loads
from pathlib import Path
from typing import Any

from autopilot.aws import connection_memory, holds
from autopilot.aws.errors import HoldUnknown
from autopilot.fleet.belongs import Belongs
from autopilot.fleet.taking import NotTaken, judge, read, was_taken
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import decode

_BESIDE = Path("deployed_policy") / "spoke.json"


@cache
def belongs() -> Belongs:
    """Which fleet this spoke belongs to, from the layer of its policy. Raises OSError if none."""
    paths = (Path(each) / _BESIDE for each in sys.path)
    found = next((path for path in paths if path.is_file()), _BESIDE)
    return decode(Belongs, loads(found.read_text(encoding="utf-8")))


def take(
    event: Mapping[str, Any],
    approvers: Collection[str],
    ledger: Rows,
    end: holds.End,
    now: datetime,
) -> None:
    """Note it as a person's answer and end the waiting. The same may come again.

    Raises NotTaken, which says why; AwsErrors after which it may be asked again.
    """
    asked = read(event, now)
    endpoint_id, hold = asked.question.endpoint_id, asked.question.hold
    row = connection_memory.holds(ledger, endpoint_id).get(endpoint_id)
    if was_taken(asked, row):
        return
    judge(asked, row, approvers, now)
    try:
        holds.answer(endpoint_id, asked.said, ledger, end, now, only=hold)
    except HoldUnknown as late:
        raise NotTaken(f"overtaken: {late}") from late
