"""What the workflow hands to the planning step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from autopilot.interfaces.outcome import Outcome
from autopilot.interfaces.scope import EVERYWHERE, InterfaceScope
from autopilot.reconcile.request import Trigger


@dataclass(frozen=True)
class InterfaceRequest:
    """One look. `expect`: what it must show before it is believed (see `visible`).

    `round_number`: 1 for the first look of an execution. `waits`: how often it has waited since for
    what is under way. `outcomes`: of all rounds so far, in order. `execution`: its ARN, "" outside
    of one.
    """

    trigger: Trigger = "person"
    scope: InterfaceScope = EVERYWHERE
    expect: tuple[str, ...] = ()
    round_number: int = 1
    waits: int = 0
    outcomes: tuple[Outcome, ...] = ()
    execution: str = ""

    @property
    def looks(self) -> int:
        """How many looks this is, those after a wait included."""
        return self.round_number + self.waits

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> InterfaceRequest:
        """Read the step's input; whatever lacks has its default, so a person may send {}.

        Raises ValueError or KeyError, naming what it can't read.
        """
        trigger = data.get("trigger", "person")
        if trigger not in get_args(Trigger):
            raise ValueError(f'trigger is "{trigger}"; write one of {", ".join(get_args(Trigger))}')
        return InterfaceRequest(
            trigger=trigger,
            scope=InterfaceScope.from_json(data.get("scope", "all")),
            expect=tuple(data.get("expect", ())),
            round_number=int(data.get("round", 1)),
            waits=int(data.get("waits", 0)),
            outcomes=tuple(map(Outcome.from_json, data.get("outcomes", ()))),
            execution=data.get("execution", ""),
        )
