"""What the network workflow would do: gateway endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from plan_network import planned

from autopilot.aws import network as network_now
from autopilot.aws import quotas
from autopilot.aws.network import Network
from autopilot.foreseen.missing import missing_in
from autopilot.foreseen.model import Action, Part, Told, document_in, named
from autopilot.gateway import grace
from autopilot.gateway.desired import desired_in
from autopilot.gateway.facts import Facts
from autopilot.gateway.limits import may_change_busy
from autopilot.gateway.plan import Item, NetworkRequest
from autopilot.notify.ledger import Rows
from autopilot.notify.phrases import listed
from autopilot.policy.model import Policy
from autopilot.policy.names import proper_name
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import Limit

_DROPS = "drops open connections to {}, once, where a table is in use"


def foresee(
    policy: Policy,
    us: StackIdentity,
    ledger: Rows,
    now: datetime,
    *,
    network: Network = network_now,
    limit: Callable[[], Limit] = quotas.gateway_endpoints,
) -> Part:
    """Everything, also what one execution leaves to the next. Raises AwsErrors."""
    seen, drafted, quota, made = planned(
        NetworkRequest(), policy, us, ledger, now, network=network, limit=limit
    )
    facts = seen.facts
    creates = drafted.creates[: max(0, quota.value - facts.in_use)]
    return Part(
        "network",
        actions=tuple(
            _action(item, policy, _drops(item, seen.facts, policy, now))
            for item in (*drafted.modifies, *creates)
        ),
        findings=made.findings,
        told=tuple(_in_grace(facts, ledger, policy, us, now)),
        unseen=missing_in("the quota of gateway endpoints", quota.why_not_read),
        names={vpc.id: named(vpc.tags) for vpc in facts.vpcs},
        left=made.left,
    )


def _drops(item: Item, facts: Facts, policy: Policy, now: datetime) -> bool:
    """Whether attaching may drop open connections. With busy_route_tables: now nobody asks which
    tables are busy, and each may be.
    """
    return may_change_busy(policy.gateway_endpoints, now) and any(
        table.id in item.route_table_ids and facts.is_busy(table) for table in facts.route_tables
    )


def _action(item: Item, policy: Policy, drops: bool) -> Action:
    content = encode(item) | (document_in(policy, item.endpoint_policy) if item.set_policy else {})
    return Action(
        "network",
        place=item.vpc_id,
        service=item.service,
        verb=item.action,
        id=item.id,
        what=_what(item) + (f" ({_DROPS.format(proper_name(item.service))})" if drops else ""),
        reason=item.reason,
        content={k: v for k, v in content.items() if k not in ("reason", "cause")},
    )


def _what(item: Item) -> str:
    service, tables = proper_name(item.service), listed(item.route_table_ids)
    if item.endpoint_id is None:
        return f"make a gateway endpoint for {service}, for {tables}"
    parts = [f"give {tables} a route to {service} by {item.endpoint_id}"] if tables else []
    if item.set_policy:
        parts.append(f"write the policy of {item.endpoint_id}")
    return " and ".join(parts)


def _in_grace(
    facts: Facts, ledger: Rows, policy: Policy, us: StackIdentity, now: datetime
) -> Iterator[Told]:
    """The tables that are new and wait for an endpoint of their own tool."""
    desired = desired_in(facts, policy, us)
    if not desired.missing:
        return
    graced = grace.candidates(desired, facts, policy, us, ())
    missing = {
        table.id
        for each in desired.endpoints
        for table in each.missing
        if not each.served_by_others
    }
    waiting = grace.waits(graced, ledger.rows(grace.FIRST_SEEN), execution="", now=now)
    for table in facts.route_tables:
        if table.id in missing and table.id in waiting.until:
            until = waiting.until[table.id].isoformat(timespec="seconds")
            yield Told(
                "network",
                id=f"InGrace/{table.id}",
                kind="InGrace",
                severity="info",
                place=table.vpc_id,
                headline="A route table is new, and waits for an endpoint of its own tool",
                line=f"{table.id} gets its routes after {until} at the latest",
            )
