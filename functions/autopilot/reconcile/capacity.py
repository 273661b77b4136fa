"""What fits into one plan: a state of the workflow carries 256 KiB, all in all."""

from __future__ import annotations

import json
from collections.abc import Iterable

from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import encode
from autopilot.reconcile.plan import LookedAt

# Bytes. The telling step gets the findings and every outcome in one input.
_MOST_FINDINGS = 100_000
_FOR_BOTH = 200_000


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
