"""All that there is to see, joined and sorted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from autopilot.connections.messages import HELD
from autopilot.notify.ledger import FINDINGS
from autopilot.notify.names import remembered
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.connections import services
from autopilot.view.coverage import coverage
from autopilot.view.model import EVERY_PART, Overview, Part, Place
from autopilot.view.problems import problems
from autopilot.view.routes import routes
from autopilot.view.seen import Seen, name_of
from autopilot.view.waiting import REQUEST, waiting


def overview(seen: Seen) -> Overview:
    """The view. The same facts and rows always give the same one."""
    plan = routes(seen)
    # What is gone keeps the name that ops knew it by.
    names = remembered(row.body for row in seen.rows.get(FINDINGS, ()))
    names |= {vpc.id: name_of(vpc) for vpc in seen.network.vpcs}
    names |= {service.id: name_of(service) for service in seen.connections.services}
    waits = waiting(seen, plan, names)
    # What waits is shown there, with how long and what comes then.
    kinds = {REQUEST: HELD.kind}
    elsewhere = {f"{kinds.get(each.kind, each.kind)}/{each.subject}" for each in waits}
    return Overview(
        place=place_of(seen.policy, seen.stack, seen.now),
        vpcs=coverage(seen, plan),
        services=services(seen),
        waiting=waits,
        problems=problems(seen, names, elsewhere),
        unknown=seen.unknown,
    )


def place_of(policy: Policy, stack: StackIdentity, now: datetime) -> Place:
    """Whose view it is, and of when."""
    at = now.isoformat(timespec="seconds")
    return Place(stack.account, stack.region, stack.owner, policy.mode, at)


def only(view: Overview, parts: Collection[Part]) -> Overview:
    """The view without the parts that nobody asked for: what they need wasn't read, either."""
    empty: dict[str, Any] = {part: () for part in EVERY_PART if part not in parts}
    return replace(view, **empty)
