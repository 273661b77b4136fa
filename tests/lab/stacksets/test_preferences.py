"""How many accounts may fail, and how many are worked on at one time."""

from __future__ import annotations

from typing import Any

import pytest

from lab.stacksets.model import Preferences


@pytest.mark.parametrize(
    ("raw", "accounts", "tolerance"),
    [
        ({}, 10, 0),
        ({"FailureToleranceCount": 3}, 10, 3),
        ({"FailureTolerancePercentage": 25}, 10, 2),
        ({"FailureTolerancePercentage": 9}, 10, 0),
        ({"FailureTolerancePercentage": 100}, 7, 7),
    ],
)
def test_tolerance(raw: dict[str, Any], accounts: int, tolerance: int) -> None:
    assert Preferences(raw).tolerance(accounts) == tolerance


SOFT = {"ConcurrencyMode": "SOFT_FAILURE_TOLERANCE"}


@pytest.mark.parametrize(
    ("raw", "accounts", "failed", "at_once"),
    [
        ({}, 10, 0, 1),
        ({"MaxConcurrentCount": 5}, 10, 0, 1),  # one more than may fail
        ({"MaxConcurrentCount": 5, "FailureToleranceCount": 2}, 10, 0, 3),
        ({"MaxConcurrentCount": 5, "FailureToleranceCount": 2}, 10, 1, 2),
        ({"MaxConcurrentPercentage": 39, "FailureToleranceCount": 9}, 10, 0, 3),
        ({"MaxConcurrentPercentage": 5, "FailureToleranceCount": 9}, 10, 0, 1),
        ({"MaxConcurrentCount": 5, **SOFT}, 10, 0, 5),
        ({"MaxConcurrentCount": 5, "FailureToleranceCount": 2, **SOFT}, 10, 2, 5),
    ],
)
def test_at_once(raw: dict[str, Any], accounts: int, failed: int, at_once: int) -> None:
    assert Preferences(raw).at_once(accounts, failed) == at_once


def test_regions_that_are_not_in_the_order_come_last() -> None:
    preferences = Preferences({"RegionOrder": ["c", "elsewhere", "a"]})

    assert preferences.regions(["a", "b", "c"]) == ["c", "a", "b"]
