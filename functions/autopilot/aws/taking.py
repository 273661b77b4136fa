"""Gives a person's answer that came by the hub to the hold that it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from autopilot.aws import connection_memory, holds
from autopilot.aws.errors import HoldUnknown, NotSettledYet
from autopilot.connections.holds import HoldRow
from autopilot.fleet.belongs import Belongs
from autopilot.fleet.taking import Asked, NotTaken, is_given, judge, read, was_taken
from autopilot.notify.ledger import Rows


def take(
    event: Mapping[str, Any],
    belongs: Belongs | None,
    ledger: Rows,
    end: holds.End,
    now: datetime,
) -> None:
    """Note it as a person's answer and end the waiting. The same may come again.

    Raises NotTaken, which says why; AwsErrors after which it may be asked again.
    """
    if belongs is None:
        raise NotTaken("no spoke: this stack belongs to no fleet")
    asked = read(event, now)
    endpoint_id, hold = asked.question.endpoint_id, asked.question.hold
    row = connection_memory.holds(ledger, endpoint_id).get(endpoint_id)
    if was_taken(asked, row):
        return
    judge(asked, row, belongs.approvers, now)
    try:
        holds.answer(endpoint_id, asked.said, ledger, end, now, only=hold)
    except HoldUnknown as late:
        _overtaken(asked, connection_memory.holds(ledger, endpoint_id).get(endpoint_id), late)


def _overtaken(asked: Asked, row: HoldRow | None, late: HoldUnknown) -> None:
    """What overtook it may be itself, asked twice at once: that is nothing to refuse it for.

    An execution takes one answer, so that the second can't know whether the first has reached it.
    Raises NotTaken, NotSettledYet.
    """
    if was_taken(asked, row):
        return
    if is_given(asked, row):
        why = "the same answer was given a moment ago; ask again to hear what became of it"
        raise NotSettledYet(f"states:SendTaskSuccess: {why}") from late
    raise NotTaken(f"overtaken: {late}") from late
