"""The decision: from how things stand and what the policy wants to the plan."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.interfaces import groups, limits, parameters
from autopilot.interfaces.desired import PROFILE_TAG, Desired, is_ours, leads_to
from autopilot.interfaces.endpoints import serve
from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.messages import PLANNED_CHANGE, UNWANTED
from autopilot.interfaces.plan import (
    Draft,
    EndpointItem,
    InterfacePlan,
    Item,
    Left,
    content,
    resource_of,
)
from autopilot.interfaces.request import Situation
from autopilot.notify.finding import Finding
from autopilot.policy.names import label
from autopilot.reconcile.rounds import tellable


def plan(now: Situation, desired: Desired) -> InterfacePlan:
    """The plan for this look: what it changes, what ops should know, what it leaves and why."""
    made, request, audit = draft(now, desired), now.request, now.policy.mode == "audit"
    later = made.later if audit else ()
    allowed, undone = limits.within_quota([*made.items, *later], now.facts, now.limit)
    turn = () if audit else limits.in_turn(allowed, request)
    items = limits.that_fit(turn, request)
    more = limits.more(turn, items, request)
    other = map(_announced, allowed) if audit else limits.given_up(allowed, request)
    quotas = limits.quota_findings(now.facts, allowed, undone, now.limit)
    findings = (*made.findings, *quotas, *other)
    seen = [vpc.id for vpc in now.facts.vpcs]
    told, looked_at = tellable(findings, "vpc_id", seen, now.facts.looked_at, request.outcomes)
    left: dict[Left, int] = {
        **made.left,
        "quota reached": len(undone),
        "audit mode" if audit else "tried already": len(allowed) - len(turn),
        "too many findings at once": len(findings) - len(told),
    }
    over = bool(items) or bool(more) or audit
    return InterfacePlan(
        items=items,
        findings=told,
        looked_at=looked_at,
        left={reason: count for reason, count in sorted(left.items()) if count},
        more=more,
        expect=tuple(dict.fromkeys((*request.expect, *(item.id for item in items)))),
        look_again=0 if over else limits.wait(made, request),
    )


def draft(now: Situation, desired: Desired) -> Draft:
    """All that the policy wants now."""
    made = Draft(left=desired.left.copy())
    for each in desired.endpoints:
        serve(each, now, made)
    for endpoint in _unwanted(now, desired):
        _tell_unwanted(endpoint, now, made)
    # Groups come first: endpoints need them.
    made.items[:0] = groups.changes(desired.vpcs, made.groups, now)
    parameters.publish(now, made)
    made.ending |= groups.wait_for_endpoints(desired.vpcs, made.groups, now)
    return made


def _unwanted(now: Situation, desired: Desired) -> Iterator[Endpoint]:
    """Our endpoints that no profile wants any more."""
    wanted = {(each.vpc.id, name): each for each in desired.endpoints for name in each.names}
    for vpc in desired.vpcs:
        for endpoint in now.facts.endpoints_in(vpc.id):
            want = wanted.get((vpc.id, endpoint.service_name))
            unwanted = want is None or not leads_to(endpoint, want.names, want.regions)
            if unwanted and endpoint.standing != "going" and is_ours(endpoint, now.stack):
                yield endpoint


def _tell_unwanted(endpoint: Endpoint, now: Situation, made: Draft) -> None:
    """Ops shall know of it; and it goes where the policy says `retire: now`, at the first sweep, or
    a person's look, after ops were told: an event may follow within seconds, and a slip in the
    policy must leave time to be noticed."""
    service = label(endpoint.service_name, now.stack.region)
    subject = f"{endpoint.vpc_id}/{service}/{endpoint.id}"
    data = {
        "endpoint_id": endpoint.id,
        "service_name": endpoint.service_name,
        "state": endpoint.state,
        "retire": now.policy.retire_interfaces,
    }
    finding = UNWANTED.about(subject, data)
    if now.policy.retire_interfaces == "now" and now.scheduled and finding.id in now.told:
        made.items.append(
            EndpointItem(
                id=subject,
                action="delete",
                vpc_id=endpoint.vpc_id,
                profile=endpoint.tags.get(PROFILE_TAG, ""),
                service=service,
                service_name=endpoint.service_name,
                endpoint_id=endpoint.id,
                cause="unwanted",
                reason="no profile wants our endpoint any more, and ops were told",
            )
        )
    made.findings.append(finding)
    made.left["not wanted, reported"] += 1


def _announced(item: Item) -> Finding:
    data = {
        "what": item.kind,
        "action": item.action,
        "thing": resource_of(item),
        "reason": item.reason,
        "content": content(item),
    }
    return PLANNED_CHANGE.about(item.id, data)
