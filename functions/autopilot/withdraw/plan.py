"""The plan of a withdrawal: what of ours gives way, what stays and why, when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from autopilot.notify.finding import Finding
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.withdraw.events import Demand

WithdrawalLeft = Literal[
    "gone already",
    "shared by another account",
    "nothing of ours there",
    "others are in the way too",
    "serves somebody still",
    "a group of ours",
    "left in vain before",
    "an old refusal",
    "audit mode",
    "tried already",
    "too many at once",
]


@dataclass(frozen=True)
class Again:
    """When, in seconds from now, the network is to be looked at again, and which VPCs; 0: never."""

    seconds: int = 0
    vpc_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class WithdrawalPlan:
    """What one look comes to. `left`: how many demands or removals were left, by reason.

    `waiting`: what must show, or be gone, before the look is worth anything: ids of removals that
    were done, or of endpoints that are going.
    """

    items: tuple[Removal, ...] = ()
    findings: tuple[Finding, ...] = ()
    left: Mapping[WithdrawalLeft, int] = field(default_factory=dict)
    again: Again = Again()
    waiting: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "items": [item.to_json() for item in self.items],
            "findings": [finding.to_json() for finding in self.findings],
            "left": dict(self.left),
            "again": {**asdict(self.again), "vpc_ids": list(self.again.vpc_ids)},
            "waiting": list(self.waiting),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> WithdrawalPlan:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        again = data["again"]
        return WithdrawalPlan(
            items=tuple(map(Removal.from_json, data["items"])),
            findings=tuple(map(Finding.from_json, data["findings"])),
            left=dict(data["left"]),
            again=Again(again["seconds"], tuple(again["vpc_ids"])),
            waiting=tuple(data["waiting"]),
        )


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
