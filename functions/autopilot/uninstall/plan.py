"""The plan of leaving: what there is of the stack, what goes now, what can't."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from autopilot.reconcile.codec import named
from autopilot.reconcile.plan import LookedAt, Plan
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.report import Report, Workflow
from autopilot.reconcile.request import Round, Trigger

Refusal = Literal["", "not confirmed", "the mode is enforce"]


@dataclass(frozen=True)
class UninstallPlan(Plan[Removal, str]):
    """What one look comes to.

    `lines`: one for each resource of the stack, 500 at most; `count`: how many there are.
    `refused`: why nothing goes, "" if it does. `waiting`: ids of removals that were done and don't
    show yet, and of endpoints that are going.
    """

    looked_at: LookedAt = "all"
    lines: tuple[str, ...] = field(default=(), metadata=named("things"))
    count: int = 0
    refused: Refusal = ""
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UninstallRequest(Round[RemovalOutcome]):
    """One look. `confirm`: a person says that everything shall go.

    `patient`: whether to wait for what was done to show, and for endpoints that are going.
    """

    confirm: bool = False
    patient: bool = True


@dataclass(frozen=True)
class UninstallReport(Report[UninstallPlan, RemovalOutcome]):
    """One execution of the workflow, as it reports at its end."""

    workflow: ClassVar[Workflow] = "uninstall"
    trigger: Trigger = field(default="person", init=False)
