"""Runs the workflows' own definitions in this process: in MiniStack's interpreter, in no time.

What a task invokes, and how time passes, is up to whoever makes it. An execution runs until it has
ended or waits for its task token: then the story goes on, and ends the waiting later.
"""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError
from ministack.core.responses import set_request_account_id
from ministack.services import stepfunctions

from infra.definitions import NAMES, definition

_LONGEST = 60
Invoke = Callable[[str, Any], Any]


@dataclass
class Machines:
    """All workflows. `invoke` calls a function, `ended` hears of an execution that has.

    `sleep` lets so many seconds pass.
    """

    account: str
    region: str
    invoke: Invoke
    sleep: Callable[[float], None]
    ended: Callable[[Mapping[str, Any]], None]
    now: Callable[[], datetime]
    _waiting: dict[str, str] = field(default_factory=dict)
    _still: dict[str, threading.Event] = field(default_factory=dict)
    _later: list[tuple[str, str, str]] = field(default_factory=list)

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a machine, or of an execution ("machine:execution")."""
        return f"arn:aws:states:{self.region}:{self.account}:{kind}:{name}"

    def machine(self, workflow: str) -> str:
        """The ARN of a workflow's machine."""
        return self.arn("stateMachine", f"{workflow.title()}Machine")

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Put them into MiniStack, whose interpreter does what is asked here."""
        set_request_account_id(self.account)
        hooks: dict[str, Any] = {
            "_call_lambda": self._call,
            "_resolve_lambda_function_ref": lambda name, optimized: name,
            "_invoke_resource_with_timeout": lambda r, given, _: stepfunctions._invoke_resource(
                r, given
            ),
            "_invoke_with_callback": self._wait_for_token,
            "_invoke_nested_start_execution": self._start_later,
            "_scaled_sleep": self.sleep,
            "_emit_execution_status_event": self._told,
            "time": SimpleNamespace(sleep=lambda _: None),
        }
        with patch.multiple(stepfunctions, **hooks):
            for name in NAMES:
                stepfunctions._state_machines[self.machine(name)] = self._described(name)
            yield
            stepfunctions._state_machines.clear()
            stepfunctions._executions.clear()

    def _described(self, name: str) -> dict[str, Any]:
        text = json.dumps(definition(name)).replace("${Partition}", "aws")
        for each in NAMES:
            text = text.replace(f"${{{each.title()}MachineArn}}", self.machine(each))
        # One after the other: ids are given out in the order of the calls.
        text = text.replace('"MaxConcurrency": 4', '"MaxConcurrency": 1')
        return {"name": f"{name.title()}Machine", "definition": text, "roleArn": "role"}

    def start(self, machine: str, name: str, given: str) -> str:
        """Start an execution and go along until it waits for its token or has ended; its ARN."""
        arn = self.arn("execution", f"{machine.rpartition(':')[2]}:{name}")
        if arn in stepfunctions._executions:
            raise _refusal("StartExecution", "ExecutionAlreadyExists")
        stepfunctions._executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": machine,
            "name": name,
            "status": "RUNNING",
            "startDate": self.now().isoformat(),
            "input": given,
            "events": [],
        }
        self._still[arn] = threading.Event()
        # As its own thread: a hold waits for days, and the story goes on meanwhile.
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(stepfunctions._run_execution, arn), daemon=True).start()
        self._await(arn)
        return arn

    def start_what_was_started(self) -> None:
        """Run what executions have started for others to do, until there is nothing more."""
        while self._later:
            self.start(*self._later.pop(0))

    def execution(self, arn: str) -> Mapping[str, Any]:
        """How an execution stands."""
        return dict(stepfunctions._executions[arn])

    def waits(self) -> tuple[str, ...]:
        """The tokens that executions wait for, the oldest first."""
        return tuple(self._waiting)

    def end_waiting(self, token: str, **how: Any) -> None:
        """Give a waiting execution its `result`, or an `error`, and go along."""
        if token not in self._waiting:
            raise _refusal("SendTaskSuccess", "TaskDoesNotExist")
        arn = self._waiting.pop(token)
        self._still[arn].clear()
        stepfunctions._task_tokens[token] |= how
        stepfunctions._task_tokens[token]["event"].set()
        self._await(arn)

    def _await(self, arn: str) -> None:
        assert self._still[arn].wait(_LONGEST), f"{arn} neither waits nor ends"

    def _call(self, function: str, event: Any) -> Any:
        try:
            return self.invoke(function, event)
        except Exception as error:
            said = {"errorMessage": str(error), "errorType": type(error).__name__}
            raise stepfunctions._ExecutionError(said["errorType"], json.dumps(said)) from error

    def _wait_for_token(self, _resource: str, given: Any, token: str, _state: Any) -> Any:
        event = threading.Event()
        stepfunctions._task_tokens[token] = {"event": event, "result": None, "error": None}
        self._waiting[token] = arn = given["Payload"]["execution"]
        self._call(given["FunctionName"], given["Payload"])
        self._still[arn].set()
        event.wait()
        said = stepfunctions._task_tokens.pop(token)
        if said["error"]:
            raise stepfunctions._ExecutionError(said["error"], "")
        return json.loads(said["result"])

    def _start_later(self, _resource: str, given: Mapping[str, Any]) -> dict[str, str]:
        # On AWS it runs beside; here once the one that started it has ended.
        machine, name = str(given["StateMachineArn"]), str(given["Name"])
        self._later.append((machine, name, json.dumps(given["Input"])))
        return {"ExecutionArn": self.arn("execution", f"{machine.rpartition(':')[2]}:{name}")}

    def _told(self, execution: Mapping[str, Any]) -> None:
        if execution["status"] != "RUNNING":
            self.ended(execution)
            self._still[execution["executionArn"]].set()

    # What the functions ask Step Functions for.

    def start_execution(self, **asked: str) -> dict[str, str]:
        """As Step Functions' own."""
        return {"executionArn": self.start(asked["stateMachineArn"], asked["name"], asked["input"])}

    def send_task_success(self, **asked: str) -> dict[str, Any]:
        """As Step Functions' own."""
        self.end_waiting(asked["taskToken"], result=asked["output"])
        return {}


def _refusal(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
