"""The decision: what of ours goes when somebody leaves, in an order that AWS allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autopilot.core.finding import Finding
from autopilot.core.policy import Policy
from autopilot.core.removal import Removal, RemovalAction, last_of
from autopilot.core.retirement.estate import Estate
from autopilot.core.retirement.plan import Refusal, RetirementPlan
from autopilot.core.retirement.request import RetirementRequest

MOST_ITEMS = 150
"""A state of the workflow carries 256 KiB; an item and its outcome take less than a kilobyte."""
MOST_THINGS = 500
LAST_ROUND = 4
_MOST_NAMED = 50
_REASON = "everything of ours goes: a person said so"


def plan(request: RetirementRequest, estate: Estate, policy: Policy) -> RetirementPlan:
    """The plan for this look.

    Nothing goes unless the policy's mode is audit: else the automation would put it back.
    """
    refused = _refusal(request, policy)
    last = last_of(request.outcomes)
    wanted = tuple(_removals(estate))
    ready = [item for item in wanted if item.action != "delete group" or _free(item, estate)]
    open_ = [i for i in ready if i.id not in last or last[i.id].result == "stale"]
    may = not refused and request.round_number <= LAST_ROUND
    room = max(0, MOST_ITEMS - len(request.outcomes))
    items = tuple(open_[:room]) if may else ()
    going = [e.id for e in estate.endpoints if e.standing == "going"]
    shown = [i.id for i in ready if i.id in last and last[i.id].result == "done"]
    held = [g for g in estate.groups if not _free(Removal("delete group", g.id), estate)]
    things = tuple(_lines(estate))
    return RetirementPlan(
        items=items,
        findings=(*_planned(estate, refused), *_connected(estate)),
        things=things[:MOST_THINGS],
        count=len(things),
        refused=refused,
        more=len(open_) - len(items) if may else 0,
        waiting=tuple(shown + (going if held and not open_ else [])) if may else (),
    )


def _refusal(request: RetirementRequest, policy: Policy) -> Refusal:
    if not request.confirm:
        return "not confirmed"
    return "" if policy.mode == "audit" else "the mode is enforce"


def _removals(estate: Estate) -> Iterator[Removal]:
    """Everything that can go, what others depend on last."""
    for name in estate.parameters:
        yield _of("delete parameter", name)
    for service in estate.services:
        if not service.connections:
            yield _of("delete service", service.id)
    for endpoint in estate.endpoints:
        if endpoint.standing != "going":
            yield _of("delete endpoint", endpoint.id, endpoint.vpc_id, endpoint.service_name)
    for group in estate.groups:
        yield _of("delete group", group.id, group.vpc_id)


def _of(action: RemovalAction, thing: str, vpc_id: str = "", service: str = "") -> Removal:
    return Removal(action, thing, vpc_id=vpc_id, service=service, reason=_REASON)


def _free(item: Removal, estate: Estate) -> bool:
    """Whether no endpoint of ours bears the group any more, one that is going included."""
    return not any(item.thing in endpoint.group_ids for endpoint in estate.endpoints)


def _lines(estate: Estate) -> Iterator[str]:
    for endpoint in estate.endpoints:
        what = f"{endpoint.type} endpoint for {endpoint.service_name} in {endpoint.vpc_id}"
        yield f"{endpoint.id}  {what}"
    for group in estate.groups:
        yield f"{group.id}  security group in {group.vpc_id}"
    for service in estate.services:
        count = len(service.connections)
        used = f", which stays: it has {count} connection(s)" if count else ""
        yield f"{service.id}  endpoint service{used}"
    for name in estate.parameters:
        yield f"{name}  SSM parameter"


def _planned(estate: Estate, refused: Refusal) -> Iterator[Finding]:
    """What a run that carries it out would remove; nothing to say where there is nothing."""
    removals = tuple(_removals(estate))
    if not refused or not removals:
        return
    counts = Counter(each.action.removeprefix("delete ") for each in removals)
    data = {
        "why": refused,
        "things": [each.thing for each in removals[:_MOST_NAMED]],
        "counts": dict(sorted(counts.items())),
    }
    severity = "info" if refused == "not confirmed" else "action"
    yield Finding("RetirementPlanned", "everything", severity, data)


def _connected(estate: Estate) -> Iterator[Finding]:
    for service in estate.services:
        if service.connections:
            data = {
                "connections": list(service.connections[:_MOST_NAMED]),
                "count": len(service.connections),
            }
            yield Finding("StillConnected", service.id, "action", data)
