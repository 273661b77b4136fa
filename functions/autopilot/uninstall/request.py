"""What the workflow hands to the step that plans the leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.reconcile.removal import RemovalOutcome


@dataclass(frozen=True)
class UninstallRequest:
    """One look. `confirm`: a person says that everything shall go; the rest as in
    `WithdrawalRequest`.
    """

    confirm: bool = False
    round_number: int = 1
    outcomes: tuple[RemovalOutcome, ...] = ()
    patient: bool = True
    execution: str = ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> UninstallRequest:
        """Read the step's input. Raises ValueError unless `confirm` is true or false."""
        confirm = data.get("confirm", False)
        if not isinstance(confirm, bool):
            raise ValueError(f"confirm is {confirm!r}; write true or false")
        return UninstallRequest(
            confirm=confirm,
            round_number=int(data.get("round", 1)),
            outcomes=tuple(map(RemovalOutcome.from_json, data.get("outcomes", ()))),
            patient=bool(data.get("patient", True)),
            execution=data.get("execution", ""),
        )
