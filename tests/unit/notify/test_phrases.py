"""Small words that several faces share."""

from __future__ import annotations

import pytest
from autopilot.notify.phrases import span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (5400, "1 hour 30 minutes"),
        (7 * 3600 + 12 * 60 + 33, "7 hours 12 minutes"),
        (86400, "1 day"),
        (50 * 3600, "2 days 2 hours"),
        (2 * 86400 + 300, "2 days"),
        (3 * 86400 + 3600 + 61, "3 days 1 hour"),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert span(seconds) == said
