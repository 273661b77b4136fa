"""The last landed version is deployed and at work; this one takes over, and nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo import scenes
from demo.privatelink import Service, connect, publish
from demo.scenes import Look, Network, build_network
from lab.client import Lab
from lab.settings import REPOSITORY
from tests.end_to_end import landed
from tests.end_to_end.providing import cdk, connections_sweep, deploy, stands
from tests.end_to_end.stage import Stage
from tests.infra.kept import KEPT

PROVIDER, CONSUMER = "111111111111", "222222222222"
STRANGER, OTHER = "333333333333", "444444444444"
STATEFUL = {name: kind for kind, names in KEPT.items() for name in names}


@dataclass
class Upgraded:
    """An account where the former version has left work; `mails` are those that it sent."""

    stage: Stage
    network: Network
    shared: Service
    open: Service
    consumer: str
    stranger: str
    other: str
    mails: dict[str, dict[str, Any]]
    holds: dict[str, str]
    resources: dict[str, str]
    look: Look
    code: str
    former: Path

    def ended(self, endpoint: str) -> dict[str, Any]:
        """How the hold ended whose execution the former version has started."""
        return scenes.wait_until(
            lambda: self.stage.states.describe_execution(executionArn=self.holds[endpoint]),
            lambda e: e["status"] != "RUNNING",
            "the hold ends",
            seconds=60,
        )


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    former = landed.unpacked(tmp_path_factory.mktemp("landed"))
    with Lab.start(accounts=(PROVIDER,), env={"LAB_APP": str(former)}) as lab:
        made = at_work(Stage(lab, PROVIDER), former)
        cdk(made.stage, tmp_path_factory.mktemp("upgrade") / "cdk", deploy)
        yield made


def at_work(stage: Stage, former: Path) -> Upgraded:
    """Have the former version make endpoints, find something, let one in, hold two."""
    network = busy_network(stage)
    shared, open_ = (publish(stage.lab, PROVIDER, name) for name in ("shared", "open"))
    for service, whom in ((shared, CONSUMER), (open_, "*")):
        scenes.wait_until(service.notified, bool, "our notification is registered")
        service.allow(whom)
    consumer = connect(shared, CONSUMER)
    stranger, other = (connect(open_, who) for who in (STRANGER, OTHER))
    stands(shared, consumer, "available")
    mails = {id_: stage.told("ConnectionHeld", id_) for id_ in (stranger, other)}
    mails["network"] = stage.told("RouteTableBusy", network.table_ids[0])
    running = scenes.wait_until(
        lambda: stage.running("Hold"), lambda found: len(found) == 2, "both wait for a person"
    )
    return Upgraded(
        stage=stage,
        network=network,
        shared=shared,
        open=open_,
        consumer=consumer,
        stranger=stranger,
        other=other,
        mails=mails,
        holds={
            id_: e["executionArn"] for id_ in (stranger, other) for e in running if id_ in e["name"]
        },
        resources=resources(stage),
        look=scenes.look(stage.ec2, network.vpc_id),
        code=code(stage),
        former=former,
    )


def busy_network(stage: Stage) -> Network:
    """A VPC that is served, but for one table whose connections would drop: ops must decide."""
    stage.lab.delivery(loss=1.0)
    network = build_network(stage.ec2, "orders", tables=2)
    stage.ec2.create_network_interface(SubnetId=network.subnet_ids[0])
    stage.lab.delivery()
    stage.sweep()
    return network


def resources(stage: Stage) -> dict[str, str]:
    """The physical id of each resource that an update must keep, by its logical one."""
    pages = stage.lab.client("cloudformation", PROVIDER).get_paginator("list_stack_resources")
    found = [
        each
        for page in pages.paginate(StackName="EndpointAutopilot")
        for each in page["StackResourceSummaries"]
    ]
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in found
        if each["LogicalResourceId"] in STATEFUL and not each["ResourceStatus"].startswith("DELETE")
    }


def code(stage: Stage) -> str:
    """What the step that tells ops runs now: the hash of its bundle."""
    found = stage.lab.client("lambda", PROVIDER).get_paginator("list_functions").paginate()
    functions = [function for page in found for function in page["Functions"]]
    (record,) = (f for f in functions if "FunctionsRecordFunction" in f["FunctionName"])
    return str(record["CodeSha256"])


def sources(app: Path) -> dict[Path, str]:
    folder = app / "functions"
    return {file.relative_to(folder): file.read_text() for file in folder.rglob("*.py")}


def test_what_holds_state_is_the_same_and_runs_new_code(upgraded: Upgraded) -> None:
    assert set(upgraded.resources) == set(STATEFUL)
    assert resources(upgraded.stage) == upgraded.resources
    changed = sources(upgraded.former) != sources(REPOSITORY)
    assert code(upgraded.stage) != upgraded.code or not changed


def test_a_person_answers_holds_that_the_former_version_has_opened(upgraded: Upgraded) -> None:
    stage, service = upgraded.stage, upgraded.open
    assert {stage.states.describe_execution(executionArn=arn)["status"]
            for arn in upgraded.holds.values()} == {"RUNNING"}  # fmt: skip

    service.answer("accept", upgraded.stranger)
    stage.told("HoldAnswered", upgraded.stranger)
    function = re.search(r"--function-name (\S+)", json.dumps(upgraded.mails[upgraded.other]))
    assert function, "the mail that the former version sent names the function"
    said = {"endpoint_id": upgraded.other, "answer": "reject", "by": "alice", "reason": "unknown"}
    answer = stage.lab.client("lambda", PROVIDER).invoke(
        FunctionName=function[1], Payload=json.dumps(said)
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    told = stage.told("HoldAnswered", upgraded.other)
    assert "alice" in told["title"]

    for endpoint, state in ((upgraded.stranger, "available"), (upgraded.other, "rejected")):
        ended = upgraded.ended(endpoint)
        assert ended["status"] == "SUCCEEDED", ended
        stands(service, endpoint, state)


def test_whom_the_former_version_let_in_is_cut_when_no_rule_names_them(upgraded: Upgraded) -> None:
    upgraded.shared.revoke(CONSUMER)
    stands(upgraded.shared, upgraded.consumer, "rejected", within=60)
    upgraded.stage.told("ConnectionCut", upgraded.consumer)


def test_a_clone_without_the_landed_version_says_what_to_fetch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(landed, "LANDED", "0" * 40)
    with pytest.raises(pytest.skip.Exception, match=f"git fetch origin {'0' * 40}"):
        landed.unpacked(tmp_path)
    monkeypatch.setattr(landed, "REPOSITORY", tmp_path)
    with pytest.raises(pytest.skip.Exception, match="no git repository"):
        landed.unpacked(tmp_path)


def test_nothing_is_told_or_made_twice(upgraded: Upgraded) -> None:
    stage, network = upgraded.stage, upgraded.network
    assert stage.sweep()["status"] == "SUCCEEDED"
    connections_sweep(stage)
    stage.settle()

    assert scenes.look(stage.ec2, network.vpc_id) == upgraded.look
    assert len(upgraded.look.endpoints) == 2
    for kind, about in (
        ("RouteTableBusy", network.vpc_id),
        ("ConnectionHeld", upgraded.stranger),
        ("ConnectionHeld", upgraded.other),
        ("ConnectionAccepted", upgraded.consumer),
    ):
        assert len(stage.of_kind(kind, about)) == 1, f"{kind} is told once"
    assert not stage.of_kind("Welcome")
    assert not stage.of_kind("WorkflowFailed")
