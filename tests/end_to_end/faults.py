"""One call of one step that fails in one way, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.stage import Stage

LOST: dict[str, Any] = {"kind": "reset"}
NOT_DONE = "OperationNotPermitted"
ERRORS: dict[str, dict[str, Any]] = {
    "throttled": {"error": "RequestLimitExceeded"},
    "5xx": {"error": "InternalError"},
    "call lost": LOST,
    "answer lost": {**LOST, "carried_out": True},
    "unsuccessful": {"kind": "partial", "error": NOT_DONE},
}
SSM_ERRORS = {
    **ERRORS,
    "throttled": {"error": "ThrottlingException"},
    "5xx": {"error": "InternalServerError"},
}
# Those answer 200 whatever happened to the things they name.
IN_PART = (
    "DeleteVpcEndpoints",
    "DeleteVpcEndpointServiceConfigurations",
    "RejectVpcEndpointConnections",
)


@dataclass(frozen=True)
class Fault:
    """How a call of a workflow's step fails."""

    workflow: str
    step: str
    operation: str
    how: str

    @property
    def service(self) -> str:
        """Whose operation it is."""
        return "ssm" if self.operation.endswith("Parameter") else "ec2"

    def __str__(self) -> str:
        return f"{self.step}-{self.operation}-{self.how.replace(' ', '-')}"

    def row(self, told: Iterable[str], *, later: str) -> tuple[str, ...]:
        """What the table says became of it."""
        first = f"told: {', '.join(told)}" if told else "done"
        became = f"{first}, {later}" if later else first
        return self.workflow, self.step, self.operation, self.how, became


def faults_of(workflow: str, step: str, operations: Iterable[str]) -> list[Fault]:
    """Each way in which each of the operations fails; a denial is the permissions' story."""
    return [
        Fault(workflow, step, operation, how)
        for operation in operations
        for how in ERRORS
        if how != "unsuccessful" or operation in IN_PART
    ]


def plant(stage: Stage, fault: Fault) -> None:
    """Have the next such call fail."""
    errors = SSM_ERRORS if fault.service == "ssm" else ERRORS
    stage.lab.fault(
        fault.operation,
        service=fault.service,
        principal=fault.step,
        account=stage.account,
        **errors[fault.how],
    )


def told_of(stage: Stage, fault: Fault) -> list[str]:
    """The kinds of the messages that name the call that failed, with AWS's word for an item."""
    action = f"{fault.service}:{fault.operation}"
    stage.of_kind("")  # what was said until now is heard
    new = [m for m in stage.heard if m.get("change") not in (None, "resolved", "done")]
    said = [(str(m["kind"]), json.dumps([m["why"], m["data"]])) for m in new]
    return sorted({kind for kind, words in said if action in words})
