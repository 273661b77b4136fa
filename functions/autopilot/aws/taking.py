"""Gives a person's answer that came by the hub to the hold that it names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from autopilot.aws import connection_memory, holds, settings
from autopilot.aws.errors import HoldUnknown
from autopilot.fleet.belongs import Belongs
from autopilot.fleet.taking import NotTaken, judge, read, was_taken
from autopilot.notify.ledger import Rows


def belongs() -> Belongs:
    """Which fleet this spoke belongs to. Raises SettingsMissing if it is none: then nobody may
    answer from afar."""
    found = settings.belongs()
    if not isinstance(found, Belongs):
        raise settings.SettingsMissing("spoke.json is missing: this stack is no fleet's")
    return found


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
