"""Whether a survey shows what is known to be so: AWS is eventually consistent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from autopilot.gateway.facts import Endpoint, Facts
from autopilot.gateway.plan import NetworkOutcome
from autopilot.reconcile import visible


def unseen(
    facts: Facts, expect: Iterable[str], outcomes: Iterable[NetworkOutcome]
) -> tuple[str, ...]:
    """Those of `expect` that the survey doesn't show yet.

    An expectation is as `autopilot.reconcile.visible` says: of a VPC, a table, an endpoint.
    """
    seen = {vpc.id for vpc in facts.vpcs}
    seen |= {table.id for table in facts.route_tables}
    seen |= {endpoint.id for endpoint in facts.endpoints}
    holding = {endpoint.id for endpoint in facts.endpoints if endpoint.route_table_ids}
    return visible.unseen(
        expect, outcomes, seen=seen, serving=holding, shows=lambda o: _shows(facts, seen, o)
    )


def _shows(facts: Facts, seen: set[str], outcome: NetworkOutcome) -> bool:
    match outcome.result:
        case "done":
            return _stands(facts, seen, outcome)
        case "stale":
            return _explained(facts, seen, outcome)
        case "failed":
            return True
        case _:
            assert_never(outcome.result)


def _stands(facts: Facts, seen: set[str], outcome: NetworkOutcome) -> bool:
    """Whether the endpoint is there with its tables; those that are gone ask for nothing."""
    wanted = seen.intersection(outcome.item.route_table_ids)
    endpoint = next((e for e in facts.endpoints if e.id == outcome.item.endpoint_id), None)
    if endpoint is None:
        return not wanted
    return endpoint.standing != "living" or wanted <= set(endpoint.route_table_ids)


def _explained(facts: Facts, seen: set[str], outcome: NetworkOutcome) -> bool:
    """Whether the survey shows why the change didn't fit: else the same would be planned again.

    The errors are those of `autopilot.aws.errors`; the others need no waiting.
    """
    wanted = seen.intersection(outcome.item.route_table_ids)
    if outcome.error == "RouteAlreadyExists":
        served = {t for e in facts.endpoints if _serves(e, outcome) for t in e.route_table_ids}
        return not wanted or bool(wanted & served)
    if outcome.error == "NotFound":
        named = {outcome.item.vpc_id, *outcome.item.route_table_ids}
        living = {e.id for e in facts.endpoints if e.standing == "living"}
        return not named <= seen or (outcome.item.endpoint_id or "") not in {"", *living}
    return True


def _serves(endpoint: Endpoint, outcome: NetworkOutcome) -> bool:
    """Whether it is a living endpoint for the outcome's service; one being deleted blocks only."""
    return (
        endpoint.standing == "living"
        and endpoint.vpc_id == outcome.item.vpc_id
        and endpoint.service_name.endswith(f".{outcome.item.service}")
    )
