"""What ops hear of stepping aside, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.report import Failure
from autopilot.withdraw.plan import WithdrawalPlan, WithdrawalReport
from autopilot.workflows import report_in

from tests.unit.connections.reports import MACHINES, payload
from tests.unit.notify.account import Account, recording
from tests.unit.withdraw.builders import gone, removal

GONE = gone(removal())
FAILED = RemovalOutcome(removal(), "failed", error="AccessDenied", message="ec2:DeleteVpcEndpoints")


@pytest.fixture
def account() -> Iterator[Account]:
    with recording():
        yield Account()


def withdrawal(*outcomes: RemovalOutcome, name: str = "w-1", **more: Any) -> WithdrawalReport:
    plan = WithdrawalPlan(findings=more.pop("findings", ()))
    return WithdrawalReport(f"{MACHINES}Withdraw:{name}", plan, outcomes, **more)


def kinds(account: Account) -> list[str]:
    return [message["kind"] for message in account.heard]


def test_a_report_is_read_as_the_workflow_hands_it_over() -> None:
    report = withdrawal(GONE, FAILED)
    assert report_in(payload(report)) == report


def test_stepping_aside_is_told_once_and_put_on_the_bus(account: Account) -> None:
    account.record(withdrawal(GONE))
    account.record(withdrawal(GONE))
    assert kinds(account) == ["SteppedAside"]
    assert [event.detail_type for event in account.bus.events] == ["Endpoint Withdrawn"]
    assert account.bus.events[0].resources == ("vpc-1", "vpce-1")


def test_a_removal_that_failed_is_told_once_a_day(account: Account) -> None:
    account.record(withdrawal(FAILED))
    account.record(withdrawal(FAILED, name="w-2"))
    account.record(withdrawal(name="w-3"))
    assert kinds(account) == ["WithdrawalFailed"], "nor is its end told: no look can see it"


def test_a_look_that_broke_off_is_told_and_its_end_too(account: Account) -> None:
    broken = WithdrawalReport(
        f"{MACHINES}Withdraw:w-1", failure=Failure("Plan what gives way", "Throttled", "slow")
    )
    account.record(broken)
    account.record(withdrawal(name="w-2"))
    assert kinds(account) == ["WorkflowFailed", "WorkflowFailed"]
