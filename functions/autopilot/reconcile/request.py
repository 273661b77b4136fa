"""What a workflow hands to its steps.

A workflow's own request names its scope with a default, so that a person may send {}, and what else
it is told. What is no look at a scope (a withdrawal) is a `Round`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from autopilot.reconcile.codec import named
from autopilot.reconcile.outcome import ItemT, OutcomeT
from autopilot.reconcile.scope import Scope

Trigger = Literal["event", "sweep", "window", "person"]
ScopeT = TypeVar("ScopeT", bound=Scope, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Round(Generic[OutcomeT]):
    """One look of an execution, the first with the number 1.

    `outcomes`: of all rounds so far, in order. `execution`: its ARN, "" outside of one.
    """

    round_number: int = field(default=1, metadata=named("round"))
    outcomes: tuple[OutcomeT, ...] = ()
    execution: str = ""


@dataclass(frozen=True, kw_only=True)
class Request(Round[OutcomeT], Generic[ScopeT, OutcomeT]):
    """One look at a scope.

    `expect`: what it must show before it is believed (see `autopilot.reconcile.visible`).
    """

    trigger: Trigger = "person"
    scope: ScopeT
    expect: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change(Generic[ItemT]):
    """One item of the plan to carry out."""

    item: ItemT
    execution: str = ""
