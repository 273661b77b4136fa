"""The decision: what gives way to calls that were refused, and until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from autopilot.notify.finding import Finding
from autopilot.policy.model import Policy
from autopilot.reconcile import rounds
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.outcome import last
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.withdrawn import DELETION_TAKES, RETRY_TAKES
from autopilot.withdraw.desired import Resolution, resolution_for
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import NetworkContents
from autopilot.withdraw.messages import PLANNED, ROUTE_CONTESTED
from autopilot.withdraw.plan import Left, NetworkLook, WithdrawalPlan, WithdrawalRequest

MOST_ITEMS = 100
"""A state of the workflow carries 256 KiB; a removal and its outcome take some 700 bytes."""
# The look that puts things back comes when the ledger's time is over, not just before.
_AFTER = timedelta(seconds=5)


def stays_away(demand: Demand) -> timedelta:
    """How long what gives way to `demand` stays away."""
    return RETRY_TAKES if demand.kind == "route" else DELETION_TAKES


def plan(
    request: WithdrawalRequest,
    network: NetworkContents,
    policy: Policy,
    stack: StackIdentity,
    now: datetime,
    tried: frozenset[str] = frozenset(),
) -> WithdrawalPlan:
    """The plan for this look. `now` is aware and in UTC; `tried`: routes that were left in vain.

    What failed is left: whoever wants it gone tries again, and that wakes it again.
    """
    found = _resolutions(request.demands, network, stack, now, tried)
    left: Counter[Left] = Counter(each.left for each in found if each.left)
    wanted = _merged(removal for each in found for removal in each.removals)
    ended = last(request.outcomes)
    done = [item.id for item in wanted if item.id in ended and ended[item.id].result == "done"]
    fresh = rounds.in_turn(wanted, request, _is_due)
    audited = fresh if policy.mode == "audit" else ()
    items = () if audited else fresh[:MOST_ITEMS]
    left |= {"audit mode": len(audited), "tried already": len(wanted) - len(fresh)}
    left["too many at once"] = len(fresh) - len(items) - len(audited)
    waiting = (*done, *(id_ for each in found for id_ in each.waits_for))
    return WithdrawalPlan(
        items=items,
        findings=(*(f for each in found for f in each.findings), *map(_announced, audited)),
        left={reason: count for reason, count in sorted(left.items()) if count},
        again=_again([*(o.item for o in request.outcomes), *items], now),
        waiting=() if policy.mode == "audit" else tuple(dict.fromkeys(waiting)),
    )


def _is_due(item: Removal, before: tuple[RemovalOutcome, ...]) -> bool:
    """What failed, or was done and doesn't show yet, isn't tried again; what came out stale is."""
    return not before or rounds.was_stale(item, before)


def _resolutions(
    demands: Sequence[Demand],
    network: NetworkContents,
    stack: StackIdentity,
    now: datetime,
    tried: frozenset[str],
) -> list[Resolution]:
    together = frozenset(demand.id for demand in demands)
    found: list[Resolution] = []
    for demand in sorted(demands):
        away = stays_away(demand)
        if now - datetime.fromisoformat(demand.at) > away:
            found.append(Resolution(left="an old refusal"))
            continue
        resolution = resolution_for(demand, network, stack, together)
        until = (now + away).isoformat(timespec="seconds")
        removals = tuple(replace(each, until=until) for each in resolution.removals)
        found.append(_unless_tried(replace(resolution, removals=removals), tried))
    return found


def _unless_tried(resolution: Resolution, tried: frozenset[str]) -> Resolution:
    """Not a second time within 90 days for a route whose next owner never came: traffic suffers."""
    again = [each for each in resolution.removals if each.action == "leave tables"]
    contested = [each for each in again if tried & {*each.remember}]
    if not contested:
        return resolution
    return Resolution(findings=tuple(map(_contested, contested)), left="left in vain before")


def _merged(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    """One removal for each endpoint and action: an endpoint changes in one call."""
    found: dict[str, Removal] = {}
    for each in removals:
        known = found.get(each.id)
        found[each.id] = each if known is None else _both(known, each)
    return _without_duplicates(found)


def _both(one: Removal, other: Removal) -> Removal:
    return replace(
        one,
        parts=tuple(sorted({*one.parts, *other.parts})),
        remember=tuple(sorted({*one.remember, *other.remember})),
        until=max(one.until, other.until),
    )


def _without_duplicates(found: Mapping[str, Removal]) -> tuple[Removal, ...]:
    """Without the parts of endpoints that go as a whole."""
    whole = {each.resource_id for each in found.values() if each.action == "delete endpoint"}
    kept = (
        each
        for each in found.values()
        if each.action == "delete endpoint" or each.resource_id not in whole
    )
    return tuple(sorted(kept, key=lambda each: each.id))


def _again(removals: Sequence[Removal], now: datetime) -> NetworkLook:
    """One look when the first of them may come back: a table's route, if there is one.

    What comes back later is the sweep's.
    """
    away = [each for each in removals if each.remember]
    if not away:
        return NetworkLook()
    until = min(datetime.fromisoformat(each.until) for each in away)
    seconds = max(1, round((until + _AFTER - now).total_seconds()))
    return NetworkLook(seconds, tuple(sorted({each.vpc_id for each in away})))


def _contested(item: Removal) -> Finding:
    data = {
        "action": item.action,
        "thing": item.resource_id,
        "parts": list(item.parts),
        "service_name": item.service,
        "by": item.by,
    }
    subject = "/".join((item.vpc_id, item.resource_id, *item.parts))
    return ROUTE_CONTESTED.about(subject, data)


def _announced(item: Removal) -> Finding:
    data = {
        "action": item.action,
        "thing": item.resource_id,
        "parts": list(item.parts),
        "reason": item.reason,
        "by": item.by,
    }
    return PLANNED.about(f"{item.vpc_id}/{item.resource_id}", data)
