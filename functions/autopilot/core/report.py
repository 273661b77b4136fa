"""What the workflow reports to the record step at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.core.outcome import Outcome
from autopilot.core.plan import NetworkPlan
from autopilot.core.request import Trigger


@dataclass(frozen=True)
class Failure:
    """The state that ended the workflow early, the error's name, and its cause in words."""

    state: str
    error: str
    cause: str

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Failure:
        """Read the workflow's words; AWS leaves the cause of some errors out."""
        return Failure(
            str(data.get("state") or "?"),
            str(data.get("error") or "?"),
            _words(str(data.get("cause") or "")),
        )


@dataclass(frozen=True)
class Report:
    """One execution, looked back upon: its last look, what it did, and how it ended.

    `plan` is None when no look succeeded. `outcomes` are those of all rounds, in order.
    """

    execution: str
    trigger: Trigger
    plan: NetworkPlan | None = None
    outcomes: tuple[Outcome, ...] = ()
    failure: Failure | None = None

    @property
    def went_well(self) -> bool:
        """Whether the execution looked to its end; a change that failed is no matter here."""
        return self.failure is None and self.plan is not None

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Report:
        """Read the step's input. Raises KeyError if a key of it or of a part lacks."""
        plan, failure = data.get("plan"), data.get("failure")
        return Report(
            execution=data["execution"],
            trigger=data["trigger"],
            plan=NetworkPlan.from_json(plan) if plan else None,
            outcomes=tuple(Outcome.from_json(outcome) for outcome in data.get("outcomes") or ()),
            failure=Failure.from_json(failure) if failure else None,
        )


def _words(cause: str) -> str:
    """The errorMessage of a Lambda's error document; any other text as it is."""
    try:
        words = json.loads(cause)["errorMessage"]
    except (ValueError, KeyError, TypeError):
        return cause
    return str(words)
