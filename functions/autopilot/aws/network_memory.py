"""What the ledger remembers of route tables: which are new and wait, which a rival gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from autopilot.aws.withdrawal_memory import Rows
from autopilot.gateway import grace, rivals
from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import Again
from autopilot.gateway.request import PlanRequest
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.withdrawn import WITHDRAWN, handed_over


def recalled(
    ledger: Rows,
    request: PlanRequest,
    facts: Facts,
    policy: Policy,
    us: StackIdentity,
    now: datetime,
) -> tuple[Facts, Again]:
    """The facts with what the ledger knows of their tables, and when to look at them again.

    What is seen for the first time is noted. Raises AwsError's subclasses.
    """
    facts = _with_rivals(ledger, request, facts, now)
    missing, execution = grace.missing(facts, policy, us), request.execution
    left = ledger.rows(WITHDRAWN)
    served = grace.served_by_others(facts, us)
    writes, anew = handed_over(left, served, missing, execution=execution, now=now)
    rows = ledger.rows(grace.FIRST_SEEN) if missing or facts.looked_at == "all" else ()
    if facts.looked_at == "all":
        kept = grace.familiar(facts, policy, us, rows, execution=execution, now=now)
        writes += tuple(w for w in kept if w.key.sk not in anew)
    if not missing:
        ledger.write(writes)
        return facts, Again()
    graced = grace.candidates(facts, policy, us, request.made_by_stacks)
    waiting = grace.waits(graced, rows, execution=execution, now=now, anew=anew)
    # Where a write is refused another look was faster: it wakes for the table at the same moment.
    ledger.write((*writes, *waiting.writes))
    facts = replace(facts, in_grace=frozenset(waiting.until))
    return facts, grace.again(waiting, facts, now, anew)


def _with_rivals(ledger: Rows, request: PlanRequest, facts: Facts, now: datetime) -> Facts:
    rows = ledger.rows(rivals.RESTORED)
    ledger.write(rivals.settled(rows, facts, execution=request.execution, now=now))
    return replace(facts, contested=rivals.contested(rows, now))
