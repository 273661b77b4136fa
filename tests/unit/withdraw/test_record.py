"""What ops hear of stepping aside and of leaving, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from autopilot import workflows
from autopilot.notify.finding import Finding
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.report import Failure
from autopilot.uninstall.plan import UninstallPlan, UninstallReport
from autopilot.withdraw.plan import WithdrawalPlan, WithdrawalReport
from autopilot.workflows import report_in

from tests.unit.connections.reports import MACHINES, payload
from tests.unit.notify.account import Account, recording
from tests.unit.withdraw.builders import gone, removal

GONE = gone(removal())
FAILED = RemovalOutcome(removal(), "failed", error="AccessDenied", message="ec2:DeleteVpcEndpoints")
PLANNED = Finding("RetirementPlanned", "everything", "info", {"why": "not confirmed", "things": []})


@pytest.fixture
def account() -> Iterator[Account]:
    with recording():
        yield Account()


def withdrawal(*outcomes: RemovalOutcome, name: str = "w-1", **more: Any) -> WithdrawalReport:
    plan = WithdrawalPlan(findings=more.pop("findings", ()))
    return WithdrawalReport(f"{MACHINES}Withdraw:{name}", plan, outcomes, **more)


def retirement(*outcomes: RemovalOutcome, name: str = "r-1", **more: Any) -> UninstallReport:
    plan = UninstallPlan(**{"findings": (), **more})
    return UninstallReport(f"{MACHINES}Uninstall:{name}", plan, outcomes)


def kinds(account: Account) -> list[str]:
    return [message["kind"] for message in account.heard]


def test_reports_are_read_as_their_workflows_hand_them_over() -> None:
    for report in (withdrawal(GONE, FAILED), retirement(GONE, refused="not confirmed")):
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


def test_what_a_ledger_of_before_calls_retire_is_over_once_a_run_goes_well(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(UninstallReport, "workflow", "retire")
        before.setitem(workflows._WORKFLOWS, "retire", workflows._WORKFLOWS["uninstall"])
        failure = Failure("List what is ours", "Throttled", "slow")
        account.record(UninstallReport(f"{MACHINES}Retire:r-1", failure=failure))
    account.record(retirement(name="r-2"))
    assert [message["change"] for message in account.heard] == ["opened", "resolved"]


def test_the_list_is_told_once_and_its_end_by_what_was_done(account: Account) -> None:
    account.record(retirement(findings=(PLANNED,), refused="not confirmed"))
    account.record(retirement(findings=(PLANNED,), refused="not confirmed", name="r-2"))
    assert kinds(account) == ["RetirementPlanned"]
    account.record(retirement(GONE, name="r-3"))
    assert kinds(account) == ["RetirementPlanned", "Retired"]
    assert not account.remembered


def test_a_removal_that_failed_is_over_once_a_confirmed_run_meets_it_no_more(
    account: Account,
) -> None:
    account.record(retirement(FAILED))
    account.record(retirement(name="r-2", refused="not confirmed"))
    assert kinds(account) == ["RetirementFailed"], "a list says nothing"
    account.record(retirement(name="r-3"))
    assert kinds(account) == ["RetirementFailed", "RetirementFailed"]


def test_a_service_that_is_connected_is_told_until_it_is_not(account: Account) -> None:
    connected = Finding("StillConnected", "vpce-svc-1", "action", {"connections": [], "count": 1})
    account.record(retirement(findings=(connected,)))
    account.record(retirement(name="r-2"))
    assert [m["change"] for m in account.heard] == ["opened", "resolved"]
