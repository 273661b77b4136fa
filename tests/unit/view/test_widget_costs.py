"""The dashboard's widget of costs: sums, savings, what isn't known, hostile names, size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from autopilot.spend.costs import costs
from autopilot.spend.model import Costs
from autopilot.view.widget import costs_widget

from tests.unit.spend.builders import OURS, endpoint, facts, idle
from tests.unit.view.letters import money, quiet_money
from tests.unit.view.widgets import Read, asked

MOST_HTML = 400_000
HOSTILE = "</style><script>alert(1)</script>"


def read(seen: Costs, page: int = 1) -> Read:
    return Read(costs_widget(seen, asked("costs", page)))


def test_the_sum_and_each_saving_are_shown_with_what_to_do() -> None:
    text = read(money()).text
    assert "2 interface endpoints in us-east-1: 36.50 USD a month" in text
    assert "Could be saved: 29.20 USD a month, and at most 10.95 USD more" in text
    assert "● idle endpoint 21.90 USD a month" in text
    assert "◔ NAT traffic at most 10.95 USD a month" in text
    assert "as of 2026-09-17" in text


def test_data_is_a_months_at_the_rate_of_the_days_that_were_measured() -> None:
    text = read(replace(quiet_money(), days=7, bytes=35_100_000_000)).text
    assert "32.7 GB of data a month, at the rate of the last 7 days. " in text


def test_nothing_is_said_to_be_nothing_only_if_all_was_read() -> None:
    assert "Nothing to save was found" in read(quiet_money()).text
    lost = replace(quiet_money(), unread={"metrics": "AccessDenied: no"})
    text = read(lost).text
    assert "Couldn't read metrics: AccessDenied: no" in text
    assert "Nothing to save" not in text
    none = read(replace(quiet_money(), unread={"VPC endpoints": "no"})).text
    assert "What interface endpoints cost isn't known." in none
    assert "0.00 USD" not in none


def test_a_price_that_is_not_known_is_said() -> None:
    seen = replace(quiet_money(), known=False, prices="Price unknown for mars-1: left out.")
    assert "price unknown" in read(seen).text


@pytest.mark.parametrize("words", [HOSTILE, "\"' onmouseover='alert(1)", "a\u202eb"])
def test_a_name_shows_as_text(words: str) -> None:
    made = facts(endpoint("vpce-1", tags={"Name": words}), unused=(idle("vpce-1"),))
    told = read(costs(made))
    assert "script" not in told.tags
    assert not [name for name, _ in told.attributes if name.startswith("on")]
    assert "\u202e" not in told.text


def test_many_savings_come_in_pages_the_dearest_first() -> None:
    many = facts(
        *(endpoint(f"vpce-{n:03}", f"s{n}", "ab", tags=OURS) for n in range(300)),
        unused=tuple(idle(f"vpce-{n:03}") for n in range(300)),
    )
    seen = costs(many)
    first, last = read(seen), read(seen, 15)
    assert "Page 1 of 15" in first.text
    assert "vpce-000" in first.text
    assert "vpce-299" in last.text
    assert len(costs_widget(seen, asked("costs")).encode()) < MOST_HTML
