"""Whether a look shows what is known to be so: AWS is eventually consistent."""

from __future__ import annotations

from collections.abc import Iterable

from autopilot.interfaces.facts import Facts
from autopilot.interfaces.outcome import Outcome
from autopilot.reconcile.visible import GONE


def gone_ids(expect: Iterable[str]) -> tuple[str, ...]:
    """The endpoints that are expected to be gone."""
    return tuple(sorted(e.removeprefix(GONE) for e in expect if e.startswith(GONE)))


def unseen(facts: Facts, expect: Iterable[str], outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Those of `expect` that the look doesn't show yet.

    An expectation is the id of a VPC, a subnet, an endpoint or a VPC's block that was created;
    `gone` of an endpoint or a block that was taken away; or the id of an item: what its last
    outcome tells must show.
    """
    last = {outcome.id: outcome for outcome in outcomes}
    seen = {vpc.id for vpc in facts.vpcs} | {subnet.id for subnet in facts.subnets}
    seen |= {endpoint.id for endpoint in facts.endpoints} | {group.id for group in facts.groups}
    living = {endpoint.id for endpoint in facts.endpoints if endpoint.lives}
    blocks = {id_ for vpc in facts.vpcs for id_ in vpc.associations}
    seen |= blocks

    def met(expected: str) -> bool:
        if expected.startswith(GONE):
            return expected.removeprefix(GONE) not in living | blocks
        if "/" in expected:
            return expected not in last or _shows(facts, seen, living, last[expected])
        return expected in seen

    return tuple(expected for expected in expect if not met(expected))


def _shows(facts: Facts, seen: set[str], living: set[str], outcome: Outcome) -> bool:
    if outcome.vpc_id not in seen or outcome.kind == "parameter":
        return True
    if outcome.result == "stale":
        return _explained(facts, outcome)
    if outcome.result == "failed" or outcome.action == "modify":
        return True
    return (outcome.thing in seen) if outcome.action == "create" else outcome.thing not in living


def _explained(facts: Facts, outcome: Outcome) -> bool:
    """Whether the look shows who was faster: else the same would be planned again.

    A token used with other parameters means that another execution made, or makes, the endpoint.
    """
    if outcome.error != "ParameterMismatch":
        return True
    there = facts.endpoints_in(outcome.vpc_id)
    return any(e.lives and e.service_name == outcome.service_name for e in there)
