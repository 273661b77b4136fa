"""What costs are read from: calls for a large account, metrics, denials; the dashboard's part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import show
from autopilot.aws import clients
from autopilot.aws.errors import AccessDenied
from autopilot.aws.ledger import Ledger
from autopilot.aws.spending import spending
from autopilot.notify.ledger import Key, Row
from autopilot.policy.model import Policy
from autopilot.spend.model import Costs

from tests.adapters.spending_world import (
    GB,
    IDLE,
    MOST_CALLS,
    NOW,
    PARTLY,
    POLICY,
    US,
    USED,
    YOUNG,
    Account,
    endpoint,
)

Make = Callable[..., Account]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Make:
    def made(*endpoints: dict[str, Any], **more: Any) -> Account:
        there = Account(list(endpoints), **more)
        clients.client.cache_clear()
        monkeypatch.setattr(clients, "make", lambda *_: there)
        return there

    return made


def read(policy: Policy = POLICY, **rows: tuple[Row, ...]) -> Costs:
    ledger = SimpleNamespace(partitions=lambda pks: {pk: rows.get(pk, ()) for pk in pks})
    return spending(policy, US, ledger, NOW)


def kinds(found: Costs) -> dict[str, str]:
    return {each.subject: each.kind for each in found.savings}


def test_two_hundred_vpcs_five_hundred_connections_and_a_hundred_endpoints_take_twelve_calls(
    account: Make,
) -> None:
    there = account(*(endpoint(f"vpce-{n}", n) for n in range(100)))
    found = read()

    assert there.called.total() <= MOST_CALLS, there.called
    assert (found.endpoints, found.zones) == (100, 200)
    assert found.hours_micro_usd == 200 * 730 * 10_000


def test_idle_endpoints_and_zones_are_found_by_their_metrics_and_priced(account: Make) -> None:
    young = endpoint(YOUNG, CreationTimestamp=NOW - timedelta(days=2))
    account(
        endpoint(USED),
        endpoint(IDLE),
        endpoint(PARTLY),
        young,
        bytes={
            USED: GB,
            f"{USED}/subnet-0-0": GB / 2,
            f"{USED}/subnet-0-1": GB / 2,
            PARTLY: GB,
            f"{PARTLY}/subnet-0-0": GB,
        },
    )
    found = read()

    assert kinds(found) == {
        IDLE: "idle endpoint",
        f"{PARTLY}/subnet-0-1": "idle zone",
        "vpce-svc-2": "unused service",
    }
    assert found.saves_micro_usd == 3 * 730 * 10_000
    assert found.bytes == 2 * GB * 730 // (14 * 24 + 12)


def test_what_a_person_has_brought_back_is_not_idle_again_before_its_time(account: Make) -> None:
    account(endpoint(IDLE), endpoint(USED), bytes={USED: GB})
    back = {
        "stage": "back",
        "endpoint_id": IDLE,
        "service_name": "s",
        "reason": "",
        "due": "",
        "at": (NOW - timedelta(days=1)).isoformat(),
        "memory": "{}",
    }
    row = Row(Key("retired", f"vpc-0/{IDLE}"), 1, True, "arn", NOW.isoformat(), back)
    retiring = replace(POLICY, retire_interfaces="idle")

    assert IDLE in kinds(read(retiring))
    assert IDLE not in kinds(read(retiring, retired=(row,)))


def test_nat_traffic_counts_both_ways(account: Make) -> None:
    account(bytes={"nat-0": 87 * GB})
    (saving,) = [each for each in read().savings if each.kind == "NAT traffic"]
    assert saving.ids == ("nat-0",)
    assert "nat-0 processed 174.0 GB in 14 days" in saving.reason


@pytest.mark.parametrize(
    ("method", "source", "action"),
    [
        ("get_metric_data", "metrics", "cloudwatch:GetMetricData"),
        ("list_metrics", "metrics", "cloudwatch:ListMetrics"),
        ("describe_vpc_endpoints", "VPC endpoints", "ec2:DescribeVpcEndpoints"),
    ],
)
def test_what_is_denied_is_named_and_makes_nothing_idle(
    account: Make, method: str, source: str, action: str
) -> None:
    account(endpoint(IDLE), endpoint(USED), refused=(method,), bytes={USED: GB})
    found = read()

    assert action in found.unread[source]
    assert "idle endpoint" not in kinds(found).values()


def test_what_an_unread_vpcs_tag_may_keep_is_not_called_idle(account: Make) -> None:
    keeping = replace(POLICY, idle=replace(POLICY.idle, keep_tags={"idle": "keep"}))
    account(endpoint(IDLE), endpoint(USED), bytes={USED: GB}, refused=("describe_vpcs",))
    found = read(keeping)
    assert "VPCs" in found.unread
    assert "idle endpoint" not in kinds(found).values()


def test_what_an_unread_ledger_may_have_restored_is_not_called_idle(account: Make) -> None:
    def denied(_: Any) -> Any:
        raise AccessDenied("dynamodb:ExecuteStatement: AccessDenied: no")

    account(endpoint(IDLE), endpoint(USED), bytes={USED: GB})
    retires = replace(POLICY, retire_interfaces="idle")
    found = spending(retires, US, SimpleNamespace(partitions=denied), NOW)
    assert "the ledger" in found.unread
    assert "idle endpoint" not in kinds(found).values()


def test_without_metrics_hours_are_still_known(account: Make) -> None:
    account(endpoint(USED), refused=("get_metric_data",))
    found = read()
    assert (found.hours_micro_usd, found.bytes, found.days) == (2 * 730 * 10_000, 0, 0)


def test_the_dashboard_shows_costs_with_hostile_names_as_text(
    account: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [{"Key": "Name", "Value": "<script>alert(1)</script>"}]
    there = account(endpoint(IDLE, Tags=tags), endpoint(USED), bytes={USED: GB})
    monkeypatch.setattr(show, "identity", lambda: US)
    context = SimpleNamespace(
        invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:Show",
        function_name="Show",
        memory_limit_in_mb=1024,
        aws_request_id="1",
    )
    html: Any = show.handler(
        {"part": "costs"},
        context,
        ledger=lambda: Ledger("ledger"),
        policy=lambda: POLICY,
        now=lambda: NOW,
    )

    assert "2 interface endpoints in us-east-1: 29.22 USD a month" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "● idle endpoint" in html
    assert "14.60 USD a month" in html
    assert there.called.total() <= MOST_CALLS
