"""Whether a survey shows what is known to be so: AWS is eventually consistent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from autopilot.gateway.facts import Endpoint, Facts
from autopilot.gateway.outcome import Outcome

GONE = "gone/"


def gone(id_: str) -> str:
    """The expectation that what was deleted, of whichever workflow, serves no more."""
    return f"{GONE}{id_}"


def still_to_show(expect: Iterable[str]) -> tuple[str, ...]:
    """Expectations of several events as one, sorted: what was made and is gone need not show."""
    every = frozenset(expect)
    return tuple(sorted(e for e in every if gone(e) not in every))


def unseen(facts: Facts, expect: Iterable[str], outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Those of `expect` that the survey doesn't show yet.

    An expectation is the id of a VPC, a route table or an endpoint that was created; `gone` of an
    endpoint that was deleted; or the id of an item: what its last outcome tells must show.
    """
    last = {outcome.id: outcome for outcome in outcomes}
    seen = {vpc.id for vpc in facts.vpcs}
    seen |= {table.id for table in facts.route_tables}
    seen |= {endpoint.id for endpoint in facts.endpoints}
    holding = {endpoint.id for endpoint in facts.endpoints if endpoint.route_table_ids}

    def met(expected: str) -> bool:
        if expected.startswith(GONE):
            return expected.removeprefix(GONE) not in holding
        if "/" in expected:
            return expected not in last or _shows(facts, seen, last[expected])
        return expected in seen

    return tuple(expected for expected in expect if not met(expected))


def _shows(facts: Facts, seen: set[str], outcome: Outcome) -> bool:
    match outcome.result:
        case "done":
            return _stands(facts, seen, outcome)
        case "stale":
            return _explained(facts, seen, outcome)
        case "failed":
            return True
        case _:
            assert_never(outcome.result)


def _stands(facts: Facts, seen: set[str], outcome: Outcome) -> bool:
    """Whether the endpoint is there with its tables; those that are gone ask for nothing."""
    wanted = seen.intersection(outcome.route_table_ids)
    endpoint = next((e for e in facts.endpoints if e.id == outcome.endpoint_id), None)
    if endpoint is None:
        return not wanted
    return endpoint.standing != "living" or wanted <= set(endpoint.route_table_ids)


def _explained(facts: Facts, seen: set[str], outcome: Outcome) -> bool:
    """Whether the survey shows why the change didn't fit: else the same would be planned again.

    The errors are those of `autopilot.aws.errors`; the others need no waiting.
    """
    wanted = seen.intersection(outcome.route_table_ids)
    if outcome.error == "RouteAlreadyExists":
        served = {t for e in facts.endpoints if _serves(e, outcome) for t in e.route_table_ids}
        return not wanted or bool(wanted & served)
    if outcome.error == "NotFound":
        named = {outcome.vpc_id, *outcome.route_table_ids}
        living = {e.id for e in facts.endpoints if e.standing == "living"}
        return not named <= seen or (outcome.endpoint_id or "") not in {"", *living}
    return True


def _serves(endpoint: Endpoint, outcome: Outcome) -> bool:
    """Whether it is a living endpoint for the outcome's service; one being deleted blocks only."""
    return (
        endpoint.standing == "living"
        and endpoint.vpc_id == outcome.vpc_id
        and endpoint.service_name.endswith(f".{outcome.service}")
    )
