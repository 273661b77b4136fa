"""How long a new account waits until it is served: each step, and how we know it."""

from __future__ import annotations

from dataclasses import dataclass

from bench.fleet.calls import least
from infra.policy_file import Configuration
from infra.triggers import MOST_SPREAD


@dataclass(frozen=True)
class Step:
    """Minutes that it takes at most, and where they are from."""

    what: str
    minutes: float
    source: str


def steps() -> tuple[Step, ...]:
    """From the account's coming into the unit on; no other operation is under way."""
    sweep = min(MOST_SPREAD, Configuration().sweep_minutes // 4)
    return (
        Step("StackSets see that the account has come", 5, "believed: AWS promises no time"),
        Step("the stack is made, all Regions at once", 8, "believed: four to eight minutes"),
        Step("the first sweep begins", sweep, "infra/triggers.py: a rate begins at once"),
        Step("its endpoints are made", least() / 60 + 1, "the bucket, and a workflow's minute"),
    )


def total() -> float:
    """Minutes of all, at most."""
    return sum(step.minutes for step in steps())
