"""Ops hear when a permission of the interfaces workflow's functions is missing: each is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.faults import Fault
from tests.end_to_end.permissions import UNSEEN, Permission, permissions, the, without
from tests.end_to_end.premises import Task, build, look, opened
from tests.end_to_end.profiles import LOGS
from tests.end_to_end.stage import Stage

# Permissions that the story can't show to be missing, each with the reason.
SILENT = {
    **UNSEEN,
    "servicequotas:GetServiceQuota": "asked only near the quota: shown in its own test below",
}
# What is not asked for where everything is to be made.
TASKS: dict[str, Task] = {
    "ec2:DescribeVpcEndpoints": "put right",
    "ec2:ModifyVpcEndpoint": "put right",
    "ec2:RevokeSecurityGroupIngress": "put right",
    "ssm:PutParameter": "put right",
    "ssm:ListTagsForResource": "put right",
    "ec2:DeleteVpcEndpoints": "remove",
    "ec2:DeleteSecurityGroup": "remove",
    "ssm:DeleteParameter": "remove",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab of its own: roles are crippled here."""
    with opened(tmp_path_factory.mktemp("policy")) as made:
        yield made


def test_nothing_is_denied_and_each_permission_is_missed(
    stage: Stage, record_property: Any
) -> None:
    stage.lab.clear_denials()
    tasks: tuple[Task, ...] = ("make", "put right", "remove")
    places = [build(stage, task) for task in tasks]
    look(stage, places[-1])
    look(stage, *places)
    assert [place.flaws() for place in places] == [[], [], []]
    assert stage.lab.denials() == []

    listed = [
        p
        for p in permissions(stage, "InterfaceFunctions")
        if p.action not in SILENT and not of_retirements(p)
    ]
    assert len(listed) > 30, "the roles were found"
    unmissed = [each.words for each in listed if not missed(stage, each, record_property)]
    assert not unmissed


def of_retirements(permission: Permission) -> bool:
    """Whether planning needs it for what retires only, and nothing does here: test_idle.py's
    story takes an endpoint through it all, with nothing denied.
    """
    writes = permission.action in ("dynamodb:PutItem", "dynamodb:DeleteItem")
    return writes and "PlanInterfaces" in permission.role


def missed(stage: Stage, permission: Permission, record_property: Any) -> bool:
    """Whether ops hear of the action that is denied; the next look then puts all right."""
    action = permission.action
    task = TASKS.get(action, "make")
    place = build(stage, task)
    if task == "remove":
        place.look()
    stage.heard.clear()
    stage.lab.clear_denials()
    with without(stage, permission):
        place.look()
        if action == "ssm:GetParametersByPath":
            stage.run({})  # that one reads the path as a whole
    told = [
        kind for kind in ("InterfaceChangeFailed", "WorkflowFailed") if stage.of_kind(kind, action)
    ]
    undone = place.flaws()
    place.look()
    assert place.flaws() == [], permission.words
    if "Apply" in permission.role and not action.startswith("ec2:Describe"):
        fault = Fault("interfaces", "ApplyInterface", action.partition(":")[2], "denied")
        later = "done by the next look" if undone else ""
        record_property("fault", fault.row(told, later=later))
    return bool(told) and bool(stage.lab.denials(action=action))


def test_a_quota_that_may_not_be_read_is_the_default_and_ops_hear_why(stage: Stage) -> None:
    place = build(stage, "make")
    for _ in range(40):
        stage.ec2.create_vpc_endpoint(
            VpcId=place.vpc, VpcEndpointType="Interface", ServiceName=LOGS, PrivateDnsEnabled=False
        )
    quota = the(stage, "servicequotas:GetServiceQuota", "InterfaceFunctionsPlan")
    with without(stage, quota):
        assert place.look()["status"] == "SUCCEEDED"
    told = stage.told("InterfaceQuotaNear", place.vpc)
    assert "servicequotas:GetServiceQuota" in json.dumps(told)
