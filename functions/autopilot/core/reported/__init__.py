"""What a workflow reports, put the same way whichever workflow it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autopilot.core.ended import EndedReport
from autopilot.core.interfaces.report import InterfaceReport
from autopilot.core.memory import Memory
from autopilot.core.publishing.report import ServicesReport
from autopilot.core.removal_reports import RetirementReport, WithdrawalReport
from autopilot.core.report import AnyReport, ConnectionReport, HoldReport, Report
from autopilot.core.reported.connections import view_of_connections
from autopilot.core.reported.hold import view_of_hold
from autopilot.core.reported.interfaces import view_of_interfaces
from autopilot.core.reported.network import view_of_network
from autopilot.core.reported.removals import view_of_retirement, view_of_withdrawal
from autopilot.core.reported.services import view_of_services
from autopilot.core.reported.view import View

__all__ = ["View", "view_of"]


_VIEWS: Mapping[type[AnyReport], Callable[[Any], View]] = {
    ConnectionReport: view_of_connections,
    HoldReport: view_of_hold,
    ServicesReport: view_of_services,
    InterfaceReport: view_of_interfaces,
    WithdrawalReport: view_of_withdrawal,
    RetirementReport: view_of_retirement,
    EndedReport: lambda _report: View(findings=(), vouches=lambda _finding, _present: False),
}


def view_of(report: AnyReport, memory: Memory) -> View:
    """What `report` says, given what ops know."""
    if isinstance(report, Report):
        return view_of_network(report, memory)
    return _VIEWS[type(report)](report)
