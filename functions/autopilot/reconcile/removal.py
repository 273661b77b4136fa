"""The removal of a resource of the stack, or of a part of it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from autopilot.reconcile.codec import named
from autopilot.reconcile.outcome import Outcome

RemovalAction = Literal[
    "delete endpoint",
    "leave tables",
    "leave subnets",
    "drop groups",  # somebody else's security groups, from an endpoint of the stack
    "delete group",
    "delete service",
    "delete parameter",
]


@dataclass(frozen=True)
class Removal:
    """One removal; a parameter's `resource_id` is its name.

    `parts`: the tables, subnets or groups to take from it; `whole`: whether it may go itself once
    none is left. `vpc_id`, `service` (its full name): of an endpoint. `remember`: what the ledger
    must note as withdrawn `until` (ISO) before anything goes. `by`: the ARN of whoever asked for it
    by a call that failed.
    """

    action: RemovalAction
    resource_id: str = field(metadata=named("thing"))
    parts: tuple[str, ...] = ()
    whole: bool = False
    vpc_id: str = ""
    service: str = ""
    reason: str = ""
    by: str = ""
    remember: tuple[str, ...] = ()
    until: str = ""

    @property
    def id(self) -> str:
        """Stable within an execution: "vpce-1/leave tables"."""
        return f"{self.resource_id}/{self.action}"


@dataclass(frozen=True)
class RemovalOutcome(Outcome[Removal]):
    """A removal after it was tried.

    `deleted`: whether the resource itself went, with its last table or subnet for example.
    """

    deleted: bool = False
