"""What ops hear of leaving, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from autopilot import workflows
from autopilot.notify.finding import Finding
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.report import Failure
from autopilot.uninstall.plan import UninstallPlan, UninstallReport
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


def uninstall(*outcomes: RemovalOutcome, name: str = "r-1", **more: Any) -> UninstallReport:
    plan = UninstallPlan(**{"findings": (), **more})
    return UninstallReport(f"{MACHINES}Uninstall:{name}", plan, outcomes)


def kinds(account: Account) -> list[str]:
    return [message["kind"] for message in account.heard]


def test_a_report_is_read_as_the_workflow_hands_it_over() -> None:
    report = uninstall(GONE, refused="not confirmed")
    assert report_in(payload(report)) == report


def test_what_a_ledger_of_before_calls_retire_is_over_once_a_run_goes_well(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(UninstallReport, "workflow", "retire")
        before.setitem(workflows._WORKFLOWS, "retire", workflows._WORKFLOWS["uninstall"])
        failure = Failure("List what is ours", "Throttled", "slow")
        account.record(UninstallReport(f"{MACHINES}Retire:r-1", failure=failure))
    account.record(uninstall(name="r-2"))
    assert [message["change"] for message in account.heard] == ["opened", "resolved"]


def test_the_list_is_told_once_and_its_end_by_what_was_done(account: Account) -> None:
    account.record(uninstall(findings=(PLANNED,), refused="not confirmed"))
    account.record(uninstall(findings=(PLANNED,), refused="not confirmed", name="r-2"))
    assert kinds(account) == ["RetirementPlanned"]
    account.record(uninstall(GONE, name="r-3"))
    assert kinds(account) == ["RetirementPlanned", "Retired"]
    assert not account.remembered


def test_a_removal_that_failed_is_over_once_a_confirmed_run_meets_it_no_more(
    account: Account,
) -> None:
    account.record(uninstall(FAILED))
    account.record(uninstall(name="r-2", refused="not confirmed"))
    assert kinds(account) == ["RetirementFailed"], "a list says nothing"
    account.record(uninstall(name="r-3"))
    assert kinds(account) == ["RetirementFailed", "RetirementFailed"]


def test_a_service_that_is_connected_is_told_until_it_is_not(account: Account) -> None:
    connected = Finding("StillConnected", "vpce-svc-1", "action", {"connections": [], "count": 1})
    account.record(uninstall(findings=(connected,)))
    account.record(uninstall(name="r-2"))
    assert [m["change"] for m in account.heard] == ["opened", "resolved"]
