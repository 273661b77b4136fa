"""The decision: from how things stand and what the policy wants to the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.gateway import limits, messages
from autopilot.gateway.busy import is_busy, may_change_busy, waits_until
from autopilot.gateway.desired import DesiredEndpoint, changes, in_order, needs
from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import Item, Left, NetworkPlan, NetworkRequest, QuotaUse
from autopilot.gateway.rivals import AT_MOST
from autopilot.notify.finding import Finding
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import Limit
from autopilot.reconcile.rounds import counted, stale_to_the_end, tellable


@dataclass(frozen=True)
class Draft:
    """All that the policy wants now, before the quota and the rounds have their say."""

    modifies: tuple[Item, ...]
    creates: tuple[Item, ...]
    findings: tuple[Finding, ...]
    left: Mapping[Left, int]


def vpcs_to_probe(facts: Facts, policy: Policy, us: StackIdentity) -> tuple[str, ...]:
    """The VPCs whose network interfaces decide something: a table has no endpoint there."""
    if policy.gateway_endpoints.busy_route_tables == "now":
        return ()
    wanting, _ = needs(facts, policy, us)
    return tuple(dict.fromkeys(need.vpc_id for need in wanting if need.missing))


def draft(
    facts: Facts, policy: Policy, us: StackIdentity, now: datetime, expect: frozenset[str]
) -> Draft:
    """What the policy wants. `now` bears a time zone; `expect`: ids that events called new."""
    wanting, left = needs(facts, policy, us)
    items: list[Item] = []
    findings: list[Finding] = []
    for need in wanting:
        findings += _told(need, policy)
        if need.broken and need.ours is None:
            # Another one beside it would fail too, each time, and eat the quota.
            left["our endpoint failed"] += len(need.missing)
            continue
        waiting = _waiting(need, facts, policy, now)
        left["busy"] += len(waiting)
        findings += _busy(need, waiting, policy, now)
        tables = [table.id for table in need.missing if table.id not in waiting]
        items += changes(need, tables, policy, expect)
    return Draft(
        modifies=tuple(item for item in items if item.action == "modify"),
        creates=in_order((item for item in items if item.action == "create"), facts),
        findings=tuple(findings),
        left=left,
    )


def limit_matters(wanted: Draft, facts: Facts) -> bool:
    """Whether to ask for the quota that applies: else the default tells enough."""
    return limits.worth_asking(limits.used(facts), len(wanted.creates))


def plan(
    wanted: Draft,
    request: NetworkRequest,
    facts: Facts,
    policy: Policy,
    us: StackIdentity,
    limit: Limit,
) -> NetworkPlan:
    """The plan for this look: what it changes, what ops should know, what it leaves and why."""
    in_use, audit = limits.used(facts), policy.mode == "audit"
    creates, undone = limits.split(wanted.creates, in_use, limit)
    allowed = wanted.modifies + creates
    items = () if audit else limits.in_turn(allowed, request)
    more = 0 if audit else limits.more(allowed, items, request)
    findings = (
        *wanted.findings,
        *limits.quota_findings(us.region, in_use, len(creates), limit, undone),
        *_of_changes(allowed, request, audit),
    )
    seen = [vpc.id for vpc in facts.vpcs]
    told, looked_at = tellable(findings, "vpc_id", seen, facts.looked_at, request.outcomes)
    left = Counter(wanted.left)
    left["quota reached"] += len(undone)
    left["audit mode" if audit else "tried already"] += len(allowed) - len(items) - more
    left["too many findings at once"] += len(findings) - len(told)
    return NetworkPlan(
        *(items, told, looked_at, counted(left), more),
        expect=tuple(dict.fromkeys((*request.expect, *(item.id for item in items)))),
        quota=QuotaUse(in_use, limit.value),
    )


def _of_changes(
    allowed: tuple[Item, ...], request: NetworkRequest, audit: bool
) -> tuple[Finding, ...]:
    """What is only announced, or was tried to the end."""
    if audit:
        return tuple(map(_announced, allowed))
    return tuple(map(messages.change_failed, stale_to_the_end(allowed, request)))


def _waiting(need: DesiredEndpoint, facts: Facts, policy: Policy, now: datetime) -> tuple[str, ...]:
    if may_change_busy(policy.gateway_endpoints, now):
        return ()
    return tuple(table.id for table in need.missing if is_busy(facts, table))


def _busy(
    need: DesiredEndpoint, waiting: tuple[str, ...], policy: Policy, now: datetime
) -> list[Finding]:
    if not waiting:
        return []
    until = waits_until(policy.gateway_endpoints, now)
    data = {"endpoint_id": need.ours_id, "route_table_ids": list(waiting), "until": until}
    return [messages.ROUTE_TABLE_BUSY.about(need.subject, data, "info" if until else None)]


def _told(need: DesiredEndpoint, policy: Policy) -> Iterator[Finding]:
    """What ops should know whatever becomes of the need."""
    for failed in need.broken[:1]:  # a person deletes the oldest, and the next one shows
        data: dict[str, Any] = {"endpoint_id": failed.id, "state": failed.state}
        yield messages.ENDPOINT_FAILED.about(need.subject, data)
    if need.foreign:
        # What others' endpoints let through is theirs to say; ops may think that it was settled.
        others = [endpoint.id for endpoint in need.foreign]
        wanted = policy.gateway_endpoints.endpoint_policy
        data = {"endpoint_ids": others, "endpoint_policy": wanted}
        yield messages.FOREIGN_POLICY.about(need.subject, data)
    if need.taken:
        tables = [table.id for table in need.taken]
        data = {"endpoint_id": need.ours_id, "route_table_ids": tables, "times": AT_MOST}
        yield messages.ROUTE_TAKEN_AWAY.about(need.subject, data)


def _announced(item: Item) -> Finding:
    data = {
        "action": item.action,
        "endpoint_id": item.endpoint_id,
        "route_table_ids": list(item.route_table_ids),
        "set_policy": item.set_policy,
        "reason": item.reason,
    }
    return messages.PLANNED_CHANGE.about(item.id, data)
