"""Reads what costs are made of: endpoints and networks as the overview does, and their metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from autopilot.aws import traffic
from autopilot.aws.asked import Asked
from autopilot.aws.overview import listed
from autopilot.interfaces.idle import WHOLE, Readings, Traffic, Window, verdicts
from autopilot.interfaces.retirement import RETIRED, anew, retirement
from autopilot.notify.ledger import Row
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.spend.costs import costs
from autopilot.spend.facts import Facts, Measured, unused_of
from autopilot.spend.model import Costs
from autopilot.view.seen import Seen, Source

# Beside interface endpoints: each is two queries, of which one call takes 500.
_MOST_NATS = 200
_SOURCES: frozenset[Source] = frozenset(
    {
        *("VPCs", "subnets", "route tables", "VPC endpoints"),
        *("endpoint services", "connections", "metrics", "the ledger"),
    }
)


class Ledger(Protocol):
    """The ledger's rows by partition."""

    def partitions(self, pks: Sequence[str]) -> Mapping[str, tuple[Row, ...]]:
        """All rows of these partitions."""


def spending(policy: Policy, stack: StackIdentity, ledger: Ledger | None, now: datetime) -> Costs:
    """The costs as they stand. Raises no AwsError: what couldn't be read is `unread` in it.

    The ledger, where there is one, knows what was brought back: asked only where idle ones go.
    """
    asked = Asked(_SOURCES)
    network, interfaces, services = listed(asked)
    rows: tuple[Row, ...] = ()
    if ledger is not None and policy.retire_interfaces == "idle":
        rows = asked.one("the ledger", lambda: ledger.partitions([RETIRED])[RETIRED], rows)
    return _measured(Facts(stack, policy, now, interfaces, network, services), asked, rows)


def spending_of(seen: Seen) -> Costs:
    """The costs of what an overview has read: only metrics are read anew."""
    asked = Asked(_SOURCES, {**seen.unread})
    facts = Facts(
        seen.stack, seen.policy, seen.now, seen.interfaces, seen.network, seen.connections
    )
    return _measured(facts, asked, seen.rows.get(RETIRED, ()))


def _measured(facts: Facts, asked: Asked, retired: tuple[Row, ...]) -> Costs:
    window = Window(
        length=timedelta(days=facts.policy.idle.after_days),
        now=facts.now,
        region=facts.stack.region,
        keep_tags=facts.policy.idle.keep_tags,
        vpc_tags={vpc.id: vpc.tags for vpc in facts.interfaces.vpcs},
        anew=anew({row.key.sk: retirement(row) for row in retired}),
    )
    endpoints = facts.interfaces.endpoints
    readings = traffic.of_endpoints(endpoints, window.start, facts.now)
    if readings.failure:
        asked.unread["metrics"] = readings.failure
    seen = replace(
        facts,
        measured=Measured(
            start=None if readings.failure else window.start,
            endpoints=_bytes(readings),
            nats=_nats(facts, window, asked),
        ),
        unused=()
        if _may_be_kept(facts.policy, asked)
        else unused_of(verdicts(endpoints, readings, window)),
    )
    return costs(replace(seen, unread={str(what): why for what, why in asked.unread.items()}))


def _may_be_kept(policy: Policy, asked: Asked) -> bool:
    """Whether what wasn't read could say that an endpoint is not idle: its VPC's tags, or that it
    was brought back."""
    tags = bool(policy.idle.keep_tags) and "VPCs" in asked.unread
    return tags or (policy.retire_interfaces == "idle" and "the ledger" in asked.unread)


def _bytes(readings: Readings) -> dict[str, int]:
    """By endpoint, as far as CloudWatch answers in full."""
    whole = {id_: each for (id_, place), each in readings.bytes.items() if place == WHOLE}
    return {id_: round(each.total) for id_, each in whole.items() if each.complete}


def _nats(facts: Facts, window: Window, asked: Asked) -> dict[str, int]:
    """What NAT gateways processed, both ways: a GB is billed whichever way it goes."""
    ids = {nat for vpc in facts.network.vpcs for nat in facts.nats_of(vpc.id)}
    if not ids or "metrics" in asked.unread:
        return {}
    some = sorted(ids)[:_MOST_NATS]
    nothing: Mapping[str, tuple[Traffic, Traffic]] = {}
    found = asked.one(
        "metrics", lambda: traffic.of_nat_gateways(some, window.start, facts.now), nothing
    )
    return {id_: round(out.total + back.total) for id_, (out, back) in found.items()}
