"""The changes that bring published services to what the policy wants, and whether they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autopilot.policy.model import Policy, PublishPolicy, Retire
from autopilot.policy.partitions import partition
from autopilot.reconcile import visible
from autopilot.reconcile.identity import StackIdentity
from autopilot.services.desired import Kept, Sorted, Unwanted
from autopilot.services.facts import EndpointService, LoadBalancer, ServicesFacts
from autopilot.services.plan import Action, ServiceItem, ServiceOutcome

# Reasons by which the weekly letter knows what was put right.
SURPLUS = "its permission list names whom the policy doesn't"
UNASKED = "it takes connections without acceptance"


def wanted_changes(found: Sorted, policy: Policy, stack: StackIdentity) -> Iterator[ServiceItem]:
    """Every change that the policy wants now; what takes rights away comes first."""
    facts, publish = found.facts, policy.endpoint_services
    for each in found.unwanted:
        if item := _deletion(each, facts, publish):
            yield item
    items = [item for kept in found.kept for item in _changes(kept, facts, publish, stack)]
    yield from (item for item in items if item.action == "revoke")
    yield from (item for item in items if item.action != "revoke")
    yield from (_creation(balancer, publish) for balancer in found.publish)


def _deletion(each: Unwanted, facts: ServicesFacts, policy: PublishPolicy) -> ServiceItem | None:
    """The item that deletes a service, None if it may not go now."""
    how = way_to_go(each, policy)
    if how == "report" or (how == "when_unused" and facts.connected.get(each.service.id)):
        return None
    return ServiceItem(
        id=f"{each.service.id}/retire",
        action="retire",
        balancer_arn=next(iter(each.service.balancer_arns), ""),
        service_id=each.service.id,
        service_name=each.service.name,
        reject=how == "now",
        reason=each.reason,
    )


def way_to_go(each: Unwanted, policy: PublishPolicy) -> Retire:
    """When it may go; an unused duplicate goes whatever the policy says."""
    return "when_unused" if each.duplicate else policy.retire


def principals(policy: PublishPolicy, stack: StackIdentity) -> tuple[str, ...]:
    """Whom the policy lets ask, as AWS writes them: a bare account id is its root's ARN."""
    root = f"arn:{partition(stack.region)}:iam::"
    whole = (f"{root}{p}:root" if p.isdigit() else p for p in policy.allowed_principals)
    return tuple(dict.fromkeys(whole))


def _creation(balancer: LoadBalancer, policy: PublishPolicy) -> ServiceItem:
    """The item that publishes a load balancer. Whom it lets ask, a further look plans."""
    return ServiceItem(
        id=f"{balancer.subject}/publish",
        action="publish",
        balancer_arn=balancer.arn,
        zones=balancer.zones,
        add_regions=policy.supported_regions,
        private_name=policy.private_dns_names.get(balancer.name),
        reason="it bears the tags to be published, and has no service",
    )


def _changes(
    kept: Kept, facts: ServicesFacts, policy: PublishPolicy, stack: StackIdentity
) -> Iterator[ServiceItem]:
    """The changes of a service that stays, each one call."""
    if change := _change(kept, policy, stack) or _leave(kept, facts):
        yield change
    yield from _on_the_list(kept, facts, policy, stack)
    name = kept.service.private_name
    if name and not name.verified and policy.private_dns_names.get(kept.named.name) == name.name:
        yield _item(kept, "verify", f"its private DNS name {name.name} isn't verified")


def _on_the_list(
    kept: Kept, facts: ServicesFacts, policy: PublishPolicy, stack: StackIdentity
) -> Iterator[ServiceItem]:
    there = facts.principals.get(kept.service.id)
    if there is None:
        return
    wanted = principals(policy, stack)
    if surplus := sorted(there.difference(wanted)):
        yield _item(kept, "revoke", SURPLUS, principals=tuple(surplus))
    if missing := [each for each in wanted if each not in there]:
        reason = "its permission list lacks whom the policy names"
        yield _item(kept, "allow", reason, principals=tuple(missing))


