"""What one look is asked for and has to go by, and whether it shows what must be there."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.policy.model import Policy
from autopilot.reconcile import visible
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.outcome import tries
from autopilot.reconcile.quota import INTERFACES_IN_A_VPC, Limit
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import Scope


@dataclass(frozen=True)
class InterfaceScope(Scope):
    """VPCs, named by themselves or by a subnet, an interface endpoint or a group in them."""

    vpc_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()


EVERYWHERE = InterfaceScope(everything=True)


@dataclass(frozen=True, kw_only=True)
class InterfaceRequest(Request[InterfaceScope, InterfaceOutcome]):
    """One look at interface endpoints, anywhere unless a scope is given.

    `waits`: how often the execution has waited for what is under way.
    """

    scope: InterfaceScope = EVERYWHERE
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


def unseen(facts: Facts, request: InterfaceRequest) -> tuple[str, ...]:
    """Those of the expectations that the look doesn't show yet: AWS is eventually consistent.

    Beside items and `gone`, it is the ids of VPCs, subnets, endpoints and a VPC's blocks.
    """
    living = {endpoint.id for endpoint in facts.endpoints if endpoint.lives}
    blocks = {id_ for vpc in facts.vpcs for id_ in vpc.associations}
    seen = {vpc.id for vpc in facts.vpcs} | {subnet.id for subnet in facts.subnets} | blocks
    seen |= {endpoint.id for endpoint in facts.endpoints} | {group.id for group in facts.groups}
    return visible.unseen(
        request.expect,
        request.outcomes,
        seen=seen,
        serving=living | blocks,
        shows=lambda outcome: _shows(facts, seen, living, outcome),
    )


def _shows(facts: Facts, seen: set[str], living: set[str], outcome: InterfaceOutcome) -> bool:
    item = outcome.item
    if item.vpc_id not in seen or item.kind == "parameter":
        return True
    if outcome.result == "stale":
        return _explained(facts, outcome)
    if outcome.result == "failed" or item.action == "modify":
        return True
    return (item.resource_id in seen) if item.action == "create" else item.resource_id not in living


def _explained(facts: Facts, outcome: InterfaceOutcome) -> bool:
    """Whether the look shows who was faster: else the same would be planned again.

    A token used with other parameters means that another execution made, or makes, the endpoint.
    """
    if outcome.error != "ParameterMismatch":
        return True
    there = facts.endpoints_in(outcome.item.vpc_id)
    return any(e.lives and e.service_name == outcome.item.service_name for e in there)
