"""The workflows: what each reports at its end, and what ops are told of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from autopilot.connections import messages as connections
from autopilot.connections.report import ConnectionReport, HoldReport
from autopilot.connections.reported import view_of as view_of_connections
from autopilot.connections.reported import view_of_hold
from autopilot.gateway import messages as gateway
from autopilot.gateway.report import NetworkReport
from autopilot.gateway.report import view_of as view_of_network
from autopilot.interfaces import messages as interfaces
from autopilot.interfaces.report import InterfaceReport
from autopilot.interfaces.report import view_of as view_of_interfaces
from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.error_explanations import FORMERLY, WORKFLOW_FAILED
from autopilot.notify.finding import Catalog
from autopilot.notify.ledger import Memory
from autopilot.notify.report import Report, View
from autopilot.reconcile.codec import decode
from autopilot.reconcile.outcome import words
from autopilot.reconcile.report import Failure
from autopilot.reconcile.request import Trigger
from autopilot.services import messages as services
from autopilot.services.plan import ServicesReport
from autopilot.services.report import view_of as view_of_services
from autopilot.uninstall import messages as uninstall
from autopilot.uninstall.plan import UninstallReport
from autopilot.uninstall.report import view_of as view_of_uninstall
from autopilot.withdraw import messages as withdraw
from autopilot.withdraw.plan import WithdrawalReport
from autopilot.withdraw.report import view_of as view_of_withdrawal

ENDED = "Step Functions Execution Status Change"
"""The detail type of the event that an execution has ended."""
RESTARTABLE = ("network", "connections", "services", "interfaces")
"""The workflows that may be started by hand."""
MESSAGES = (gateway, interfaces, connections, services, withdraw, uninstall)
"""Where the definitions of what ops are told stand."""
CATALOG: Catalog = {
    WORKFLOW_FAILED.kind: WORKFLOW_FAILED,
    **{each.kind: each for messages in MESSAGES for each in messages.FINDINGS},
}
CHANGES: tuple[ChangeDefinition, ...] = tuple(
    each for messages in MESSAGES for each in messages.CHANGES
)


_View = Callable[[Any, Memory], View]
_REPORTS: tuple[tuple[Any, _View], ...] = (
    (NetworkReport, view_of_network),
    (ConnectionReport, view_of_connections),
    (HoldReport, view_of_hold),
    (ServicesReport, view_of_services),
    (InterfaceReport, view_of_interfaces),
    (WithdrawalReport, view_of_withdrawal),
    (UninstallReport, view_of_uninstall),
)
_WORKFLOWS: dict[str, tuple[Any, _View]] = {each[0].workflow: each for each in _REPORTS}
# CloudFormation names a machine after its logical id.
_MACHINE = r"(" + "|".join(name.title() for name in (*_WORKFLOWS, *FORMERLY)) + r")Machine"
# What our Fail state writes, and what Step Functions itself writes of an error that none caught.
_OURS = r'([A-Z][^:{}"]{2,79}): '
_THEIRS = r"state '([^']+)'"
_ELSEWHERE = "a state that AWS doesn't name"


@dataclass(frozen=True)
class EndedReport:
    """An execution that failed, ran out of time or was stopped; nothing is known of what it did.

    Such an event comes for nothing, for every execution (EventBridge reference, "Step Functions").
    Most failures were told by the workflow itself before it failed: the same finding comes of them
    here, and the ledger knows it.
    """

    went_well: ClassVar[bool] = False
    goes_on: ClassVar[bool] = True
    looked_at_all: ClassVar[bool] = False
    workflow: str
    execution: str
    trigger: Trigger
    failure: Failure


def report_in(event: Mapping[str, Any]) -> Report:
    """Read what a workflow's last step hands over, or the event that one ended badly.

    Without "workflow" it is the network's. Raises KeyError or ValueError, naming what it can't
    read.
    """
    if event.get("detail-type") == ENDED:
        return _ended(event["detail"])
    name = _today(event.get("workflow", "network"))
    if name not in _WORKFLOWS:
        raise ValueError(f"workflow is {name!r}; write one of {', '.join(_WORKFLOWS)}")
    report: Report = decode(_WORKFLOWS[name][0], event)
    return report


def _today(name: str) -> str:
    """A workflow's name; an execution that began before a deployment may report after it."""
    return FORMERLY.get(name, name)


def view_of(report: Report, memory: Memory) -> View:
    """What `report` says, given what ops know; of an execution that ended badly, nothing more."""
    if isinstance(report, EndedReport):
        return View(names=memory.names, owners=memory.owners)
    said = _WORKFLOWS[report.workflow][1](report, memory)
    plan = getattr(report, "plan", None)  # a hold has none
    names, theirs = (plan.names, plan.owners) if plan else ({}, {})
    owners = {id_: owner for owner, ids in theirs.items() for id_ in ids}
    return said._replace(names={**memory.names, **names}, owners={**memory.owners, **owners})


def _ended(detail: Mapping[str, Any]) -> EndedReport:
    machine = str(detail["stateMachineArn"])
    found = re.search(_MACHINE, machine.rpartition(":")[2])
    if found is None:
        raise ValueError(f"{machine} is no workflow of ours")
    return EndedReport(
        _today(found[1].lower()),
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
    return Failure(state, error or "?", words(cause) or "")


def _state_in(cause: str) -> tuple[str, str]:
    """The state that a cause names, and the rest of its words."""
    if found := re.match(_OURS, cause):
        return found[1], cause[found.end() :]
    found = re.search(_THEIRS, cause)
    return (found[1] if found else _ELSEWHERE), cause


def _trigger(given: Any) -> Trigger:
    """What started it, as its input says; the event leaves a large one out."""
    try:
        trigger = json.loads(str(given))["trigger"]
    except (ValueError, KeyError, TypeError):
        return "event"
    return trigger if trigger in get_args(Trigger) else "event"
