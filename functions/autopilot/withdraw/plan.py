"""The plan of a withdrawal: what gives way, what stays and why, when to look again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from autopilot.reconcile.plan import Plan
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.report import Report, Workflow
from autopilot.reconcile.request import Round, Trigger
from autopilot.withdraw.events import Demand

Left = Literal[
    "gone already",
    "shared by another account",
    "nothing to remove there",
    "others are in the way too",
    "serves somebody still",
    "our own group",
    "left in vain before",
    "an old refusal",
    "audit mode",
    "tried already",
    "too many at once",
]


@dataclass(frozen=True)
class NetworkLook:
    """When, in seconds from now, the network is to be looked at again, and which VPCs; 0: never."""

    seconds: int = 0
    vpc_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class WithdrawalPlan(Plan[Removal, Left]):
    """What one look comes to. `left` counts demands and removals.

    `waiting`: what must show, or be gone, before the look is worth anything: ids of removals that
    were done, or of endpoints that are going.
    """

    again: NetworkLook = NetworkLook()
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WithdrawalRequest(Round[RemovalOutcome]):
    """One look at what was refused.

    `patient`: whether to wait for what was done to show, and for endpoints that are going.
    """

    demands: tuple[Demand, ...] = ()
    patient: bool = True


@dataclass(frozen=True)
class WithdrawalReport(Report[WithdrawalPlan, RemovalOutcome]):
    """One execution of the workflow, as it reports at its end."""

    workflow: ClassVar[Workflow] = "withdraw"
    trigger: Trigger = field(default="event", init=False)
