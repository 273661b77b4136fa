"""Executions that ended badly are told, if their workflow hasn't told them itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from autopilot.reconcile.report import Failure
from autopilot.uninstall.plan import UninstallReport
from autopilot.workflows import report_in

from tests.unit.notify.account import Account, later, recording
from tests.unit.notify.reports import execution, report

STATES = "arn:aws:states:us-east-1:111111111111"


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.fixture
def account() -> Account:
    return Account()


def ended(
    status: str = "FAILED", error: str | None = None, cause: str | None = None, **changes: Any
) -> dict[str, Any]:
    """The event as the EventBridge reference of Step Functions has it."""
    detail = {
        "executionArn": execution("broken"),
        "stateMachineArn": f"{STATES}:stateMachine:NetworkMachine1A2B3C4D-xYz123",
        "name": "broken",
        "status": status,
        "startDate": 1796028872535,
        "stopDate": 1796028879535,
        "input": json.dumps({"trigger": "sweep"}),
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "error": error,
        "cause": cause,
    }
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {**detail, **changes},
    }


def test_what_the_workflow_has_told_is_not_told_again(account: Account) -> None:
    cause = '{"errorMessage": "ec2:DescribeVpcs: slow down", "errorType": "Throttled"}'
    failure = Failure("Plan the changes", "Throttled", "ec2:DescribeVpcs: slow down")
    account.record(report(failure=failure, trigger="sweep", name="broken"))
    assert len(account.heard) == 1
    assert account.hear(ended(error="Throttled", cause=f"Plan the changes: {cause}")) == []


@pytest.mark.parametrize(
    ("event", "state", "error", "words"),
    [
        (
            ended(error="AccessDenied", cause="Tell ops what is new: sns:Publish: no"),
            "Tell ops what is new",
            "AccessDenied",
            "sns:Publish: no",
        ),
        (
            ended(
                error="States.Runtime",
                cause="An error occurred while executing the state 'Carry out' (entered at the"
                " event id #7). The JSONata expression is undefined.",
            ),
            "Carry out",
            "States.Runtime",
            "JSONata",
        ),
        (ended("TIMED_OUT"), "its time limit", "TimedOut", "longer than it may"),
        (ended("ABORTED"), "somebody's order to stop", "Aborted", "Somebody stopped it"),
        (ended(error=None, cause=None), "a state that AWS doesn't name", "?", "No error text"),
        (ended(error="X", input=None), "a state that AWS doesn't name", "X", "No error text"),
    ],
    ids=["record itself", "uncaught", "timed out", "stopped", "no word", "no input"],
)
def test_what_nobody_told_is_told_with_machine_execution_and_cause(
    account: Account, event: dict[str, Any], state: str, error: str, words: str
) -> None:
    (told,) = account.hear(event)
    assert (told["kind"], told["severity"]) == ("WorkflowFailed", "failure")
    assert told["title"] == f'The network workflow failed at "{state}": {error}'
    assert words in told["why"]
    assert execution("broken") in json.dumps(told["next"])
    assert account.hear(event, later(1)) == [], "an event comes twice"


def test_it_is_over_once_an_execution_goes_well(account: Account) -> None:
    account.hear(ended("TIMED_OUT"))
    assert account.record(report(looked_at=("vpc-1",), name="small")) == []
    (told,) = account.record(report(trigger="sweep", name="next"))
    assert told[:2] == ("WorkflowFailed", "resolved")


@pytest.mark.parametrize(
    "workflow",
    ["network", "connections", "hold", "services", "interfaces", "withdraw", "uninstall"],
)
def test_each_workflow_is_known_by_its_machine(workflow: str) -> None:
    machine = f"{STATES}:stateMachine:{workflow.title()}Machine1A2B3C4D-xYz123"
    assert report_in(ended(stateMachineArn=machine)).workflow == workflow


def test_somebody_elses_machine_is_refused_aloud(account: Account) -> None:
    with pytest.raises(ValueError, match="no workflow of ours"):
        account.hear(ended(stateMachineArn=f"{STATES}:stateMachine:Theirs"))


def test_it_waits_while_nobody_listens(account: Account) -> None:
    account.ops.listeners = 0
    assert account.hear(ended("TIMED_OUT")) == []
    account.ops.listeners = 1
    (digest,) = account.look_who_listens(later(5))
    assert digest["data"]["by_kind"] == {"WorkflowFailed": 1}


def test_what_left_under_the_former_name_of_its_workflow_is_told_too() -> None:
    """An execution may outlast a deployment: its machine, or its last step, still says `retire`."""
    machine = f"{STATES}:stateMachine:RetireMachine1A2B3C4D-xYz123"
    assert report_in(ended(stateMachineArn=machine)).workflow == "uninstall"
    read = report_in({"workflow": "retire", "execution": "arn", "trigger": "person"})
    assert read == UninstallReport("arn")
