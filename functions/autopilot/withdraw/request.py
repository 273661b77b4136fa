"""What the workflow hands to the step that plans what gives way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.reconcile.removal import RemovalOutcome
from autopilot.withdraw.events import Demand


@dataclass(frozen=True)
class WithdrawalRequest:
    """One look; `round_number` and `outcomes` as in `PlanRequest`.

    `patient`: whether to wait for what was done to show, and for endpoints that are going.
    """

    demands: tuple[Demand, ...] = ()
    round_number: int = 1
    outcomes: tuple[RemovalOutcome, ...] = ()
    patient: bool = True
    execution: str = ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> WithdrawalRequest:
        """Read the step's input. Raises ValueError or KeyError, naming what it can't read."""
        return WithdrawalRequest(
            demands=tuple(map(Demand.from_json, data.get("demands", ()))),
            round_number=int(data.get("round", 1)),
            outcomes=tuple(map(RemovalOutcome.from_json, data.get("outcomes", ()))),
            patient=bool(data.get("patient", True)),
            execution=data.get("execution", ""),
        )
