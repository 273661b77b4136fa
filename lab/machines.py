"""State machines go as on AWS: once their executions have ended, and a stack waits for that."""

from __future__ import annotations

import time
from typing import Any

from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners, stacks

_TYPE = "AWS::StepFunctions::StateMachine"
#: How long a stack waits for a machine to go. Invented: AWS waits for much longer.
LONGEST = 60.0
_EVERY = 0.1


def install() -> None:
    """Install the hooks on Step Functions and on CloudFormation."""
    _delete_once_executions_have_ended()
    _end_executions_at_their_next_transition()
    _refuse_what_is_being_deleted()
    _let_the_last_state_say_the_output()
    _have_stacks_wait()


def running(machine: str) -> list[dict[str, Any]]:
    """The executions of a state machine (its ARN) that run."""
    return [
        execution
        for execution in list(stepfunctions._executions.values())
        if execution["stateMachineArn"] == machine and execution["status"] == "RUNNING"
    ]


def wait_until_gone(machine: str, seconds: float) -> None:
    """Wait until a state machine has gone. Raises ValueError if it hasn't after so many seconds."""
    until = time.monotonic() + seconds
    while machine in stepfunctions._state_machines:
        if time.monotonic() > until:
            count = len(running(machine))
            raise ValueError(f"{machine} did not stabilize: {count} of its executions are running")
        time.sleep(_EVERY)


def _deleting(machine: str) -> bool:
    return bool(stepfunctions._state_machines.get(machine, {}).get("status") == "DELETING")


def _delete_once_executions_have_ended() -> None:
    # API reference, DeleteStateMachine: DELETING until all its executions have ended. MiniStack
    # deletes it at once, and its executions with it.
    delete, tell = stepfunctions._delete_state_machine, stepfunctions._emit_execution_status_event

    def deleted(data: dict[str, Any]) -> Any:
        machine = data.get("stateMachineArn", "")
        if not running(machine):
            return delete(data)
        stepfunctions._state_machines[machine]["status"] = "DELETING"
        return stepfunctions.json_response({})

    def told(execution: dict[str, Any]) -> None:
        tell(execution)
        machine = execution["stateMachineArn"]
        if _deleting(machine) and not running(machine):
            delete({"stateMachineArn": machine})

    stepfunctions._delete_state_machine = deleted
    stepfunctions._emit_execution_status_event = told


def _end_executions_at_their_next_transition() -> None:
    # The same page: on the next state transition the executions are terminated.
    note = stepfunctions._add_event

    def noted(execution: dict[str, Any], event: str, *more: Any, **named: Any) -> Any:
        made = note(execution, event, *more, **named)
        if event.endswith("StateExited") and _deleting(execution["stateMachineArn"]):
            stepfunctions._stop_execution({"executionArn": execution["executionArn"]})
        return made

    stepfunctions._add_event = noted


def _refuse_what_is_being_deleted() -> None:
    # API reference, StartExecution and UpdateStateMachine: StateMachineDeleting.
    def refusing(theirs: Any) -> Any:
        def asked(data: dict[str, Any]) -> Any:
            machine = data.get("stateMachineArn", "")
            if _deleting(machine):
                words = f"State Machine is being deleted: '{machine}'"
                return stepfunctions.error_response_json("StateMachineDeleting", words, 400)
            return theirs(data)

        return asked

    stepfunctions._start_execution = refusing(stepfunctions._start_execution)
    stepfunctions._update_state_machine = refusing(stepfunctions._update_state_machine)


def _let_the_last_state_say_the_output() -> None:
    # Developer guide, "Succeed workflow state": with JSONata its Output is what the execution comes
    # to. MiniStack hands on the input.
    apply = stepfunctions._apply_output_path

    def applied(state: dict[str, Any], data: Any, context: Any = None) -> Any:
        language = stepfunctions._state_query_language(state, context)
        if state.get("Type") == "Succeed" and language == "JSONata":
            return stepfunctions._apply_jsonata_output(state, data, context, default=data)
        return apply(state, data, context)

    stepfunctions._apply_output_path = applied


def _have_stacks_wait() -> None:
    # MiniStack's CloudFormation deletes a state machine whatever runs.
    threaded = stacks._runs_on_worker_thread

    def delete(machine: str, _properties: dict[str, Any]) -> None:
        if machine in stepfunctions._state_machines:
            stepfunctions._delete_state_machine({"stateMachineArn": machine})
            wait_until_gone(machine, LONGEST)

    provisioners._RESOURCE_HANDLERS[_TYPE]["delete"] = delete
    stacks._runs_on_worker_thread = lambda kind: kind == _TYPE or threaded(kind)
