"""What a hub of 2,500 spokes costs, by its template and its ear's own calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.fleet import SPOKES, calls, joining, shown
from bench.fleet.costs import of_a_spoke, of_the_hub
from bench.fleet.heard import SAMPLE, Heard, counted
from bench.fleet.templates import Templates, made
from infra.triggers import MOST_SPREAD
from lab.ec2.throttle import Rate
from tests.infra.synthesis import stand_in

MOST = 20.0


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("fleet")
    return made(folder, stand_in(folder))


@pytest.fixture(scope="module")
def heard() -> Heard:
    return counted()


def test_the_hub_costs_no_more_than_promised(templates: Templates, heard: Heard) -> None:
    parts = of_the_hub(templates.hub, heard)
    assert sum(parts.values()) <= MOST, parts


def test_it_would_if_it_heard_its_spokes_one_by_one(templates: Templates, heard: Heard) -> None:
    hasty = replace(templates.hub, window=1)
    assert sum(of_the_hub(hasty, heard).values()) > MOST


def test_a_spoke_costs_cents_more_than_a_single_account(templates: Templates) -> None:
    parts = of_a_spoke(templates.spoke, templates.plain)
    assert sum(parts.values()) <= 0.50, parts


def test_fifty_heartbeats_are_two_calls_and_so_are_fifty_news(heard: Heard) -> None:
    assert (heard.beats.calls, heard.news.calls) == (2, 2)
    assert heard.beats.reads == SAMPLE
    assert heard.beats.writes <= 5 * SAMPLE
    assert heard.row < 4096


def test_all_sweeps_at_one_minute_would_be_refused_more_often_than_made() -> None:
    took = calls.filled(calls.beginnings(60), Rate(100, 5))
    assert took.share > 1


def test_sweeps_as_they_are_spread_take_no_longer_and_are_refused_less() -> None:
    organization = Rate(100, 5)
    spread = calls.filled(calls.beginnings(MOST_SPREAD * 60), organization)
    assert spread.share < 0.5
    assert spread.seconds < 1.1 * organization.least(10_000)


def test_one_account_alone_takes_what_its_bucket_allows() -> None:
    alone = calls.filled([0], Rate(10_000, 10_000))
    assert calls.least() <= alone.seconds <= calls.least() + 2


def test_a_new_account_is_served_within_the_hour() -> None:
    assert joining.total() < 60


def test_the_hubs_widget_stays_small_over_all_spokes() -> None:
    took = shown.shown()
    assert took.bytes < shown.MOST_BYTES / 4
    assert took.calls < SPOKES / 100
