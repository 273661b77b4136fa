"""A state machine goes once its executions have ended, and so does a stack that holds one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import stepfunctions

from lab import machines
from lab.client import Lab, wait_until
from tests.lab.waits import TRUST, WAITS


@pytest.fixture
def states(lab: Lab) -> Any:
    return lab.client("stepfunctions")


@pytest.fixture
def machine(lab: Lab, states: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    name = request.node.name[:60]
    role = lab.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))[
        "Role"
    ]["Arn"]
    yield states.create_state_machine(name=name, definition=WAITS, roleArn=role)["stateMachineArn"]
    lab.client("iam").delete_role(RoleName=name)


def gone(states: Any, machine: str) -> bool:
    listed = states.list_state_machines()["stateMachines"]
    return machine not in {each["stateMachineArn"] for each in listed}


def begin(states: Any, machine: str, seconds: float) -> str:
    given = json.dumps({"seconds": seconds})
    return str(states.start_execution(stateMachineArn=machine, input=given)["executionArn"])


def test_a_machine_is_deleting_until_its_executions_have_ended(states: Any, machine: str) -> None:
    execution = begin(states, machine, 300)
    states.delete_state_machine(stateMachineArn=machine)
    assert states.describe_state_machine(stateMachineArn=machine)["status"] == "DELETING"
    with pytest.raises(states.exceptions.StateMachineDeleting):
        begin(states, machine, 0)
    states.stop_execution(executionArn=execution)
    assert gone(states, machine)


def test_the_next_transition_ends_an_execution_of_what_is_deleted(
    states: Any, machine: str
) -> None:
    begin(states, machine, 2)
    states.delete_state_machine(stateMachineArn=machine)
    assert not gone(states, machine)
    wait_until(lambda: gone(states, machine), 15, "the first wait is over, the second is not begun")


def test_a_stack_waits_for_its_machines_executions(lab: Lab, states: Any) -> None:
    cloudformation, name = lab.client("cloudformation"), "waits"
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
    machine = {"DefinitionString": WAITS, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
    template = {
        "Resources": {
            "Role": role,
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
        }
    }
    cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    (made,) = [
        r["PhysicalResourceId"]
        for r in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        if r["LogicalResourceId"] == "Machine"
    ]
    execution = begin(states, made, 300)
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    cloudformation.delete_stack(StackName=name)
    with pytest.raises(Exception, match="the stack is gone"):
        wait_until(lambda: status() == "DELETE_COMPLETE", 2, "the stack is gone")
    assert status() == "DELETE_IN_PROGRESS"
    states.stop_execution(executionArn=execution)
    wait_until(lambda: status() == "DELETE_COMPLETE", 15, "the stack is gone")


def test_a_stack_gives_a_machine_up_that_does_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    execution = {"stateMachineArn": "arn", "status": "RUNNING"}
    monkeypatch.setattr(stepfunctions, "_state_machines", {"arn": {"status": "DELETING"}})
    monkeypatch.setattr(stepfunctions, "_executions", {"e": execution})
    with pytest.raises(ValueError, match="1 of its executions are running"):
        machines.wait_until_gone("arn", 0.2)


def test_the_last_state_says_what_an_execution_comes_to(states: Any, machine: str) -> None:
    last = {"Type": "Succeed", "Output": "{% {'sum': $states.input.a + 1} %}"}
    definition = {"QueryLanguage": "JSONata", "StartAt": "Done", "States": {"Done": last}}
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition))
    execution = states.start_execution(stateMachineArn=machine, input='{"a": 1}')["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] == "SUCCEEDED" else None

    wait_until(ended, 15, "it ends")
    assert json.loads(ended()["output"]) == {"sum": 2}
