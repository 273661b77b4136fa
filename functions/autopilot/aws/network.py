"""Looks at the network: how it stands, and what the ledger remembers of its route tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from autopilot.aws.errors import NotVisibleYet
from autopilot.aws.step import identity
from autopilot.gateway import grace, rivals
from autopilot.gateway.facts import Facts, unseen
from autopilot.gateway.plan import Item, NetworkRequest, NextLook
from autopilot.gateway.planning import vpcs_to_probe
from autopilot.gateway.recheck import Remaining, asks_who_is_busy, still_stands
from autopilot.notify.ledger import Row, Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import NetworkScope
from autopilot.reconcile.withdrawn import WITHDRAWN, handed_over, still_away, withdrawn


class Network(Protocol):
    """Reads how the network stands."""

    def survey(self, scope: NetworkScope) -> Facts:
        """VPCs, route tables and endpoints."""

    def of_vpc(self, vpc_id: str) -> Facts:
        """The VPC and its route tables."""

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The subnets with a network interface, by VPC."""


def look(
    request: NetworkRequest,
    network: Network,
    ledger: Rows,
    policy: Policy,
    us: StackIdentity,
    now: datetime,
) -> tuple[Facts, NextLook]:
    """The facts, and when to look at some of them again; what is seen first is noted.

    Raises NotVisibleYet while the survey is missing what must be there, AwsErrors.
    """
    facts = network.survey(request.scope)
    # After the survey: what is withdrawn stands in the ledger before it is missing from the facts.
    away = ledger.rows(WITHDRAWN)
    facts = replace(facts, withdrawn=still_away(away, now))
    if missing := unseen(facts, request.expect, request.outcomes):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing)}")
    rows = ledger.rows(rivals.RESTORED)
    ledger.write(rivals.settled(rows, facts, execution=request.execution, now=now))
    facts = replace(facts, contested=rivals.contested(rows, now))
    facts, again = _with_grace(request, facts, away, ledger, policy, us, now)
    if vpc_ids := vpcs_to_probe(facts, policy, us):
        facts = replace(facts, busy_subnets=network.busy_subnets(vpc_ids))
    return facts, again


def _with_grace(
    request: NetworkRequest,
    facts: Facts,
    away: Sequence[Row],
    ledger: Rows,
    policy: Policy,
    us: StackIdentity,
    now: datetime,
) -> tuple[Facts, NextLook]:
    missing, execution = grace.missing(facts, policy, us), request.execution
    served = grace.served_by_others(facts, us)
    writes, anew = handed_over(away, served, missing, execution=execution, now=now)
    rows = ledger.rows(grace.FIRST_SEEN) if missing or facts.looked_at == "all" else ()
    if facts.looked_at == "all":
        kept = grace.familiar(facts, policy, us, rows, execution=execution, now=now)
        writes += tuple(w for w in kept if w.key.sk not in anew)
    if not missing:
        ledger.write(writes)
        return facts, NextLook()
    graced = grace.candidates(facts, policy, us, request.made_by_stacks)
    waiting = grace.waits(graced, rows, execution=execution, now=now, anew=anew)
    # Where a write is refused another look was faster: it wakes for the table at the same moment.
    ledger.write((*writes, *waiting.writes))
    facts = replace(facts, in_grace=frozenset(waiting.until))
    return facts, grace.again(waiting, facts, now, anew)


def still(item: Item, network: Network, ledger: Rows, policy: Policy, now: datetime) -> Remaining:
    """The change as it still stands: minutes may have passed since the plan."""
    facts = replace(network.of_vpc(item.vpc_id), withdrawn=withdrawn(ledger, now))
    if asks_who_is_busy(item, policy, now):
        facts = replace(facts, busy_subnets=network.busy_subnets([item.vpc_id]))
    return still_stands(item, facts, policy, identity(), now)
