"""What fits into one plan of connections: a state of the workflow carries 256 KiB, all in all."""

from __future__ import annotations

import json
from collections.abc import Sequence

from autopilot.connections.facts import ConnectionFacts
from autopilot.gateway.plan import LookedAt
from autopilot.notify.finding import Finding

# Bytes. The rest is for 200 answers with their reasons, and for 100 holds.
_MOST_FINDINGS = 80_000


def tellable(
    findings: Sequence[Finding], facts: ConnectionFacts
) -> tuple[tuple[Finding, ...], LookedAt]:
    """The findings that fit, and the services whose findings they all are.

    A service that has others, too, counts as not looked at: nothing of it is taken back.
    """
    room = _MOST_FINDINGS
    told: list[Finding] = []
    without: set[str] = set()
    for finding in sorted(findings, key=lambda finding: finding.id):
        room -= len(json.dumps(finding.to_json()))
        if room >= 0:
            told.append(finding)
        else:
            without.add(finding.subject.split("/")[0])
    if not without:
        return tuple(told), facts.looked_at
    everything = facts.looked_at == "all"
    seen = [service.id for service in facts.services] if everything else facts.looked_at
    return tuple(told), tuple(sorted(set(seen) - without))
