"""The decision on published services: from how things stand and the policy to the plan."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.notify.finding import Finding, Severity
from autopilot.policy.model import Policy, Retire
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.plan import LookedAt
from autopilot.services.changes import changes, creation
from autopilot.services.desired import Kept, Sorted, Unwanted, sort
from autopilot.services.facts import PublishFacts, subject_of
from autopilot.services.plan import PublishRequest, ServiceItem, ServicePlan
from autopilot.services.rounds import given_up, in_turn, more, settling, that_fit, wait


def plan(
    facts: PublishFacts, request: PublishRequest, policy: Policy, us: StackIdentity
) -> ServicePlan:
    """The plan for this look. `facts` hold the permissions and connections of what they decide."""
    found = sort(facts, policy, us.owner)
    wanted = tuple(_wanted(found, facts, policy, us))
    audit = policy.mode == "audit"
    turn = () if audit else in_turn(wanted, request)
    findings = (
        *_told(found, facts, policy),
        *(map(_planned, wanted) if audit else given_up(wanted, request)),
    )
    told = that_fit(findings)
    slow = 0 if audit else len(found.settling) + len(settling(wanted, request))
    left = {
        "audit mode": len(wanted) if audit else 0,
        "already published by others": len(found.foreign),
        "findings too many at once": len(findings) - len(told),
    }
    return ServicePlan(
        items=turn,
        findings=told,
        looked_at=_looked_at(facts, request) if len(told) == len(findings) else (),
        settling=slow,
        look_again=wait(slow, request),
        more=0 if audit else more(wanted, turn, request),
        expect=tuple(dict.fromkeys((*request.expect, *(item.id for item in turn)))),
        left={reason: count for reason, count in left.items() if count},
    )


def _wanted(
    found: Sorted, facts: PublishFacts, policy: Policy, us: StackIdentity
) -> Iterator[ServiceItem]:
    """Every change that the policy wants now; what takes rights away comes first."""
    publish = policy.endpoint_services
    for each in found.unwanted:
        if item := _retirement(each, facts, policy):
            yield item
    items = [item for kept in found.kept for item in changes(kept, facts, publish, us)]
    yield from (item for item in items if item.action == "revoke")
    yield from (item for item in items if item.action != "revoke")
    yield from (creation(balancer, publish) for balancer in found.publish)


def _retirement(each: Unwanted, facts: PublishFacts, policy: Policy) -> ServiceItem | None:
    """The item that deletes a service, if it may go now."""
    retire = _how(each, policy)
    connected = facts.connected.get(each.offer.id, ())
    if retire == "report" or (retire == "when_unused" and connected):
        return None
    return ServiceItem(
        id=f"{each.offer.id}/retire",
        action="retire",
        balancer_arn=next(iter(each.offer.balancer_arns), ""),
        service_id=each.offer.id,
        service_name=each.offer.name,
        reject=retire == "now",
        reason=each.reason,
    )


def _how(each: Unwanted, policy: Policy) -> Retire:
    """A twin, which two looks at once have made, goes whatever the policy says, if it is unused."""
    return "when_unused" if each.duplicate else policy.endpoint_services.retire


def _told(found: Sorted, facts: PublishFacts, policy: Policy) -> Iterator[Finding]:
    for each in found.unwanted:
        if _retirement(each, facts, policy) is None:
            yield _staying(each, facts, policy)
    for balancer, offer in found.foreign:
        data = {
            "service_id": offer.id,
            "service_name": offer.name,
            "balancer_arn": balancer.arn,
        }
        yield Finding("AlreadyPublished", balancer.subject, "action", data)
    for kept in found.kept:
        yield from _unverified(kept, policy)


def _staying(each: Unwanted, facts: PublishFacts, policy: Policy) -> Finding:
    retire = _how(each, policy)
    data = {
        "service_name": each.offer.name,
        "reason": each.reason,
        "retire": retire,
        "connected": len(facts.connected.get(each.offer.id, ())),
    }
    severity: Severity = "action" if retire == "report" else "info"
    return Finding("ServiceUnwanted", each.offer.id, severity, data)


def _unverified(kept: Kept, policy: Policy) -> Iterator[Finding]:
    name = kept.offer.private_name
    wanted = policy.endpoint_services.private_dns_names.get(kept.named.name)
    if name is None or name.verified or name.name != wanted:
        return
    data = {
        "service_name": kept.offer.name,
        "private_name": name.name,
        "state": name.state,
        "record_type": name.record_type,
        "record_name": name.record_name,
        "record_value": name.record_value,
    }
    yield Finding("PrivateNameNotVerified", kept.offer.id, "action", data)


def _planned(item: ServiceItem) -> Finding:
    data = {name: value for name, value in item.to_json().items() if value and name != "id"}
    return Finding("PlannedServiceChange", item.id, "info", data)


def _looked_at(facts: PublishFacts, request: PublishRequest) -> LookedAt:
    """The subjects in sight, those included that this execution has just made or deleted."""
    if facts.looked_at == "all":
        return "all"
    touched = {o.item.service_id for o in request.outcomes if o.item.service_id}
    touched |= {subject_of(o.item.balancer_arn) for o in request.outcomes if o.item.balancer_arn}
    return tuple(sorted({*facts.looked_at, *touched}))
