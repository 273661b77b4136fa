"""Whether a survey shows what is known to be so: AWS is eventually consistent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autopilot.core.facts import Facts
from autopilot.core.outcome import Outcome

_GONE = "gone/"


def gone(endpoint_id: str) -> str:
    """The expectation that a deleted endpoint holds no route any more."""
    return f"{_GONE}{endpoint_id}"


def unseen(facts: Facts, expect: Iterable[str], outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Those of `expect` that the survey doesn't show yet.

    An expectation is the id of a VPC, a route table or an endpoint that was created; `gone` of an
    endpoint that was deleted; or the id of an item: what its last outcome did must stand.
    """
    last = {outcome.id: outcome for outcome in outcomes}
    seen = {vpc.id for vpc in facts.vpcs}
    seen |= {table.id for table in facts.route_tables}
    seen |= {endpoint.id for endpoint in facts.endpoints}
    holding = {e.id for e in facts.endpoints if e.route_table_ids}
    return tuple(e for e in expect if not _met(e, facts, seen, holding, last))


def _met(
    expected: str,
    facts: Facts,
    seen: set[str],
    holding: set[str],
    last: Mapping[str, Outcome],
) -> bool:
    if expected.startswith(_GONE):
        return expected.removeprefix(_GONE) not in holding
    if "/" in expected:
        outcome = last.get(expected)
        return outcome is None or outcome.result != "done" or _stands(facts, outcome)
    return expected in seen


def _stands(facts: Facts, outcome: Outcome) -> bool:
    """Whether the endpoint is there with its tables; tables and VPCs that are gone ask nothing."""
    there = {table.id for table in facts.route_tables if table.vpc_id == outcome.vpc_id}
    wanted = there.intersection(outcome.route_table_ids)
    endpoint = next((e for e in facts.endpoints if e.id == outcome.endpoint_id), None)
    if endpoint is None:
        return not there
    return endpoint.standing != "living" or wanted <= set(endpoint.route_table_ids)
