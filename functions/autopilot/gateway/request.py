"""What the workflow hands to the planning step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from autopilot.gateway.outcome import Outcome
from autopilot.gateway.scope import EVERYTHING, Scope

Trigger = Literal["event", "sweep", "window", "person"]


@dataclass(frozen=True)
class PlanRequest:
    """One look at the network.

    `expect`: what the survey must show before it is believed (see `autopilot.gateway.visible`).
    `round_number`: 1 for the first look of an execution. `outcomes`: of all rounds so far, in
    order. `execution`: ARN of the execution, "" outside of one. `made_by_stacks`: ids of VPCs and
    tables that CloudFormation called for.
    """

    trigger: Trigger = "person"
    scope: Scope = EVERYTHING
    expect: tuple[str, ...] = ()
    round_number: int = 1
    outcomes: tuple[Outcome, ...] = ()
    execution: str = ""
    made_by_stacks: tuple[str, ...] = ()

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> PlanRequest:
        """Read the step's input; whatever lacks has its default, so a person may send {}.

        Raises ValueError or KeyError, naming what it can't read.
        """
        trigger = data.get("trigger", "person")
        if trigger not in get_args(Trigger):
            raise ValueError(f'trigger is "{trigger}"; write one of {", ".join(get_args(Trigger))}')
        return PlanRequest(
            trigger=trigger,
            scope=Scope.from_json(data.get("scope", "all")),
            expect=tuple(data.get("expect", ())),
            round_number=int(data.get("round", 1)),
            outcomes=tuple(Outcome.from_json(outcome) for outcome in data.get("outcomes", ())),
            execution=data.get("execution", ""),
            made_by_stacks=tuple(data.get("made_by_stacks", ())),
        )
