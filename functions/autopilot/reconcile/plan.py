"""The plan: what to change, what ops should know, what was left alone and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from autopilot.notify.finding import Finding
from autopilot.reconcile.outcome import ItemT

LookedAt = Literal["all"] | tuple[str, ...]
"""What the findings of a look speak for: all, or subjects; what it doesn't find there is gone."""

LeftT = TypeVar("LeftT", bound=str)


@dataclass(frozen=True)
class Plan(Generic[ItemT, LeftT]):
    """What one look comes to.

    `left`: how many things were left alone, by reason. `more`: how many changes this execution must
    leave to another. `expect`: what the next look must show before it can be trusted, ids of things
    and of items. `names`: Name tags, by the ids of what all that is about; `owners`: those ids, by
    the value of the tag that the policy calls the owner's.
    """

    items: tuple[ItemT, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_at: LookedAt = ()
    left: Mapping[LeftT, int] = field(default_factory=dict)
    more: int = 0
    expect: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)

    @property
    def spoken(self) -> tuple[object, ...]:
        """What of it speaks of things."""
        return (self.findings, self.items)
