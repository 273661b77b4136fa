"""The plan of leaving: what there is of ours, what goes now, what can't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autopilot.notify.finding import Finding
from autopilot.reconcile.removal import Removal, RemovalOutcome

Refusal = Literal["", "not confirmed", "the mode is enforce"]


@dataclass(frozen=True)
class UninstallPlan:
    """What one look comes to.

    `things`: a line for each thing of ours, 500 at most; `count`: how many there are. `refused`:
    why nothing goes, "" if it does. `more`: how many things another execution must remove.
    `waiting`: as in `WithdrawalPlan`.
    """

    items: tuple[Removal, ...] = ()
    findings: tuple[Finding, ...] = ()
    things: tuple[str, ...] = ()
    count: int = 0
    refused: Refusal = ""
    more: int = 0
    waiting: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "items": [item.to_json() for item in self.items],
            "findings": [finding.to_json() for finding in self.findings],
            "things": list(self.things),
            "count": self.count,
            "refused": self.refused,
            "more": self.more,
            "waiting": list(self.waiting),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> UninstallPlan:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return UninstallPlan(
            items=tuple(map(Removal.from_json, data["items"])),
            findings=tuple(map(Finding.from_json, data["findings"])),
            things=tuple(data["things"]),
            count=data["count"],
            refused=data["refused"],
            more=data["more"],
            waiting=tuple(data["waiting"]),
        )


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
