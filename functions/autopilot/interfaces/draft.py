"""What the policy wants now: filled in VPC by VPC, before quota and rounds have their say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from autopilot.interfaces.desired import Left
from autopilot.interfaces.facts import Facts
from autopilot.interfaces.items import Item
from autopilot.interfaces.outcome import Outcome
from autopilot.notify.finding import Finding
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity


@dataclass(frozen=True)
class Situation:
    """All that a decision may look at.

    `withdrawn`: ids of VPCs and subnets that somebody is deleting: they are left alone. `told`: ids
    of the findings that ops know. `outcomes`: of this execution so far. `new`: ids that events
    called new or gone. `hour`: the present one, in any form. `scheduled`: whether a sweep or a
    person asked for this look, and no event.
    """

    facts: Facts
    policy: Policy
    us: StackIdentity
    withdrawn: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    outcomes: tuple[Outcome, ...] = ()
    new: frozenset[str] = frozenset()
    hour: str = ""
    scheduled: bool = True

    def of(self, item_id: str) -> Sequence[Outcome]:
        """The outcomes of an item so far."""
        return [outcome for outcome in self.outcomes if outcome.id == item_id]


@dataclass
class Draft:
    """Grows while the VPCs are gone through. `later`: changes that wait for a group to be there.

    `under_way`: whether something of ours is on its way that the next look will act upon. `ending`:
    whether something is being deleted after which there is something to do, whoever deletes it.
    """

    items: list[Item] = field(default_factory=list)
    later: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)
    groups: dict[tuple[str, str], bool] = field(default_factory=dict)
    under_way: bool = False
    ending: bool = False
