"""An execution that ended badly, as Step Functions tells it: for what no record step has told.

"Step Functions Execution Status Change" comes for nothing, for every execution (EventBridge
reference, "Step Functions"). Most failures were told by the workflow itself before it failed: the
same finding comes of them here, and the ledger knows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from autopilot.reconcile.failure import Failure, Workflow
from autopilot.reconcile.request import Trigger

DETAIL_TYPE = "Step Functions Execution Status Change"
_WORKFLOWS: Mapping[str, Workflow] = {str(name): name for name in get_args(Workflow)}
# CloudFormation names a machine after its logical id.
_MACHINE = re.compile(r"(" + "|".join(name.title() for name in _WORKFLOWS) + r")Machine")
# What our Fail state writes, and what Step Functions itself writes of an error that none caught.
_OURS = re.compile(r'([A-Z][^:{}"]{2,79}): ')
_THEIRS = re.compile(r"state '([^']+)'")
_ELSEWHERE = "a state that AWS doesn't name"


@dataclass(frozen=True)
class EndedReport:
    """An execution that failed, ran out of time or was stopped; nothing is known of what it did."""

    went_well: ClassVar[bool] = False
    goes_on: ClassVar[bool] = True
    looked_at_all: ClassVar[bool] = False
    workflow: Workflow
    execution: str
    trigger: Trigger
    failure: Failure

    @staticmethod
    def from_event(event: Mapping[str, Any]) -> EndedReport:
        """Read an event. Raises KeyError or ValueError, naming what it can't read."""
        detail: Mapping[str, Any] = event["detail"]
        machine = str(detail["stateMachineArn"])
        found = _MACHINE.search(machine.rpartition(":")[2])
        if found is None:
            raise ValueError(f"{machine} is no workflow of ours")
        return EndedReport(
            _WORKFLOWS[found[1].lower()],
            str(detail["executionArn"]),
            _trigger(detail.get("input")),
            _failure(str(detail["status"]), detail),
        )


def _failure(status: str, detail: Mapping[str, Any]) -> Failure:
    error, cause = str(detail.get("error") or ""), str(detail.get("cause") or "")
    if status == "TIMED_OUT":
        return Failure("its time limit", "TimedOut", cause or "It ran for longer than it may.")
    if status == "ABORTED":
        return Failure("somebody's order to stop", "Aborted", cause or "Somebody stopped it.")
    state, cause = _state_in(cause)
    return Failure.of(state, error or "?", cause)


def _state_in(cause: str) -> tuple[str, str]:
    """The state that a cause names, and the rest of its words."""
    if found := _OURS.match(cause):
        return found[1], cause[found.end() :]
    found = _THEIRS.search(cause)
    return (found[1] if found else _ELSEWHERE), cause


def _trigger(given: Any) -> Trigger:
    """What started it, as its input says; the event leaves a large one out."""
    try:
        trigger = json.loads(str(given))["trigger"]
    except (ValueError, KeyError, TypeError):
        return "event"
    return trigger if trigger in get_args(Trigger) else "event"
