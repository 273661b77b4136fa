"""What one look is asked for, and what it has to go by."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.outcome import tries
from autopilot.reconcile.quota import INTERFACES_IN_A_VPC, Limit
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import ALL_INTERFACES, InterfaceScope


@dataclass(frozen=True, kw_only=True)
class InterfaceRequest(Request[InterfaceScope, InterfaceOutcome]):
    """One look at interface endpoints, anywhere unless a scope is given.

    `waits`: how often the execution has waited for what is under way.
    """

    scope: InterfaceScope = ALL_INTERFACES
    waits: int = 0

    @property
    def looks(self) -> int:
        """How many looks this is, those after a wait included."""
        return self.round_number + self.waits


@dataclass(frozen=True)
class Situation:
    """All that a decision may look at.

    `withdrawn`: ids of VPCs and subnets that somebody is deleting: they are left alone. `told`: ids
    of the findings that ops know. `limit`: each VPC's quota. `hour`: the present one, in any form.
    """

    facts: Facts
    policy: Policy
    stack: StackIdentity
    request: InterfaceRequest = InterfaceRequest()
    withdrawn: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    limit: Limit = INTERFACES_IN_A_VPC
    hour: str = ""

    @property
    def scheduled(self) -> bool:
        """Whether a sweep or a person asked for this look, and no event."""
        return self.request.trigger in ("sweep", "person")

    def tries(self, item_id: str) -> tuple[InterfaceOutcome, ...]:
        """The outcomes of an item so far."""
        return tries(self.request.outcomes, item_id)
