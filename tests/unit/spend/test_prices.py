"""Prices: tiers, Regions that aren't known, age; amounts in words."""

from __future__ import annotations

from datetime import date

import pytest
from autopilot.spend.prices import GB, MICRO, PRICES, dated, gigabytes, usd

PB = 2**20 * GB


@pytest.mark.parametrize(
    ("count", "micro_usd"),
    [
        (0, 0),
        (GB, 10_000),
        (GB // 2, 5_000),
        (PB, 10_000 * 2**20),
        (PB + GB, 10_000 * 2**20 + 6_000),
        (5 * PB, (10_000 + 4 * 6_000) * 2**20),
        (5 * PB + 2 * GB, (10_000 + 4 * 6_000) * 2**20 + 8_000),
    ],
    ids=["nothing", "a GB", "half a GB", "the first tier", "one more", "the second", "the third"],
)
def test_data_is_paid_for_tier_by_tier(count: int, micro_usd: int) -> None:
    assert PRICES["us-east-1"].data(count) == micro_usd


@pytest.mark.parametrize("region", sorted(PRICES))
def test_each_region_names_its_source_and_its_date(region: str) -> None:
    prices = PRICES[region]
    assert prices.source.startswith("AWS ")
    assert date(2026, 1, 1) < prices.dated <= date(2026, 11, 30)
    assert bool(prices.nat_source) == (prices.nat_gb is not None)
    assert 10_000 <= prices.endpoint_hour <= 30_000
    assert prices.nat_gb is None or 40_000 <= prices.nat_gb <= 100_000


@pytest.mark.parametrize(
    ("micro_usd", "words"),
    [
        (0, "0.00 USD"),
        (1, "less than 0.01 USD"),
        (4_999, "less than 0.01 USD"),
        (5_000, "0.01 USD"),
        (7_300_000, "7.30 USD"),
        (21_895_000, "21.90 USD"),
        (1_204 * MICRO, "1,204.00 USD"),
    ],
)
def test_an_amount_is_told_to_cents(micro_usd: int, words: str) -> None:
    assert usd(micro_usd) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0.0 GB"),
        (1, "less than 0.1 GB"),
        (GB, "1.0 GB"),
        (GB * 12 + GB // 3, "12.3 GB"),
        (GB * 2048, "2,048.0 GB"),
    ],
)
def test_bytes_are_told_to_a_tenth_of_a_gb(count: int, words: str) -> None:
    assert gigabytes(count) == words


def test_the_age_of_prices_is_said_once_they_are_old() -> None:
    fresh, old = date(2027, 9, 17), date(2027, 10, 17)
    prices = PRICES["us-east-1"]

    assert "months old" not in dated(prices, "us-east-1", fresh)
    assert "as of 2026-09-17 (AWS price list" in dated(prices, "us-east-1", fresh)
    assert "13 months old: check them" in dated(prices, "us-east-1", old)
    assert prices.months_old(date(2026, 10, 16)) == 0


def test_of_a_region_without_prices_it_is_said() -> None:
    said = dated(PRICES.get("mars-east-1"), "mars-east-1", date(2026, 11, 30))
    assert said.startswith("Price unknown for mars-east-1: ")
