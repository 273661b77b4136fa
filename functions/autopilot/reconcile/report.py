"""What a workflow reports to the record step at its end; each one's own bears its name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from autopilot.reconcile.codec import prepared
from autopilot.reconcile.outcome import OutcomeT, last, words
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.request import Trigger

Workflow = Literal[
    "network", "connections", "hold", "services", "interfaces", "withdraw", "uninstall"
]


def _named(name: Any) -> str:
    return str(name or "?")


@dataclass(frozen=True)
class Failure:
    """The state that ended the workflow early, the error's name, and its cause in words.

    AWS leaves the cause of some errors out; of a Lambda's error document only the words count.
    """

    state: str = field(default="?", metadata=prepared(_named))
    error: str = field(default="?", metadata=prepared(_named))
    cause: str = field(default="", metadata=prepared(words))


def _whole(plan: Any) -> Any:
    """A plan without its findings must not say that all of them are over."""
    if plan and "findings" not in plan:
        raise KeyError("plan.findings")
    return plan


PlanT = TypeVar("PlanT", bound=Plan[Any, Any], covariant=True)


@dataclass(frozen=True)
class Report(Generic[PlanT, OutcomeT]):
    """One execution: its last look (None: none succeeded), what all rounds did, how it ended."""

    workflow: ClassVar[Workflow]
    execution: str
    trigger: Trigger
    plan: PlanT | None = field(default=None, metadata=prepared(_whole))
    outcomes: tuple[OutcomeT, ...] = ()
    failure: Failure | None = None

    @property
    def done(self) -> tuple[OutcomeT, ...]:
        """What was done, in all rounds."""
        return tuple(outcome for outcome in self.outcomes if outcome.result == "done")

    @property
    def failed(self) -> tuple[OutcomeT, ...]:
        """The last outcome of each change, if it is that it failed."""
        ended = last(self.outcomes).values()
        return tuple(outcome for outcome in ended if outcome.result == "failed")

    @property
    def went_well(self) -> bool:
        """Whether the execution looked to its end; a change that failed is no matter here."""
        return self.failure is None and self.plan is not None

    @property
    def goes_on(self) -> bool:
        """Whether this was not all: more is left, or it broke off."""
        return self.failure is not None or bool(self.plan and self.plan.more)

    @property
    def looked_at_all(self) -> bool:
        """Whether nothing was left out of sight."""
        return self.plan is not None and self.plan.looked_at == "all"
