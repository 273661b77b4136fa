"""An endpoint that nobody uses retires, and an operator brings it back at a shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import scenes
from lab.client import Lab
from tests.end_to_end.operator import autopilot
from tests.end_to_end.profiles import LOGS, tags
from tests.end_to_end.stage import Stage

ACCOUNT, DAY = "111111111111", 86_400
POLICY = """
interface_endpoints:
  - {name: workloads, vpcs: {tags: {network: private}}, services: [logs]}
retire: idle
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("idle")
    (folder / "policy.yaml").write_text(POLICY)
    with Lab.start(accounts=(ACCOUNT,), policy=folder / "policy.yaml") as lab:
        made = Stage(lab, ACCOUNT)
        made.workflow = lab.outputs(ACCOUNT)["InterfacesWorkflowArn"]
        yield made


def build(stage: Stage, **more: str) -> tuple[str, list[str]]:
    """A VPC with a subnet in each of two zones."""
    ec2 = stage.ec2
    vpc = ec2.create_vpc(CidrBlock="10.70.0.0/16", TagSpecifications=tags("vpc", Name="p", **more))
    vpc_id = str(vpc["Vpc"]["VpcId"])
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.70.{n}.0/24", AvailabilityZoneId=zone)
        for n, zone in enumerate(("use1-az1", "use1-az2"))
    ]
    return vpc_id, [str(each["Subnet"]["SubnetId"]) for each in subnets]


def endpoints(stage: Stage, vpc_id: str) -> list[dict[str, Any]]:
    return [
        each
        for each in scenes.endpoints_in(stage.ec2, vpc_id)
        if each["VpcEndpointType"] == "Interface" and not each["State"].startswith("delet")
    ]


def until(stage: Stage, vpc_id: str, good: Any, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scenes.wait_until(
        lambda: endpoints(stage, vpc_id), good, what, seconds=60, every=0.3
    )
    return found


def used_elsewhere(stage: Stage) -> None:
    """Somebody's endpoint has traffic: metrics of endpoints come at all."""
    vpc, subnets = build(stage)
    made = stage.ec2.create_vpc_endpoint(
        VpcEndpointType="Interface", VpcId=vpc, ServiceName=LOGS, SubnetIds=subnets
    )
    stage.lab.traffic(made["VpcEndpoint"]["VpcEndpointId"], 7000)


def wait_is_over(stage: Stage, subject: str) -> None:
    """As if the days of waiting had passed: no clock of a function can be moved."""
    stage.lab.client("dynamodb", ACCOUNT).update_item(
        TableName=stage.lab.outputs(ACCOUNT)["LedgerTableName"],
        Key={"pk": {"S": "retired"}, "sk": {"S": subject}},
        UpdateExpression="SET due = :then",
        ExpressionAttributeValues={":then": {"S": "2026-01-01T00:00:00+00:00"}},
    )


def shown(stage: Stage, *arguments: str) -> Any:
    done = autopilot(stage.lab, ACCOUNT, *arguments, "--json")
    assert done.returncode == 0, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def test_an_idle_endpoint_retires_and_a_person_brings_it_back(stage: Stage, tmp_path: Path) -> None:
    stage.begin()
    vpc, subnets = build(stage, network="private")
    (old,) = until(
        stage, vpc, lambda found: found and found[0]["State"] == "available", "logs is served"
    )
    used_elsewhere(stage)
    stage.settle()
    subject, id_ = f"{vpc}/logs", str(old["VpcEndpointId"])

    stage.sweep()
    assert not stage.of_kind("InterfaceIdle"), "it is too young"
    stage.lab.world({"made": {"endpoint_id": id_, "seconds_ago": 31 * DAY}})
    stage.sweep()
    stage.told("InterfaceIdle", subject)
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    said = autopilot(stage.lab, ACCOUNT, "plan", "--json", more={"POLICY": str(file)}).stdout
    plan = json.loads(said)
    assert [a["what"] for a in plan["actions"] if a["id"] == subject] == [
        f"change {id_}; private DNS off"
    ]
    stage.sweep()
    until(stage, vpc, lambda found: not found[0]["PrivateDnsEnabled"], "private DNS is off")
    wait_is_over(stage, subject)
    stage.sweep()
    until(stage, vpc, lambda found: not found, "it is deleted")
    stage.told("InterfaceRetired", subject)
    seen = shown(stage, "why", vpc)
    reasons = {each["reason"] for each in seen["vpcs"][0]["subnets"] if LOGS in each["service"]}
    assert all("brings it back" in reason for reason in reasons), reasons

    # As docs/retirement.md has it.
    made = shown(stage, "restore", subject, "--reason", "the yearly closing")

    assert (made["subject"], made["was"], made["state"]) == (subject, id_, "available")
    assert set(made["differs"]) <= {"security groups", "tags"}
    (new,) = endpoints(stage, vpc)
    assert new["PrivateDnsEnabled"] and sorted(new["SubnetIds"]) == sorted(subnets)
    past = shown(stage, "why", subject.split("/")[0])["history"]
    assert "the yearly closing" in json.dumps(past)
    stage.sweep()
    assert endpoints(stage, vpc), "its time runs anew"
    assert not stage.lab.denials()
