"""The plan: what to change, what ops should know, what was left alone and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import encode
from autopilot.reconcile.outcome import ItemT

LookedAt = Literal["all"] | tuple[str, ...]
"""What the findings of a look speak for: all, or subjects; what it doesn't find there is gone."""

LeftT = TypeVar("LeftT", bound=str)

# Bytes. A state of the workflow carries 256 KiB, and the telling step gets the findings and every
# outcome in one input.
_MOST_FINDINGS = 100_000
_FOR_BOTH = 200_000


@dataclass(frozen=True)
class Plan(Generic[ItemT, LeftT]):
    """What one look comes to.

    `left`: how many things were left alone, by reason. `more`: how many changes this execution must
    leave to another. `expect`: what the next look must show before it can be trusted, ids of things
    and of items. `names`: Name tags, by the ids of what all that is about.
    """

    items: tuple[ItemT, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_at: LookedAt = ()
    left: Mapping[LeftT, int] = field(default_factory=dict)
    more: int = 0
    expect: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, kw_only=True)


def counted(left: Mapping[LeftT, int]) -> dict[LeftT, int]:
    """`left` without what nothing was left for, by reason."""
    return {reason: count for reason, count in sorted(left.items()) if count}


def tellable(
    findings: Iterable[Finding],
    outcomes: Iterable[object],
    vpc_ids: Iterable[str],
    looked_at: LookedAt,
) -> tuple[tuple[Finding, ...], LookedAt]:
    """The findings that fit beside the outcomes, and the VPCs that they speak for.

    A VPC whose findings don't fit counts as not looked at: its findings are neither told nor taken
    back, and have their turn when the first ones are gone.
    """
    room = min(_MOST_FINDINGS, _FOR_BOTH - sum(_size(outcome) for outcome in outcomes))
    taken: list[Finding] = []
    without: set[str] = set()
    for finding in sorted(findings, key=lambda finding: (finding.vpc_id or "", finding.id)):
        room -= _size(finding)
        if finding.vpc_id is None or room >= 0:
            taken.append(finding)
        else:
            without.add(finding.vpc_id)
    if not without:
        return tuple(taken), looked_at
    kept = tuple(finding for finding in taken if finding.vpc_id not in without)
    return kept, tuple(sorted(set(vpc_ids) - without))


def _size(thing: object) -> int:
    return len(json.dumps(encode(thing)))
