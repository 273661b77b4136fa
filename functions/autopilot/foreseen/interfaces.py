"""What the interfaces workflow would do: interface endpoints, their groups and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from plan_interfaces import LookAt, look, planned

from autopilot.aws import quotas
from autopilot.foreseen.after_interfaces import NEW, carried_out
from autopilot.foreseen.missing import missing_in
from autopilot.foreseen.model import Action, Part, document_in, named
from autopilot.interfaces.changes import draft
from autopilot.interfaces.desired import desired_in
from autopilot.interfaces.plan import (
    ROOT,
    EndpointItem,
    GroupItem,
    InterfaceRequest,
    Item,
    ParameterItem,
)
from autopilot.interfaces.planning import within_quota
from autopilot.interfaces.retiring import retire
from autopilot.interfaces.situation import Desired, Situation
from autopilot.notify.ledger import Rows
from autopilot.notify.phrases import listed
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.quota import Limit

# What says nothing of the change itself.
_BESIDE = ("token", "reason", "cause")
# A group, its endpoint, the parameters; what is in the way goes before.
_MOST_LOOKS = 8


def foresee(
    policy: Policy,
    us: StackIdentity,
    ledger: Rows,
    now: datetime,
    *,
    look: LookAt = look,
    limit: Callable[[], Limit] = quotas.interface_endpoints,
) -> Part:
    """Everything, also what waits for a group to be there. Raises AwsErrors."""
    seen, desired, quota, made = planned(
        InterfaceRequest(), policy, us, ledger, now, look=look, limit=limit
    )
    return Part(
        "interfaces",
        actions=tuple(_unfolded(seen, desired, quota)),
        findings=made.findings,
        unseen=(
            *missing_in("the quota of interface endpoints", quota.why_not_read),
            *missing_in("the traffic of interface endpoints", seen.unread),
        ),
        names={vpc.id: named(vpc.tags) for vpc in seen.facts.vpcs},
        left=made.left,
    )


def _unfolded(seen: Situation, desired: Desired, quota: Limit) -> Iterator[Action]:
    """All changes, look by look, each as if the earlier ones were done."""
    known = set[str]()
    for number in range(_MOST_LOOKS):
        wanted = draft(seen, desired).items
        allowed, _ = within_quota(wanted, seen.facts, quota)
        fresh = [item for item in allowed if item.content not in known]
        known |= {item.content for item in fresh}
        yield from (_action(item, seen.policy, follows=number > 0) for item in fresh)
        if not fresh and number:
            return
        facts = carried_out(seen.facts, fresh, seen.policy, seen.stack)
        seen = replace(seen, facts=facts)
        desired = retire(seen, desired_in(seen))


def _action(item: Item, policy: Policy, *, follows: bool) -> Action:
    content = {k: v for k, v in encode(item).items() if k not in _BESIDE}
    if isinstance(item, EndpointItem) and item.set_policy:
        content |= document_in(policy, item.endpoint_policy)
    return Action(
        "interfaces",
        place=item.vpc_id,
        service=_service(item),
        verb=item.action,
        id=item.id,
        what=_what(item),
        reason=item.reason,
        content=content,
        follows=follows,
    )


def _service(item: Item) -> str:
    match item:
        case GroupItem():
            return f"profile {item.profile}" if item.profile else "security groups"
        case EndpointItem():
            return item.service
        case ParameterItem():
            return item.id.split("/")[1]


def _what(item: Item) -> str:
    match item:
        case GroupItem():
            return _group(item)
        case EndpointItem():
            return "; ".join(_endpoint(item))
        case ParameterItem():
            return _parameter(item)


def _parameter(item: ParameterItem) -> str:
    if (item.endpoint_id or "").startswith(NEW):
        return f"write its DNS names, once it is available, under {ROOT}/{item.id}"
    put = [f"write {listed(sorted(item.put))}"] if item.put else []
    gone = [f"delete {listed(item.delete)}"] if item.delete else []
    return " and ".join((*put, *gone))


def _group(item: GroupItem) -> str:
    lets_in = f'security group "{item.name}", which lets in {listed(item.ingress)}'
    match item.action:
        case "create":
            return f"make {lets_in}"
        case "modify":
            return f"put right {item.group_id}: {lets_in}"
        case "delete":
            return f'delete {item.group_id}, security group "{item.name}"'


def _endpoint(item: EndpointItem) -> Iterator[str]:
    subnets = listed(item.add_subnet_ids)
    match item.action:
        case "delete":
            yield f"delete {item.endpoint_id}"
            return
        case "create":
            yield f"make an interface endpoint for {item.service} in {subnets}"
        case "modify":
            yield f"change {item.endpoint_id}"
            yield from _changes(item)
    if item.private_dns is not None:
        yield f"private DNS {'on' if item.private_dns else 'off'}"
    if item.set_policy:
        yield f"endpoint policy {item.endpoint_policy or 'full access'}"


def _changes(item: EndpointItem) -> Iterator[str]:
    for words, values in (
        ("put it into", item.add_subnet_ids),
        ("take it out of", item.remove_subnet_ids),
        ("give it", item.group_ids),
    ):
        if values:
            yield f"{words} {listed(values)}"
    if item.ip_address_type:
        yield f"address type {item.ip_address_type}"
