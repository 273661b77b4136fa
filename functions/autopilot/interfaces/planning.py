"""The decision: from how things stand and what the policy wants to the plan."""

from __future__ import annotations

from autopilot.interfaces import groups, parameters, quota, rounds
from autopilot.interfaces.desired import DesiredEndpoint, Left, served, wants
from autopilot.interfaces.draft import Draft, Situation
from autopilot.interfaces.endpoints import serve
from autopilot.interfaces.items import Item, content
from autopilot.interfaces.plan import InterfacePlan
from autopilot.interfaces.private_dns import wanted as private_dns_wanted
from autopilot.interfaces.request import InterfaceRequest
from autopilot.interfaces.unwanted import retire
from autopilot.notify.finding import Finding
from autopilot.reconcile.capacity import tellable
from autopilot.reconcile.quota import Limit


def vpcs_to_probe(now: Situation) -> tuple[str, ...]:
    """The VPCs whose DNS attributes decide something: private DNS is to be turned on there."""
    vpcs, _ = served(now.facts, now.policy, now.us, now.withdrawn)
    found = wants(now.facts, vpcs, now.policy, now.us)
    return tuple(dict.fromkeys(want.vpc.id for want in found if _to_turn_on(want)))


def _to_turn_on(want: DesiredEndpoint) -> bool:
    if want.offer is None or not private_dns_wanted(want.profile, want.offer):
        return False
    if want.ours is None:
        return not want.others and not want.broken
    return not want.ours.private_dns


def draft(now: Situation) -> Draft:
    """All that the policy wants now."""
    made = Draft()
    vpcs, left = served(now.facts, now.policy, now.us, now.withdrawn)
    made.left += left
    found = wants(now.facts, vpcs, now.policy, now.us)
    for want in found:
        serve(want, now, made)
    retire(vpcs, found, now, made)
    # Groups come first: endpoints need them.
    made.items[:0] = groups.changes(vpcs, tuple(made.groups), now)
    parameters.publish(now, made)
    made.ending |= groups.are_kept(vpcs, tuple(made.groups), now)
    return made


def plan(wanted: Draft, request: InterfaceRequest, now: Situation, limit: Limit) -> InterfacePlan:
    """The plan for this look: what it changes, what ops should know, what it leaves and why."""
    audit = now.policy.mode == "audit"
    allowed, undone = quota.split(
        [*wanted.items, *(wanted.later if audit else ())], now.facts, limit
    )
    turn = [] if audit else rounds.in_turn(allowed, request)
    items = rounds.that_fit(turn, request)
    more = rounds.more(turn, items, request)
    other = map(_announced, allowed) if audit else rounds.given_up(allowed, request)
    quotas = quota.findings(now.facts, allowed, undone, limit)
    findings = (*wanted.findings, *quotas, *other)
    told, looked_at = tellable(findings, request.outcomes, now.facts)
    left: dict[Left, int] = {
        **wanted.left,
        "quota reached": len(undone),
        "audit mode" if audit else "tried already": len(allowed) - len(turn),
        "too many findings at once": len(findings) - len(told),
    }
    over = bool(items) or bool(more)
    return InterfacePlan(
        items=items,
        findings=told,
        looked_at=looked_at,
        left={reason: count for reason, count in sorted(left.items()) if count},
        more=more,
        expect=tuple(dict.fromkeys((*request.expect, *(item.id for item in items)))),
        look_again=0 if over or audit else rounds.wait(wanted, request),
    )


def _announced(item: Item) -> Finding:
    data = {
        "what": item.kind,
        "action": item.action,
        "thing": getattr(item, "endpoint_id", None) or getattr(item, "group_id", None),
        "reason": item.reason,
        "content": content(item),
    }
    return Finding("PlannedInterfaceChange", item.id, "info", data)
