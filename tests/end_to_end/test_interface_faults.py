"""Each change that the interfaces workflow makes fails in each way, one at a time.

It is done by retry, or told; after the next look there is exactly one of each thing, ours by tag.
The table at the end of the run's output (tests/conftest.py) says which. What becomes of a denied
call is in test_interface_permissions.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.faults import Fault, faults_of, plant, told_of
from tests.end_to_end.premises import Premises, Task, build, look, opened
from tests.end_to_end.stage import Stage

STEP = "ApplyInterface"
# By what there is to do: the calls that do it.
CALLS: dict[Task, tuple[str, ...]] = {
    "make": (
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "CreateVpcEndpoint",
    ),
    "put right": ("RevokeSecurityGroupIngress", "ModifyVpcEndpoint", "PutParameter"),
    "remove": ("DeleteVpcEndpoints", "DeleteSecurityGroup", "DeleteParameter"),
}
FAULTS = {task: faults_of("interfaces", STEP, calls) for task, calls in CALLS.items()}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with opened(tmp_path_factory.mktemp("policy")) as made:
        yield made


@pytest.fixture(scope="module")
def unwanted(stage: Stage) -> dict[Fault, Premises]:
    """Premises for each fault of a removal; ops were told, so that the next look removes."""
    made = {fault: build(stage, "remove") for fault in FAULTS["remove"]}
    look(stage, *made.values())
    return made


def test_every_change_is_in_the_table(stage: Stage) -> None:
    three = [build(stage, task) for task in CALLS]
    look(stage, three[-1])
    stage.lab.clear_calls()
    look(stage, *three)
    assert [each.flaws() for each in three] == [[], [], []]
    made = {call["operation"] for call in stage.our_calls(changes=True)}
    listed = {call for calls in CALLS.values() for call in calls}
    assert made == {call for call in listed if "Parameter" not in call}  # the lab lists EC2's only


@pytest.mark.parametrize("fault", [*FAULTS["make"], *FAULTS["put right"]], ids=str)
def test_what_is_made_and_put_right_is_there_once(
    stage: Stage, fault: Fault, record_property: Any
) -> None:
    task: Task = "make" if fault in FAULTS["make"] else "put right"
    check(build(stage, task), fault, record_property)


@pytest.mark.parametrize("fault", FAULTS["remove"], ids=str)
def test_what_is_removed_is_gone(
    unwanted: dict[Fault, Premises], fault: Fault, record_property: Any
) -> None:
    check(unwanted[fault], fault, record_property)


def check(place: Premises, fault: Fault, record_property: Any) -> None:
    stage = place.stage
    stage.heard.clear()
    plant(stage, fault)
    ended = place.look()
    assert not stage.lab.faults(), "the call was made, and failed"
    flaws, told = place.flaws(), told_of(stage, fault)
    if not told:
        assert ended["status"] == "SUCCEEDED"
        assert not flaws, "nobody is told"
    if flaws:
        place.look()
        assert not place.flaws(), "the next look puts it right"
    assert place.vpc in json.dumps(stage.heard)
    record_property("fault", fault.row(told, later="done by the next look" if flaws else ""))
