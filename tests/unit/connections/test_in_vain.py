"""An answer that comes too late is told so, with who was faster and what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.connections.holds import HoldRow
from autopilot.connections.in_vain import why_not

AT = "2026-11-30T07:25:00.921905+00:00"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            {"state": "closed", "answer": "reject", "by": "alice", "reason": "no", "at": AT},
            "it was rejected by alice, 2026-11-30 07:25 UTC (no)",
        ),
        (
            {"state": "answered", "answer": "accept", "by": "bob", "at": AT},
            "it was accepted by bob, 2026-11-30 07:25 UTC; that is being carried out",
        ),
        (
            {"state": "closed", "answer": "expired", "at": AT},
            "its time was over, and it was rejected, 2026-11-30 07:25 UTC",
        ),
        (
            {"state": "closed", "answer": "gone", "reason": "deleted"},
            "the request is gone (deleted)",
        ),
        ({"state": "closed", "answer": "policy"}, "the policy decides it now"),
        ({"state": "closed", "answer": "accept"}, "it was accepted"),
        ({"state": "closed", "answer": "odd"}, "it was settled"),
    ],
)
def test_who_was_faster_is_said(row: dict[str, Any], told: str) -> None:
    hold = HoldRow("vpce-1", "vpce-svc-1", "n", opened_at=AT, hold_for_seconds=60, **row)
    assert why_not(hold) == f"too late: vpce-1 doesn't wait any more: {told}"


def test_a_hold_that_is_only_being_opened_is_not_late() -> None:
    hold = HoldRow("vpce-1", "vpce-svc-1", "n", "opening", opened_at=AT, hold_for_seconds=60)
    assert why_not(hold) == "vpce-1: its hold is only being opened; try again in a few seconds"
