"""The workflows: which report each of them hands to the record step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from autopilot.connections.report import ConnectionReport, HoldReport
from autopilot.gateway.plan import NetworkReport
from autopilot.interfaces.report import InterfaceReport
from autopilot.notify.ended import EndedReport
from autopilot.reconcile.codec import decode
from autopilot.reconcile.failure import Workflow
from autopilot.services.report import ServicesReport
from autopilot.uninstall.report import UninstallReport
from autopilot.withdraw.report import WithdrawalReport

Recorded = (
    NetworkReport
    | ConnectionReport
    | HoldReport
    | ServicesReport
    | InterfaceReport
    | WithdrawalReport
    | UninstallReport
)
"""What the workflows' last steps hand over."""
AnyReport = Recorded | EndedReport

_KINDS: tuple[type[Recorded], ...] = get_args(Recorded)


def report_from_json(data: Mapping[str, Any]) -> Recorded:
    """Read the step's input, whichever workflow made it; without "workflow" it is the network's.

    Raises KeyError or ValueError, naming what it can't read.
    """
    name = data.get("workflow", "network")
    for kind in _KINDS:
        if kind.workflow == name:
            return decode(kind, data)
    raise ValueError(f"workflow is {name!r}; write one of {', '.join(get_args(Workflow))}")
