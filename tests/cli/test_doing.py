"""What changes something: sweep, retire, accept and reject, and how each says what became of it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from autopilot.policy.model import Policy

from cli import executions
from cli.deployed import Deployed
from cli.problem import Problem
from tests.cli.conftest import ARN, CALLER, Aws, Run, began, ended, refusal

ENDPOINT = "vpce-0123456789abcdef0"


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def outcome(id_: str, result: str = "done", message: str | None = None) -> dict[str, Any]:
    return {"id": id_, "result": result, "reason": "why", "message": message}


def test_a_sweep_starts_each_workflow_as_a_person_and_says_what_was_done(
    aws: Aws, run: Run
) -> None:
    done = {"outcomes": [outcome("vpc-1/s3")], "more": 0}
    aws.will(StartExecution=began, DescribeExecution=ended(Network=done))
    ran = run("sweep")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "network: 1 change done",
        "  done  vpc-1/s3  why",
        "interfaces: nothing was done",
        "services: nothing was done",
        "connections: nothing was done",
        "./autopilot status says what waits, and what is in the way.",
    ]
    started = aws.requests("StartExecution")
    assert [json.loads(each["input"]) for each in started] == [{"trigger": "person"}] * 4


def test_one_workflow_may_be_swept(aws: Aws, run: Run) -> None:
    aws.will(StartExecution=began, DescribeExecution=ended())
    ran = run("sweep", "--workflow", "services", "--json")
    assert list(ran.json) == ["services"]
    assert len(aws.requests("StartExecution")) == 1


def test_a_change_that_failed_fails_the_sweep(aws: Aws, run: Run) -> None:
    made = {"outcomes": [outcome("vpc-1/s3", "failed", "ec2:CreateVpcEndpoint: no")]}
    aws.will(StartExecution=began, DescribeExecution=ended(Network=made))
    ran = run("sweep", "--workflow", "network")
    assert ran.code == 1
    assert "network: 0 changes done, 1 failed\n" in ran.out
    assert "failed  vpc-1/s3  ec2:CreateVpcEndpoint: no" in ran.out


def test_what_is_only_planned_is_counted(aws: Aws, run: Run) -> None:
    planned = {"outcomes": [], "left": {"audit mode": 2, "already covered": 1}, "more": 0}
    aws.will(StartExecution=began, DescribeExecution=ended(Network=planned))
    ran = run("sweep", "--workflow", "network")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "network: 2 planned (the mode is audit)"


def test_a_workflow_that_failed_is_told_and_the_others_still_followed(aws: Aws, run: Run) -> None:
    def answer(executionArn: str) -> dict[str, Any]:  # noqa: N803 - the API's name
        if ":Network:" in executionArn:
            return {"status": "FAILED", "error": "AccessDenied", "cause": "Plan: no"}
        return {"status": "SUCCEEDED", "output": "{}"}

    aws.will(StartExecution=began, DescribeExecution=answer)
    ran = run("sweep")
    assert ran.code == 1
    assert "network: failed. The workflow failed: AccessDenied: Plan: no" in ran.out
    assert "connections: nothing was done" in ran.out


def test_a_sweep_does_not_wait_for_what_is_new(aws: Aws, run: Run) -> None:
    entered = {"stateEnteredEventDetails": {"name": "Wait for the others"}}
    aws.will(
        StartExecution=began,
        DescribeExecution={"status": "RUNNING"},
        GetExecutionHistory={"events": [{}, entered]},
    )
    ran = run("sweep", "--workflow", "network")
    assert ran.code == 0
    assert "what is new waits for its own tool" in ran.out


def test_waiting_has_an_end(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.will(DescribeExecution={"status": "RUNNING"}, GetExecutionHistory={"events": []})
    moments = iter([0.0, 10.0, 5 * 3600.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    heard: list[str] = []
    with pytest.raises(Problem, match="still running: arn:x"):
        executions.wait("arn:x", heard.append)
    assert heard == ["", ""]


LISTED = {"count": 2, "things": ["sg-1", "vpce-1"], "refused": "not confirmed", "more": 0}
LISTED |= {"removed": 0, "failed": []}


def retirements(aws: Aws, *outputs: Mapping[str, Any]) -> None:
    """The executions of the uninstall workflow, one after the other."""
    left = iter(outputs)
    aws.will(
        StartExecution=began,
        DescribeExecution=lambda **_: {
            "status": "SUCCEEDED",
            "output": json.dumps({**LISTED, **next(left)}),
        },
    )


def confirmed(aws: Aws) -> list[bool]:
    return [json.loads(each["input"])["confirm"] for each in aws.requests("StartExecution")]


@pytest.mark.parametrize("says", ["no\n", "\n", "y\n"])
def test_retire_lists_asks_and_takes_only_yes(aws: Aws, run: Run, says: str) -> None:
    retirements(aws, {})
    ran = run("retire", says=says)
    assert ran.code == 0
    assert "Bears our tag: 2\n  sg-1\n  vpce-1\n" in ran.out
    assert ran.out.endswith("Nothing was changed.\n")
    assert confirmed(aws) == [False]


def test_retire_goes_on_as_long_as_it_gets_on(aws: Aws, run: Run) -> None:
    some = {"refused": "", "removed": 1, "more": 1, "count": 1, "things": ["sg-1"]}
    last = {"refused": "", "removed": 1, "count": 0, "things": []}
    retirements(aws, {}, some, last)
    ran = run("retire", says="yes\n")
    assert (ran.code, confirmed(aws)) == (0, [False, True, True])
    assert "Removed: 2\nBears our tag: 0\n" in ran.out


def test_retire_says_what_could_not_go(aws: Aws, run: Run) -> None:
    stuck = {"refused": "", "removed": 1, "count": 1, "things": ["sg-1"], "failed": ["sg-1: no"]}
    retirements(aws, {}, {**stuck, "more": 1}, {**stuck, "removed": 0, "more": 1})
    ran = run("retire", "--yes")
    assert ran.code == 1
    assert "Removed: 1\nFailed: sg-1: no\nBears our tag: 1\n  sg-1\n" in ran.out


def test_retire_refuses_while_the_automation_would_put_it_back(aws: Aws, run: Run) -> None:
    retirements(aws, {}, {"refused": "the mode is enforce"})
    ran = run("retire", "--yes")
    assert ran.code == 1
    assert "Nothing was changed: the mode is enforce." in ran.err
    assert "Write `mode: audit` in autopilot.yaml, deploy, and run this again." in ran.err


@pytest.mark.parametrize(("mode", "asks"), [("enforce", False), ("audit", True), (None, True)])
def test_retire_does_not_ask_what_it_would_refuse(
    aws: Aws, run: Run, monkeypatch: pytest.MonkeyPatch, mode: Any, asks: bool
) -> None:
    runs = Deployed(Policy(mode=mode, skip_tags={}) if mode else None)
    monkeypatch.setattr("cli.deployed.deployed", lambda _: runs)
    retirements(aws, {})

    ran = run("retire", says="no\n")

    assert confirmed(aws) == [False]
    assert "Bears our tag: 2" in ran.out
    assert ("for good?" in ran.out, ran.code) == (asks, 0 if asks else 1)
    refused = "Nothing was changed: the mode is enforce. The automation would put it all back."
    assert (refused in ran.err) is not asks


def test_retire_in_json_never_asks(aws: Aws, run: Run) -> None:
    retirements(aws, {})
    ran = run("retire", "--json")
    assert (ran.code, confirmed(aws)) == (0, [False])
    assert ran.json == {"count": 2, "things": ["sg-1", "vpce-1"], "removed": 0, "failed": []}


def test_nothing_left_asks_nothing(aws: Aws, run: Run) -> None:
    retirements(aws, {"count": 0, "things": []})
    ran = run("retire")
    assert (ran.code, ran.out) == (0, "Bears our tag: 0\n")


def holds(aws: Aws, state: str = "open") -> None:
    row = {
        "pk": "hold", "sk": ENDPOINT, "version": 1, "told": True, "state": state,
        "claimed_by": f"{ARN}:execution:Hold:1", "claimed_at": "2026-11-24T12:00:00+00:00",
        "service_id": "vpce-svc-1", "name": "n", "opened_at": "2026-11-24T12:00:00+00:00",
        "hold_for_seconds": 60, "token": "t", "answer": "", "by": "", "reason": "", "at": "",
    }  # fmt: skip
    aws.will(Query={"Items": [{k: typed(v) for k, v in row.items()}]})


def typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def answers(aws: Aws, document: Any, error: str = "") -> None:
    def invoked(**_: Any) -> dict[str, Any]:
        failed = {"FunctionError": error} if error else {}
        return {"Payload": io.BytesIO(json.dumps(document).encode()), **failed}

    aws.will(Invoke=invoked)


def given(aws: Aws) -> dict[str, str]:
    (request,) = aws.requests("Invoke")
    assert request["FunctionName"] == "AnswerHold"
    made: dict[str, str] = json.loads(request["Payload"])
    return made


def test_an_acceptance_is_given_in_the_name_of_the_caller_and_followed(aws: Aws, run: Run) -> None:
    holds(aws)
    answers(aws, {})
    carried = {"outcomes": [{"result": "done", "message": None}]}
    aws.will(DescribeExecution=ended(Hold=carried))
    ran = run("accept", ENDPOINT)
    assert (ran.code, ran.out) == (0, f"{ENDPOINT} is accepted, by {CALLER}.\n")
    said = {"endpoint_id": ENDPOINT, "answer": "accept", "by": CALLER, "reason": ""}
    assert given(aws) == said
    assert aws.requests("DescribeExecution") == [{"executionArn": f"{ARN}:execution:Hold:1"}]


def test_what_the_policy_does_not_let_through_is_said(aws: Aws, run: Run) -> None:
    holds(aws)
    answers(aws, {})
    stale = {"outcomes": [{"result": "stale", "message": "deny names 222222222222"}]}
    aws.will(DescribeExecution=ended(Hold=stale))
    ran = run("accept", ENDPOINT, "--by", "maria")
    assert ran.code == 1
    assert ran.out.startswith(f"Not done: {ENDPOINT}. deny names 222222222222.")
    assert given(aws)["by"] == "maria"


def test_what_was_answered_meanwhile_is_said(aws: Aws, run: Run) -> None:
    holds(aws)
    answers(aws, {})
    aws.will(DescribeExecution=ended(Hold={"outcomes": []}))
    ran = run("reject", ENDPOINT, "--reason", "unknown", "--json")
    assert ran.code == 1
    assert ran.json["result"] == "stale"
    assert ran.json["message"] == "the request was answered or gone by then"
    assert given(aws)["reason"] == "unknown"


def test_what_does_not_wait_is_not_answered(aws: Aws, run: Run) -> None:
    ran = run("accept", ENDPOINT)
    assert ran.code == 1
    assert ran.err.startswith(f"Error: No request of {ENDPOINT} waits.")
    assert not aws.requests("Invoke")


def test_the_function_s_own_refusal_is_one_line(aws: Aws, run: Run) -> None:
    holds(aws, "closed")
    why = f"{ENDPOINT} doesn't wait: reject by alice: no"
    answers(aws, {"errorType": "HoldUnknown", "errorMessage": why}, "Unhandled")
    ran = run("accept", ENDPOINT)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith(f"Error: {why}.")


def test_who_may_not_answer_is_told_which_permission(aws: Aws, run: Run) -> None:
    holds(aws)
    aws.will(Invoke=refusal("AccessDeniedException", "not authorized"))
    ran = run("accept", ENDPOINT)
    assert ran.code == 1
    assert "lack the permission lambda:Invoke" in ran.err
