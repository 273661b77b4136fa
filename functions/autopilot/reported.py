"""What a workflow reports, put the same way whichever workflow it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autopilot.connections.report import ConnectionReport, HoldReport
from autopilot.connections.reported import view_of_connections
from autopilot.connections.reported_hold import view_of_hold
from autopilot.gateway.plan import NetworkReport
from autopilot.gateway.reported import view_of_network
from autopilot.interfaces.report import InterfaceReport
from autopilot.interfaces.reported import view_of_interfaces
from autopilot.notify.ended import EndedReport
from autopilot.notify.ledger import Memory
from autopilot.notify.reported import View
from autopilot.services.report import ServicesReport
from autopilot.services.reported import view_of_services
from autopilot.uninstall.report import UninstallReport
from autopilot.uninstall.reported import view_of_uninstall
from autopilot.withdraw.report import WithdrawalReport
from autopilot.withdraw.reported import view_of_withdrawal
from autopilot.workflows import AnyReport

__all__ = ["View", "view_of"]


_VIEWS: Mapping[type[AnyReport], Callable[[Any], View]] = {
    ConnectionReport: view_of_connections,
    HoldReport: view_of_hold,
    ServicesReport: view_of_services,
    InterfaceReport: view_of_interfaces,
    WithdrawalReport: view_of_withdrawal,
    UninstallReport: view_of_uninstall,
    EndedReport: lambda _report: View(findings=(), can_resolve=lambda _finding, _present: False),
}


def view_of(report: AnyReport, memory: Memory) -> View:
    """What `report` says, given what ops know."""
    if isinstance(report, NetworkReport):
        return view_of_network(report, memory)
    return _VIEWS[type(report)](report)
