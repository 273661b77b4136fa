"""The decision: from what a look worked out and what the policy wants to the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.gateway import limits, messages
from autopilot.gateway.desired import DesiredEndpoint, Look
from autopilot.gateway.facts import Endpoint, Facts
from autopilot.gateway.plan import Cause, Item, Left, NetworkPlan, NetworkRequest, QuotaUse
from autopilot.gateway.rivals import AT_MOST
from autopilot.notify.finding import Finding
from autopilot.policy.document import FULL_ACCESS, same
from autopilot.policy.model import Policy
from autopilot.policy.names import proper_name
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import GATEWAYS_IN_A_REGION, Limit
from autopilot.reconcile.rounds import counted, tellable


@dataclass(frozen=True)
class Draft:
    """All that the policy wants now, before the quota and the rounds have their say."""

    modifies: tuple[Item, ...]
    creates: tuple[Item, ...]
    findings: tuple[Finding, ...]
    left: Mapping[Left, int]


def draft(seen: Look, policy: Policy, now: datetime, expect: frozenset[str]) -> Draft:
    """What the policy wants. `now` bears a time zone; `expect`: ids that events called new."""
    left = Counter(seen.desired.left)
    items: list[Item] = []
    findings: list[Finding] = []
    for desired in seen.desired.endpoints:
        findings += _told(desired, policy)
        if desired.broken and desired.ours is None:
            # Another one beside it would fail too, each time, and eat the quota.
            left["our endpoint failed"] += len(desired.missing)
            continue
        waiting = _waiting(desired, seen.facts, policy, now)
        left["busy"] += len(waiting)
        findings += _busy(desired, waiting, policy, now)
        tables = [table.id for table in desired.missing if table.id not in waiting]
        items += _changes(desired, tables, policy, expect)
    # Those first that complete a VPC which has an endpoint for another service: the quota cuts
    # this list, and better a VPC done than two half done.
    served = {e.vpc_id for e in seen.facts.endpoints if e.lives}
    creates = [item for item in items if item.action == "create"]
    return Draft(
        modifies=tuple(item for item in items if item.action == "modify"),
        creates=tuple(sorted(creates, key=lambda item: item.vpc_id not in served)),
        findings=tuple(findings),
        left=left,
    )


def limit_matters(wanted: Draft, facts: Facts) -> bool:
    """Whether to ask for the quota that applies: it is never below the default."""
    return GATEWAYS_IN_A_REGION.near(facts.in_use + len(wanted.creates))


def plan(
    wanted: Draft,
    seen: Look,
    request: NetworkRequest,
    policy: Policy,
    stack: StackIdentity,
    limit: Limit,
) -> NetworkPlan:
    """The plan for this look: what it changes, what ops should know, what it leaves and why."""
    facts, audit, in_use = seen.facts, policy.mode == "audit", seen.facts.in_use
    room = max(0, limit.value - in_use)
    creates, undone = wanted.creates[:room], wanted.creates[room:]
    allowed = wanted.modifies + creates
    items, more, given_up = limits.share(() if audit else allowed, request)
    findings = (
        *wanted.findings,
        *_of_quota(stack.region, in_use, len(creates), limit, undone),
        *(_announced(item) for item in allowed if audit),
        *(messages.CHANGE_FAILED.about(outcome.id, outcome.told) for outcome in given_up),
    )
    vpc_ids = [vpc.id for vpc in facts.vpcs]
    fitting, looked_at = tellable(findings, "vpc_id", vpc_ids, facts.looked_at, request.outcomes)
    left = Counter(wanted.left)
    left["quota reached"] += len(undone)
    left["audit mode" if audit else "tried already"] += len(allowed) - len(items) - more
    left["too many findings at once"] += len(findings) - len(fitting)
    expect = tuple(dict.fromkeys((*request.expect, *(item.id for item in items))))
    quota = QuotaUse(in_use, limit.value)
    return NetworkPlan(items, fitting, looked_at, counted(left), more, expect, quota, seen.again)


def _of_quota(
    region: str, in_use: int, wanted: int, limit: Limit, undone: Sequence[Item]
) -> Iterator[Finding]:
    """What ops should know of the quota: that it stops us, or else that it soon will."""
    data = limit.told(in_use, wanted, [item.id for item in undone])
    if undone:
        yield messages.QUOTA_REACHED.about(region, data)
    elif limit.near(in_use + wanted):
        yield messages.QUOTA_NEAR.about(region, data)


def _announced(item: Item) -> Finding:
    return messages.PLANNED_CHANGE.about(item.id, {**item.told, "set_policy": item.set_policy})


def _waiting(
    desired: DesiredEndpoint, facts: Facts, policy: Policy, now: datetime
) -> tuple[str, ...]:
    if limits.may_change_busy(policy.gateway_endpoints, now):
        return ()
    return tuple(table.id for table in desired.missing if facts.is_busy(table))


def _busy(
    desired: DesiredEndpoint, waiting: tuple[str, ...], policy: Policy, now: datetime
) -> list[Finding]:
    if not waiting:
        return []
    until = limits.waits_until(policy.gateway_endpoints, now)
    data = {"endpoint_id": desired.ours_id, "route_table_ids": list(waiting), "until": until}
    return [messages.ROUTE_TABLE_BUSY.about(desired.subject, data, "info" if until else None)]


def _told(desired: DesiredEndpoint, policy: Policy) -> Iterator[Finding]:
    """What ops should know whatever becomes of what is missing."""
    for failed in desired.broken[:1]:  # a person deletes the oldest, and the next one shows
        data: dict[str, Any] = {"endpoint_id": failed.id, "state": failed.state}
        yield messages.ENDPOINT_FAILED.about(desired.subject, data)
    wanted = policy.gateway_endpoints.endpoint_policy
    document = policy.document(wanted)
    others = [e.id for e in desired.others if document and not same(document, e.policy)]
    if others:
        # What others' endpoints let through is theirs to say; ops may think that it was settled.
        data = {"endpoint_ids": others, "endpoint_policy": wanted}
        yield messages.FOREIGN_POLICY.about(desired.subject, data)
    if desired.taken:
        tables = [table.id for table in desired.taken]
        data = {"endpoint_id": desired.ours_id, "route_table_ids": tables, "times": AT_MOST}
        yield messages.ROUTE_TAKEN_AWAY.about(desired.subject, data)


def _changes(
    desired: DesiredEndpoint, tables: Sequence[str], policy: Policy, expect: frozenset[str]
) -> Iterator[Item]:
    """The changes that give `tables` their route and each of our endpoints its policy.

    Our oldest endpoint takes the tables; with none there, one is made. `expect` holds the
    ids that events called new.
    """
    document = policy.document(policy.gateway_endpoints.endpoint_policy) or FULL_ACCESS
    if desired.ours is None and tables:
        yield _item(desired, None, tables, True, policy, expect)
    for endpoint in desired.kept:
        added = tables if endpoint == desired.ours else ()
        drifted = not same(document, endpoint.policy)
        if added or drifted:
            yield _item(desired, endpoint, added, drifted, policy, expect)


def _item(
    desired: DesiredEndpoint,
    endpoint: Endpoint | None,
    tables: Sequence[str],
    set_policy: bool,
    policy: Policy,
    expect: frozenset[str],
) -> Item:
    wanted = policy.gateway_endpoints.endpoint_policy
    cause = _cause(desired, endpoint, tables, expect)
    further = endpoint is not None and endpoint != desired.ours
    reason = _reason(desired.service, cause, len(tables))
    if set_policy and endpoint is not None:
        reason += f", its policy isn't the wanted one ({wanted or 'full access'})"
    return Item(
        id=f"{desired.subject}/{endpoint.id}" if endpoint and further else desired.subject,
        action="create" if endpoint is None else "modify",
        vpc_id=desired.vpc_id,
        service=desired.service,
        service_name=desired.service_name,
        endpoint_id=None if endpoint is None else endpoint.id,
        route_table_ids=tuple(sorted(tables)),
        endpoint_policy=wanted,
        set_policy=set_policy,
        reason=reason,
        cause=cause,
    )


def _cause(
    desired: DesiredEndpoint,
    endpoint: Endpoint | None,
    tables: Sequence[str],
    expect: frozenset[str],
) -> Cause:
    if not tables:
        return "policy-drift"
    if desired.vpc_id in expect:
        return "new-vpc"
    if expect.intersection(tables):
        return "new-table"
    return "no-endpoint" if endpoint is None else "table-without-route"


def _reason(service: str, cause: Cause, tables: int) -> str:
    """One sentence, without the ids: they stand beside it."""
    whose = {
        "new-vpc": "the VPC is new",
        "new-table": "a route table is new",
        "no-endpoint": "there is no endpoint of ours",
        "table-without-route": "our endpoint is there but doesn't reach every route table",
        "policy-drift": "our endpoint is there",
    }[cause]
    if not tables:
        return whose
    many = "1 route table is" if tables == 1 else f"{tables} route tables are"
    return f"{whose}, {many} without a route to {proper_name(service)}"