def _change(kept: Kept, policy: PublishPolicy, stack: StackIdentity) -> ServiceItem | None:
    service = kept.service
    standing = {zone for balancer in kept.balancers for zone in balancer.zones}
    zones = tuple(sorted(standing.difference(service.zones)))
    add = tuple(r for r in policy.supported_regions if r not in {*service.regions, stack.region})
    remove = tuple(r for r in service.regions if r not in {*policy.supported_regions, stack.region})
    name = policy.private_dns_names.get(kept.named.name)
    rename = name is not None and (not service.private_name or service.private_name.name != name)
    join = tuple(balancer.arn for balancer in kept.joining if balancer.active)
    whys = (
        (join, "another load balancer is to stand for the same service"),
        (zones, "its load balancer has gained a zone"),
        (add or remove, "its supported Regions aren't those of the policy"),
        (rename, "its private DNS name isn't that of the policy"),
        (not service.acceptance_required, UNASKED),
    )
    if not (reasons := [why for wanted, why in whys if wanted]):
        return None
    return _item(
        kept,
        "change",
        " and ".join(reasons),
        zones=zones,
        add_regions=add,
        remove_regions=remove,
        add_balancers=join,
        private_name=name if rename else None,
        require_acceptance=not service.acceptance_required,
    )


def _leave(kept: Kept, facts: ServicesFacts) -> ServiceItem | None:
    """The change that takes away what others have taken the place of.

    By itself, under a name of its own: in the same execution its successor may just have joined.
    AWS takes none from a service that somebody is connected to (PrivateLink guide).
    """
    if not kept.leaving or facts.connected.get(kept.service.id):
        return None
    leave = tuple(balancer.arn for balancer in kept.leaving)
    why = "another load balancer has taken the place of one, and nobody is connected"
    return _item(kept, "change", why, name="leave", remove_balancers=leave)


def _item(
    kept: Kept, action: Action, reason: str, *, name: str | None = None, **what: Any
) -> ServiceItem:
    return ServiceItem(
        id=f"{kept.service.id}/{name or action}",
        action=action,
        balancer_arn=kept.named.arn,
        service_id=kept.service.id,
        service_name=kept.service.name,
        reason=reason,
        **what,
    )


def unseen(
    facts: ServicesFacts, expect: Iterable[str], outcomes: Iterable[ServiceOutcome]
) -> tuple[str, ...]:
    """Those of `expect` that the survey doesn't show yet; zones may take minutes, and needn't."""
    services = {service.id: service for service in facts.services}
    return visible.unseen(
        expect,
        (outcome for outcome in outcomes if outcome.result == "done"),
        seen={balancer.arn for balancer in facts.balancers},
        serving=services,
        shows=lambda outcome: _shows(outcome.item, services.get(outcome.item.service_id), facts),
    )


def _shows(item: ServiceItem, service: EndpointService | None, facts: ServicesFacts) -> bool:
    """Whether a change shows; a service that is gone asks for nothing, but for a new one."""
    if service is None or item.action == "retire":
        return service is None and item.action != "publish"
    listed = facts.principals.get(service.id)
    match item.action:
        case "change":
            return _is_changed(item, service)
        case "allow":
            return listed is None or listed.issuperset(item.principals)
        case "revoke":
            return listed is None or listed.isdisjoint(item.principals)
        case "publish" | "verify":
            return True


def _is_changed(item: ServiceItem, service: EndpointService) -> bool:
    name = service.private_name.name if service.private_name else None
    return (
        set(item.add_balancers) <= set(service.balancer_arns)
        and not set(item.remove_balancers) & set(service.balancer_arns)
        and set(item.add_regions) <= set(service.regions)
        and not set(item.remove_regions) & set(service.regions)
        and item.private_name in (None, name)
        and (service.acceptance_required or not item.require_acceptance)
    )
