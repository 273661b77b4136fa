"""How things stand once changes to interface endpoints are done: what follows is planned from it.

What isn't there yet has an id that begins with "new ".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autopilot.interfaces.facts import Endpoint, Facts, Group
from autopilot.interfaces.plan import EndpointItem, GroupItem, Item, ParameterItem
from autopilot.policy.document import FULL_ACCESS
from autopilot.policy.model import Policy
from autopilot.policy.names import is_private
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.tags import profile_tags

NEW = "new "


def carried_out(facts: Facts, items: Iterable[Item], policy: Policy, us: StackIdentity) -> Facts:
    """The facts after `items`, and once whatever is being deleted is gone."""
    staying = (each for each in facts.endpoints if each.standing != "going")
    facts = replace(facts, endpoints=tuple(staying))
    for item in items:
        match item:
            case GroupItem():
                facts = _group(facts, item)
            case EndpointItem():
                facts = _endpoint(facts, item, policy, us)
            case ParameterItem():
                kept = {n: v for n, v in facts.parameters.items() if n not in item.delete}
                facts = replace(facts, parameters={**kept, **item.put})
    return facts


def _group(facts: Facts, item: GroupItem) -> Facts:
    others = tuple(each for each in facts.groups if each.id != item.group_id)
    if item.action == "delete":
        return replace(facts, groups=others)
    made = Group(
        item.group_id or f"{NEW}{item.id}", item.vpc_id, item.name, frozenset(item.ingress)
    )
    return replace(facts, groups=(*others, made))


def _endpoint(facts: Facts, item: EndpointItem, policy: Policy, us: StackIdentity) -> Facts:
    others = tuple(each for each in facts.endpoints if each.id != item.endpoint_id)
    if item.action == "delete":
        return replace(facts, endpoints=others)
    before = next((e for e in facts.endpoints if e.id == item.endpoint_id), None)
    made = _changed(before or _made(item, us), item, policy)
    return replace(facts, endpoints=(*others, made))


def _made(item: EndpointItem, us: StackIdentity) -> Endpoint:
    id_ = f"{NEW}{item.id}"
    return Endpoint(
        id_,
        item.vpc_id,
        item.service_name,
        created="9999",  # the youngest of all
        dns_names=(f"{id_}-",) if is_private(item.service_name) else (),
        tags=profile_tags(us.owner, item.profile, item.service),
        inbound_only=item.inbound_only,
        service_region=item.service_region or us.region,
    )


def _changed(before: Endpoint, item: EndpointItem, policy: Policy) -> Endpoint:
    kept = set(before.subnet_ids) - set(item.remove_subnet_ids)
    document = policy.document(item.endpoint_policy) if item.set_policy else before.policy
    return replace(
        before,
        subnet_ids=tuple(sorted(kept | set(item.add_subnet_ids))),
        group_ids=item.group_ids or before.group_ids,
        private_dns=before.private_dns if item.private_dns is None else item.private_dns,
        inbound_only=before.inbound_only if item.inbound_only is None else item.inbound_only,
        address_type=item.ip_address_type or before.address_type,
        policy=document or FULL_ACCESS,
    )
