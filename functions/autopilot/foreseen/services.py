"""What the services workflow would do: endpoint services of the account's load balancers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from plan_services import LookAt, planned

from autopilot.aws import endpoint_services
from autopilot.foreseen.after_services import carried_out
from autopilot.foreseen.model import Action, Part, named
from autopilot.notify.ledger import Rows
from autopilot.notify.phrases import listed
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.services.changes import wanted_changes
from autopilot.services.desired import Ask, Sorted, sort
from autopilot.services.facts import ServicesFacts, name_of, subject_of
from autopilot.services.plan import ServiceItem, ServicesRequest

# A service, its list; a load balancer that joins, one that leaves.
_MOST_LOOKS = 6


def foresee(
    policy: Policy,
    us: StackIdentity,
    _ledger: Rows,
    _now: datetime,
    *,
    look: LookAt = endpoint_services.look,
) -> Part:
    """Everything, whatever fits into one execution. Raises AwsErrors."""
    found, made = planned(ServicesRequest(), policy, us, look=look)
    return Part(
        "services",
        actions=tuple(_unfolded(found, policy, us)),
        findings=made.findings,
        names={service.id: named(service.tags) for service in found.facts.services},
        left=made.left,
    )


def _unfolded(found: Sorted, policy: Policy, us: StackIdentity) -> Iterator[Action]:
    """All changes, look by look, each as if the earlier ones were done."""
    known = set[str]()
    for number in range(_MOST_LOOKS):
        wanted = wanted_changes(found, policy, us)
        fresh = [item for item in wanted if _content(item) not in known]
        known |= {_content(item) for item in fresh}
        yield from (_action(item, follows=number > 0) for item in fresh)
        if not fresh and number:
            return
        facts = carried_out(found.facts, fresh, us)
        found = sort(facts, policy, us.owner, _who_was_connected(facts))


def _who_was_connected(facts: ServicesFacts) -> Ask:
    return lambda _ids: facts.connected


def _content(item: ServiceItem) -> str:
    return json.dumps(encode(replace(item, reason="")))


def _action(item: ServiceItem, *, follows: bool) -> Action:
    return Action(
        "services",
        place=item.service_id or subject_of(item.balancer_arn),
        service=name_of(item.balancer_arn),
        verb=item.action,
        id=item.id,
        what="; ".join(_what(item)),
        reason=item.reason,
        content={k: v for k, v in encode(item).items() if k != "reason"},
        follows=follows,
    )


def _what(item: ServiceItem) -> Iterator[str]:
    who, name = listed(item.principals), name_of(item.balancer_arn)
    yield {
        "publish": f"make an endpoint service of load balancer {name}",
        "change": f"change {item.service_id}",
        "allow": f"let {who} ask to connect",
        "revoke": f"let {who} not ask to connect any more",
        "verify": "have AWS look for the record of its private DNS name",
        "retire": f"delete {item.service_id}",
    }[item.action]
    yield from _with(item)
    if item.reject:
        yield "cut all its connections first"


def _with(item: ServiceItem) -> Iterator[str]:
    for words, values in (
        ("in the zones", item.zones),
        ("support", item.add_regions),
        ("support no more", item.remove_regions),
        ("put behind it", tuple(map(name_of, item.add_balancers))),
        ("take from behind it", tuple(map(name_of, item.remove_balancers))),
    ):
        if values:
            yield f"{words} {listed(values)}"
    if item.private_name:
        yield f"private DNS name {item.private_name}"
    if item.require_acceptance:
        yield "ask for acceptance again"
