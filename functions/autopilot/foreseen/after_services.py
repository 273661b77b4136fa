"""How things stand once changes to published services are done: what follows is planned from it.

A service that isn't there yet has an id that begins with "new ".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autopilot.reconcile.identity import StackIdentity
from autopilot.services.facts import (
    EndpointService,
    PrivateName,
    ServicesFacts,
    name_of,
    service_tags,
)
from autopilot.services.plan import ServiceItem

NEW = "new "


def carried_out(
    facts: ServicesFacts, items: Iterable[ServiceItem], us: StackIdentity
) -> ServicesFacts:
    """The facts after `items`, and once AWS has set up the load balancers that it is at."""
    ready = (replace(b, state="active") if b.settling else b for b in facts.balancers)
    facts = replace(facts, balancers=tuple(ready))
    for item in items:
        facts = _one(facts, item, us)
    return facts


def _one(facts: ServicesFacts, item: ServiceItem, us: StackIdentity) -> ServicesFacts:
    others = tuple(each for each in facts.services if each.id != item.service_id)
    there = next((each for each in facts.services if each.id == item.service_id), None)
    listed = dict(facts.principals)
    if there is None:
        there = _made(item, us)
        listed[there.id] = frozenset()
    match item.action:
        case "retire":
            return replace(facts, services=others)
        case "allow":
            listed[there.id] = listed.get(there.id, frozenset()) | set(item.principals)
        case "revoke":
            listed[there.id] = listed.get(there.id, frozenset()) - set(item.principals)
        case "publish" | "change" | "verify":
            there = _changed(there, item)
    return replace(facts, services=(*others, there), principals=listed)


def _made(item: ServiceItem, us: StackIdentity) -> EndpointService:
    return EndpointService(
        f"{NEW}service of {name_of(item.balancer_arn)}",
        balancer_arns=(item.balancer_arn,),
        regions=(us.region,),
        tags=service_tags(us.owner, item.balancer_arn),
    )


def _changed(before: EndpointService, item: ServiceItem) -> EndpointService:
    """Verifying a name changes nothing that a look would show at once."""
    behind = dict.fromkeys((*before.balancer_arns, *item.add_balancers))
    regions = dict.fromkeys((*before.regions, *item.add_regions))
    name = before.private_name
    return replace(
        before,
        balancer_arns=tuple(arn for arn in behind if arn not in item.remove_balancers),
        regions=tuple(region for region in regions if region not in item.remove_regions),
        zones=tuple(sorted({*before.zones, *item.zones})),
        private_name=PrivateName(item.private_name) if item.private_name else name,
        acceptance_required=before.acceptance_required or item.require_acceptance,
    )
