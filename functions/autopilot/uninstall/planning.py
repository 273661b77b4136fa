"""The decision: what goes when somebody leaves, in an order that AWS allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Severity
from autopilot.notify.phrases import counted
from autopilot.policy.model import Policy
from autopilot.reconcile.outcome import last
from autopilot.reconcile.removal import Removal, RemovalAction
from autopilot.reconcile.rounds import LAST_ROUND
from autopilot.uninstall.facts import OwnedResources
from autopilot.uninstall.messages import PLANNED, STILL_CONNECTED
from autopilot.uninstall.plan import Refusal, UninstallPlan, UninstallRequest

MOST_ITEMS = 150
"""A state of the workflow carries 256 KiB; an item and its outcome take less than a kilobyte."""
MOST_LINES = 500
_MOST_NAMED = 50
_REASON = "everything of ours goes: a person said so"


def plan(request: UninstallRequest, owned: OwnedResources, policy: Policy) -> UninstallPlan:
    """The plan for this look.

    Nothing goes unless the policy's mode is audit: else the automation would put it back.
    """
    refused = _refusal(request, policy)
    ended = last(request.outcomes)
    ready = [each for each in _removals(owned) if _is_free(each, owned)]
    fresh = [each for each in ready if each.id not in ended or ended[each.id].result == "stale"]
    done = [each.id for each in ready if each.id in ended and ended[each.id].result == "done"]
    may = not refused and request.round_number <= LAST_ROUND
    items = tuple(fresh[: max(0, MOST_ITEMS - len(request.outcomes))]) if may else ()
    lines = tuple(_lines(owned))
    return UninstallPlan(
        items=items,
        findings=(*_planned(owned, refused), *_connected(owned)),
        lines=lines[:MOST_LINES],
        count=len(lines),
        refused=refused,
        more=len(fresh) - len(items) if may else 0,
        waiting=(*done, *([] if fresh else _in_the_way(owned))) if may else (),
    )


def _refusal(request: UninstallRequest, policy: Policy) -> Refusal:
    if not request.confirm:
        return "not confirmed"
    return "" if policy.mode == "audit" else "the mode is enforce"


def _removals(owned: OwnedResources) -> Iterator[Removal]:
    """Everything that can go, what others depend on last."""
    yield from (_of("delete parameter", name) for name in owned.parameters)
    yield from (_of("delete service", each.id) for each in owned.services if not each.connections)
    for endpoint in owned.endpoints:
        if endpoint.standing != "going":
            yield _of("delete endpoint", endpoint.id, endpoint.vpc_id, endpoint.service_name)
    yield from (_of("delete group", group.id, group.vpc_id) for group in owned.groups)


def _of(action: RemovalAction, resource_id: str, vpc_id: str = "", service: str = "") -> Removal:
    return Removal(action, resource_id, vpc_id=vpc_id, service=service, reason=_REASON)


def _is_free(item: Removal, owned: OwnedResources) -> bool:
    """Whether it can go now: not before an endpoint that bears or needs it, one that is going
    included."""
    if item.action == "delete group":
        return not any(item.resource_id in endpoint.group_ids for endpoint in owned.endpoints)
    if item.action != "delete endpoint":
        return True
    (held,) = [endpoint for endpoint in owned.endpoints if endpoint.id == item.resource_id]
    return not any(endpoint.relies_on(held) for endpoint in owned.endpoints)


def _in_the_way(owned: OwnedResources) -> list[str]:
    """The endpoints that are going and keep something else until they are gone."""
    groups = {group.id for group in owned.groups}
    going = [e for e in owned.endpoints if e.standing == "going"]
    return [
        e.id for e in going if groups & {*e.group_ids} or any(map(e.relies_on, owned.endpoints))
    ]


def _lines(owned: OwnedResources) -> Iterator[str]:
    """What is left: AWS lists what is going for a while, and nobody has to do a thing."""
    for endpoint in owned.endpoints:
        if endpoint.standing == "going":
            continue
        to = f" for {endpoint.service_name}" if endpoint.service_name else ""
        yield f"{endpoint.id}  {endpoint.type} endpoint{to} in {endpoint.vpc_id}"
    for group in owned.groups:
        yield f"{group.id}  security group in {group.vpc_id}"
    for service in owned.services:
        count = len(service.connections)
        used = f", which stays: it has {counted(count, 'connection')}" if count else ""
        yield f"{service.id}  endpoint service{used}"
    for name in owned.parameters:
        yield f"{name}  SSM parameter"


def _planned(owned: OwnedResources, refused: Refusal) -> Iterator[Finding]:
    """What a run that carries it out would remove; nothing to say where there is nothing."""
    removals = tuple(_removals(owned))
    if not refused or not removals:
        return
    counts = Counter(each.action.removeprefix("delete ") for each in removals)
    data = {
        "why": refused,
        "things": [each.resource_id for each in removals[:_MOST_NAMED]],
        "counts": dict(sorted(counts.items())),
    }
    severity: Severity = "info" if refused == "not confirmed" else "action"
    yield PLANNED.about("everything", data, severity)


def _connected(owned: OwnedResources) -> Iterator[Finding]:
    for service in owned.services:
        if service.connections:
            data = {
                "connections": list(service.connections[:_MOST_NAMED]),
                "count": len(service.connections),
            }
            yield STILL_CONNECTED.about(service.id, data)
