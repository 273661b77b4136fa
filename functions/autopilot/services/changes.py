"""What a service of ours differs in from what the policy wants: the changes that put it right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autopilot.policy.model import PublishPolicy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.names import partition
from autopilot.services.desired import Kept
from autopilot.services.facts import Balancer, PublishFacts
from autopilot.services.plan import Action, ServiceItem


def principals(policy: PublishPolicy, us: StackIdentity) -> tuple[str, ...]:
    """Whom the policy lets ask, as AWS writes them: a bare account id is its root's ARN."""
    root = f"arn:{partition(us.region)}:iam::"
    whole = (f"{root}{p}:root" if p.isdigit() else p for p in policy.allowed_principals)
    return tuple(dict.fromkeys(whole))


def creation(balancer: Balancer, policy: PublishPolicy) -> ServiceItem:
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


def changes(
    kept: Kept, facts: PublishFacts, policy: PublishPolicy, us: StackIdentity
) -> Iterator[ServiceItem]:
    """The changes of a service that stays, each one call."""
    if change := _change(kept, policy, us) or _leave(kept, facts):
        yield change
    yield from _on_the_list(kept, facts, policy, us)
    name = kept.offer.private_name
    if name and not name.verified and policy.private_dns_names.get(kept.named.name) == name.name:
        yield _item(kept, "verify", f"its private DNS name {name.name} isn't verified")


def _on_the_list(
    kept: Kept, facts: PublishFacts, policy: PublishPolicy, us: StackIdentity
) -> Iterator[ServiceItem]:
    there = facts.principals.get(kept.offer.id)
    if there is None:
        return
    wanted = principals(policy, us)
    if surplus := sorted(there.difference(wanted)):
        reason = "its permission list names whom the policy doesn't"
        yield _item(kept, "revoke", reason, principals=tuple(surplus))
    if missing := [each for each in wanted if each not in there]:
        reason = "its permission list lacks whom the policy names"
        yield _item(kept, "allow", reason, principals=tuple(missing))


def _change(kept: Kept, policy: PublishPolicy, us: StackIdentity) -> ServiceItem | None:
    offer = kept.offer
    zones = _gained(kept)
    add = tuple(r for r in policy.supported_regions if r not in {*offer.regions, us.region})
    remove = tuple(r for r in offer.regions if r not in {*policy.supported_regions, us.region})
    name = policy.private_dns_names.get(kept.named.name)
    rename = name is not None and (offer.private_name is None or offer.private_name.name != name)
    join = tuple(balancer.arn for balancer in kept.joining if balancer.active)
    whys = (
        (join, "another load balancer is to stand for the same service"),
        (zones, "its load balancer has gained a zone"),
        (add or remove, "its supported Regions aren't those of the policy"),
        (rename, "its private DNS name isn't that of the policy"),
        (not offer.acceptance_required, "it takes connections without acceptance"),
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
        require_acceptance=not offer.acceptance_required,
    )


def _gained(kept: Kept) -> tuple[str, ...]:
    """The zones that its load balancers stand in and the service lacks."""
    standing = {zone for balancer in kept.balancers for zone in balancer.zones}
    return tuple(sorted(standing.difference(kept.offer.zones)))


def _leave(kept: Kept, facts: PublishFacts) -> ServiceItem | None:
    """The change that takes away what others have taken the place of.

    By itself, under a name of its own: in the same execution its successor may just have joined.
    AWS takes none from a service that somebody is connected to (PrivateLink guide).
    """
    if not kept.leaving or facts.connected.get(kept.offer.id):
        return None
    leave = tuple(balancer.arn for balancer in kept.leaving)
    why = "another load balancer has taken the place of one, and nobody is connected"
    return _item(kept, "change", why, name="leave", remove_balancers=leave)


def _item(
    kept: Kept, action: Action, reason: str, *, name: str | None = None, **what: Any
) -> ServiceItem:
    return ServiceItem(
        id=f"{kept.offer.id}/{name or action}",
        action=action,
        balancer_arn=kept.named.arn,
        service_id=kept.offer.id,
        service_name=kept.offer.name,
        reason=reason,
        **what,
    )
