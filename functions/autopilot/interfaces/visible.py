"""Whether a look shows what must be there, and how earlier changes came out."""

from __future__ import annotations

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.interfaces.request import InterfaceRequest
from autopilot.reconcile import visible


def unseen(facts: Facts, request: InterfaceRequest) -> tuple[str, ...]:
    """Those of the expectations that the look doesn't show yet: AWS is eventually consistent.

    Beside items and `gone`, it is the ids of VPCs, subnets, endpoints and a VPC's blocks.
    """
    living = {endpoint.id for endpoint in facts.endpoints if endpoint.lives}
    blocks = {id_ for vpc in facts.vpcs for id_ in vpc.associations}
    seen = {vpc.id for vpc in facts.vpcs} | {subnet.id for subnet in facts.subnets} | blocks
    seen |= {endpoint.id for endpoint in facts.endpoints} | {group.id for group in facts.groups}
    return visible.unseen(
        request.expect,
        request.outcomes,
        seen=seen,
        serving=living | blocks,
        shows=lambda outcome: _shows(facts, seen, living, outcome),
    )


def _shows(facts: Facts, seen: set[str], living: set[str], outcome: InterfaceOutcome) -> bool:
    item = outcome.item
    if item.vpc_id not in seen or item.kind == "parameter":
        return True
    if outcome.result == "stale":
        return _explained(facts, outcome)
    if outcome.result == "failed" or item.action == "modify":
        return True
    return (item.resource_id in seen) if item.action == "create" else item.resource_id not in living


def _explained(facts: Facts, outcome: InterfaceOutcome) -> bool:
    """Whether the look shows who was faster: else the same would be planned again.

    A token used with other parameters means that another execution made, or makes, the endpoint.
    """
    if outcome.error != "ParameterMismatch":
        return True
    there = facts.endpoints_in(outcome.item.vpc_id)
    return any(e.lives and e.service_name == outcome.item.service_name for e in there)
