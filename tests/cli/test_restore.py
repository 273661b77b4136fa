"""`restore`: what was retired is brought back by the workflow, and what differs is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import ARN, CALLER, Aws, Run, began, ended

SUBJECT, OLD, NEW = "vpc-1/logs", "vpce-0old", "vpce-0new"
LOGS = "com.amazonaws.us-east-1.logs"
WAS = {
    "subnet_ids": ["subnet-1", "subnet-2"],
    "group_ids": ["sg-1"],
    "private_dns": True,
    "tags": {"Name": "logs"},
}


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def row(stage: str = "gone", **body: str) -> dict[str, Any]:
    texts = {
        "pk": "retired", "sk": SUBJECT, "claimed_by": "arn:before", "claimed_at": "2026-11-30",
        "stage": stage, "endpoint_id": OLD, "service_name": LOGS, "reason": "no bytes",
        "at": "2026-11-30T18:00:00+00:00", "memory": json.dumps(WAS), **body,
    }  # fmt: skip
    found: dict[str, Any] = {name: {"S": text} for name, text in texts.items()}
    return {**found, "version": {"N": "3"}, "told": {"BOOL": True}}


def described(state: str = "available", id_: str = NEW, **changes: Any) -> dict[str, Any]:
    made = {
        "VpcEndpointId": id_, "VpcEndpointType": "Interface", "VpcId": "vpc-1",
        "ServiceName": LOGS, "State": state, "PrivateDnsEnabled": True,
        "SubnetIds": ["subnet-1", "subnet-2"], "Groups": [{"GroupId": "sg-1"}],
        "Tags": [{"Key": "Name", "Value": "logs"}], **changes,
    }  # fmt: skip
    return {"VpcEndpoints": [made]}


def outcome(**changes: Any) -> dict[str, Any]:
    made = {"id": SUBJECT, "kind": "endpoint", "result": "done", "thing": NEW, "reason": "why"}
    return {**made, **changes}


def given(
    aws: Aws, *outcomes: dict[str, Any], rows: list[Any], after: Any = (), **answers: Any
) -> None:
    """`after`: the ledger's rows once the workflow has run."""

    def asked(**_: Any) -> dict[str, Any]:
        return {"Items": [*after] if aws.requests("StartExecution") else rows}

    aws.will(
        StartExecution=began,
        DescribeExecution=ended(Interfaces={"outcomes": list(outcomes)}),
        Query=asked,
        **answers,
    )


@pytest.mark.parametrize("id_", [OLD, SUBJECT])
def test_the_workflow_is_told_who_wants_what_back(aws: Aws, run: Run, id_: str) -> None:
    group = outcome(id="vpc-1/group/workloads", kind="group", thing="sg-9")
    given(aws, group, outcome(), rows=[row()], DescribeVpcEndpoints=described())
    ran = run("restore", id_, "--reason", "the yearly closing")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"{SUBJECT}: {NEW} is available, in the place of {OLD}.",
        "It is as it was.",
    ]
    (started,) = aws.requests("StartExecution")
    assert started["stateMachineArn"] == f"{ARN}:stateMachine:Interfaces"
    assert json.loads(started["input"]) == {
        "trigger": "person",
        "scope": {"vpc_ids": ["vpc-1"]},
        "restore": {"id": SUBJECT, "by": CALLER, "reason": "the yearly closing"},
    }


def test_what_differs_is_said(aws: Aws, run: Run) -> None:
    other = described(SubnetIds=["subnet-3"], PrivateDnsEnabled=False, Tags=[])
    given(aws, outcome(), rows=[row()], DescribeVpcEndpoints=other)
    ran = run("restore", SUBJECT, "--by", "ann")
    assert ran.out.splitlines()[1:] == [
        "  subnets: was subnet-1, subnet-2; is subnet-3",
        "  private DNS: was on; is off",
        "  tags: was Name=logs; is none",
    ]
    assert json.loads(aws.requests("StartExecution")[0]["input"])["restore"]["by"] == "ann"


def test_it_waits_until_the_endpoint_is_available(aws: Aws, run: Run) -> None:
    states = iter(["pending", "pending", "available"])
    given(
        aws, outcome(), rows=[row()],
        DescribeVpcEndpoints=lambda **_: described(next(states)),
    )  # fmt: skip
    assert run("restore", SUBJECT, "--json").json["state"] == "available"


def test_it_does_not_wait_for_a_providers_answer(aws: Aws, run: Run) -> None:
    given(
        aws, outcome(), rows=[row()], DescribeVpcEndpoints=described("pendingAcceptance")
    )  # fmt: skip
    ran = run("restore", SUBJECT)
    assert (ran.code, "is pendingAcceptance" in ran.out) == (0, True)


def test_one_that_was_only_announced_stays_what_it_is(aws: Aws, run: Run) -> None:
    given(aws, rows=[row("announced")], DescribeVpcEndpoints=described(id_=OLD))
    ran = run("restore", OLD)
    assert (ran.code, ran.out.splitlines()[0]) == (0, f"{SUBJECT}: {OLD} is available.")


def test_what_could_not_be_made_fails(aws: Aws, run: Run) -> None:
    broke = outcome(result="failed", thing=None, message="ec2:CreateVpcEndpoint: no")
    given(aws, broke, rows=[row()], DescribeVpcEndpoints={"VpcEndpoints": []})
    ran = run("restore", SUBJECT)
    assert ran.code == 1
    assert ran.out == (
        f"Not restored: {SUBJECT}. ec2:CreateVpcEndpoint: no. ./autopilot why vpc-1 says how it"
        " stands.\n"
    )


def test_one_whose_retirement_goes_on_is_not_called_restored(aws: Aws, run: Run) -> None:
    """As in a VPC that was opted out meanwhile: the workflow leaves it alone."""
    hidden = described(id_=OLD, PrivateDnsEnabled=False)
    leaves = row("leaving", due="2026-12-07T18:00:00+00:00")
    given(aws, rows=[leaves], after=[leaves], DescribeVpcEndpoints=hidden)
    ran = run("restore", SUBJECT)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"Error: Not restored: {SUBJECT}, whose retirement goes on.")


def test_only_what_retired_can_be_restored(aws: Aws, run: Run) -> None:
    given(aws, rows=[row("back"), row(sk="vpc-2/kms")])
    ran = run("restore", SUBJECT)
    assert ran.code == 1
    assert ran.err == (
        f"Error: No endpoint that was retired is called {SUBJECT}. These are: vpc-2/kms.\n"
    )
    assert aws.requests("StartExecution") == []
