"""`costs`: what it costs as a person reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.aws import spending
from autopilot.reconcile.codec import encode
from autopilot.spend.model import Costs, Line, Saving

from tests.cli.conftest import Run

ZONE = 7_300_000
IDLE = Saving(
    "idle endpoint", "vpce-1", "old\x1b[2J", 2 * ZONE, True, "logs in 2 zones: no bytes in 30 days",
    "Somebody else's: ask them.", "aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-1", "vpc-1",
    ("vpce-1",),
)  # fmt: skip
NAT = Saving(
    "NAT traffic", "vpc-2", "", 4_500_000, False, "nat-1 processed 100.0 GB", "It is free."
)
ALL = Costs(
    region="us-east-1",
    at="2026-11-30T12:00:00+00:00",
    prices="List prices of us-east-1 as of 2026-09-17, without discounts.",
    known=True,
    days=30,
    hours_micro_usd=3 * ZONE,
    data_micro_usd=120_000,
    bytes=12 * 2**30,
    endpoints=2,
    zones=3,
    saves_micro_usd=2 * ZONE,
    may_save_micro_usd=4_500_000,
    by_service=(
        Line("logs", "", 1, 2, 2 * ZONE, 12 * 2**30, 120_000),
        *(Line(f"s{n}", "", 1, 1, ZONE) for n in range(12)),
    ),
    by_zone=(Line("use1-az1", "", 2, 2, 2 * ZONE),),
    by_vpc=(Line("vpc-1", "shop", 2, 3, 3 * ZONE),),
    savings=(IDLE, NAT),
    notes=("What data costs between Regions isn't in it.",),
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answer(costs: Costs) -> None:
        monkeypatch.setattr(spending, "spending", lambda *_: costs)

    return answer


def test_the_sum_the_dearest_and_each_saving_are_told(run: Run, found: Any) -> None:
    found(ALL)
    ran = run("costs")

    assert ran.code == 0
    assert "2 interface endpoints, 3 endpoint-zones: 22.02 USD a month" in ran.out
    assert "21.90 USD for hours, 0.12 USD for 12.0 GB of data" in ran.out
    assert "12.0 GB of data a month, at the rate of the last 30 days" in ran.out
    assert "     14.72 USD  logs  1 endpoint, 2 endpoint-zones, 12.0 GB" in ran.out
    assert "     21.90 USD  3 more (--all shows each)" in ran.out
    assert "Could be saved: 14.60 USD a month, and at most 4.50 USD more" in ran.out
    assert r"idle endpoint: 14.60 USD  vpce-1 (old\x1b[2J) in vpc-1" in ran.out
    assert "NAT traffic: at most 4.50 USD  vpc-2\n" in ran.out
    assert ran.out.rstrip().endswith(ALL.prices)
    assert "3 more" not in run("costs", "--all").out


def test_a_price_that_is_not_known_is_said_and_no_amount_is_shown(run: Run, found: Any) -> None:
    unknown = replace(
        ALL,
        known=False,
        hours_micro_usd=None,
        data_micro_usd=None,
        saves_micro_usd=None,
        may_save_micro_usd=None,
        by_service=(Line("logs", "", 1, 2, None, 0, None),),
        by_zone=(),
        by_vpc=(),
        savings=(replace(IDLE, micro_usd=None),),
        prices="Price unknown for us-east-1: amounts are left out, nothing is guessed.",
    )
    found(unknown)
    ran = run("costs")
    assert "price unknown for us-east-1" in ran.out
    assert " USD" not in ran.out.replace("0.01 USD", "")


def test_what_could_not_be_read_is_named_with_its_permission(run: Run, found: Any) -> None:
    why = "cloudwatch:GetMetricData: AccessDenied: no policy allows it"
    found(replace(ALL, unread={"metrics": why}))
    ran = run("costs")
    assert ran.code == 1
    assert "metrics: cloudwatch:GetMetricData is missing." in ran.out


def test_json_is_the_costs_themselves(run: Run, found: Any) -> None:
    found(ALL)
    assert run("costs", "--json").json == encode(ALL)
