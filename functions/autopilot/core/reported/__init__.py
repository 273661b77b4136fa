"""What a workflow reports, put the same way whichever workflow it is."""

from __future__ import annotations

from typing import assert_never

from autopilot.core.memory import Memory
from autopilot.core.removal_reports import RetirementReport, WithdrawalReport
from autopilot.core.report import AnyReport, ConnectionReport, HoldReport, Report
from autopilot.core.reported.connections import view_of_connections
from autopilot.core.reported.hold import view_of_hold
from autopilot.core.reported.network import view_of_network
from autopilot.core.reported.removals import view_of_retirement, view_of_withdrawal
from autopilot.core.reported.view import View

__all__ = ["View", "view_of"]


def view_of(report: AnyReport, memory: Memory) -> View:
    """What `report` says, given what ops know."""
    match report:
        case Report():
            return view_of_network(report, memory)
        case ConnectionReport():
            return view_of_connections(report)
        case HoldReport():
            return view_of_hold(report)
        case WithdrawalReport():
            return view_of_withdrawal(report)
        case RetirementReport():
            return view_of_retirement(report)
        case unknown:
            assert_never(unknown)
