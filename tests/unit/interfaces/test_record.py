"""What ops hear of an execution of the interfaces workflow, and when a finding is over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from autopilot.interfaces.plan import InterfaceOutcome, InterfacePlan
from autopilot.interfaces.report import InterfaceReport
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Memory
from autopilot.reconcile.codec import encode
from autopilot.workflows import CATALOG, report_in, view_of

from tests.unit.interfaces.emails import outcome
from tests.unit.notify.reports import compared, execution

QUIET = InterfacePlan((), (), "all")
UNWANTED = Finding("InterfaceUnwanted", "vpc-1/kms/vpce-3", "action")
FAILED = Finding("InterfaceChangeFailed", "vpc-1/logs", "failure", {"error": "Throttled"})


def report(
    plan: InterfacePlan | None = QUIET, *outcomes: InterfaceOutcome, **more: Any
) -> InterfaceReport:
    return InterfaceReport(execution("interfaces-1"), "event", plan, outcomes, **more)


def vouched(of: InterfaceReport, finding: Finding, *present: Finding) -> bool:
    judges = {each.kind for each in view_of(of, Memory()).judges}
    found = {each.id: each for each in present}
    return finding.kind in judges and CATALOG[finding.kind].is_over(of, finding, found)


def test_what_was_done_is_told_on_the_bus_and_counted() -> None:
    made = outcome("vpc-1/logs")
    group = outcome("vpc-1/group/workloads", kind="group", thing="sg-1")
    failed = outcome("vpc-1/kms", result="failed", error="AccessDenied", message="no", thing=None)
    whole = report(QUIET, group, made, failed)
    view, events = view_of(whole, Memory()), compared(whole).events

    assert [change.kind for change in view.changes] == ["InterfaceEndpointsChanged"]
    assert [event.detail_type for event in events] == ["Interface Endpoint Created"]
    assert events[0].resources == ("vpc-1", "vpce-1")
    assert [finding.id for finding in view.findings] == ["InterfaceChangeFailed/vpc-1/kms"]
    assert view.counted == {"ChangesFailed": 1}


def test_a_change_that_went_through_at_last_is_no_failure() -> None:
    tries = outcome("vpc-1/logs", result="stale", error="ParameterMismatch"), outcome("vpc-1/logs")
    view = view_of(report(QUIET, *tries), Memory())
    assert not view.findings and view.changes


@pytest.mark.parametrize(
    ("of", "finding", "over"),
    [
        (report(), UNWANTED, True),
        (report(replace(QUIET, looked_at=("vpc-1",))), UNWANTED, True),
        (report(replace(QUIET, looked_at=("vpc-2",))), UNWANTED, False),
        (report(None), UNWANTED, False),
        (report(), FAILED, True),
        (report(replace(QUIET, more=3)), FAILED, False),
        (report(replace(QUIET, more=3), outcome("vpc-1/logs")), FAILED, True),
        (report(), Finding("InterfaceQuotaNear", "vpc-1", "action"), True),
        (report(), Finding("RouteTableBusy", "vpc-1/s3", "action"), False),
        (report(), Finding("ConnectionHeld", "vpce-svc-1/vpce-1", "action"), False),
    ],
)
def test_when_it_can_vouch_that_a_finding_is_over(
    of: InterfaceReport, finding: Finding, over: bool
) -> None:
    assert vouched(of, finding) is over


def test_a_quota_that_is_reached_is_not_far_again() -> None:
    near = Finding("InterfaceQuotaNear", "vpc-1", "action")
    reached = Finding("InterfaceQuotaReached", "vpc-1", "action")
    assert not vouched(report(), near, reached)


def test_a_change_that_the_quota_leaves_undone_is_not_settled() -> None:
    left = {"left_undone": [FAILED.subject], "left_undone_count": 1}
    reached = Finding("InterfaceQuotaReached", "vpc-1", "action", left)
    assert vouched(report(), FAILED)
    assert not vouched(report(), FAILED, reached)


def test_its_sweeps_say_nothing_of_whether_events_arrive() -> None:
    swept = replace(report(QUIET, outcome("vpc-1/logs")), trigger="sweep")
    assert compared(swept).remember is None


def test_a_report_survives_json() -> None:
    plan = replace(QUIET, findings=(UNWANTED,), look_again=20)
    made = report(plan, outcome("vpc-1/logs"))
    raw = {
        "workflow": "interfaces",
        "execution": made.execution,
        "trigger": "event",
        "round": 2,
        "plan": encode(plan),
        "outcomes": [encode(each) for each in made.outcomes],
        "failure": None,
    }
    assert report_in(json.loads(json.dumps(raw))) == made
