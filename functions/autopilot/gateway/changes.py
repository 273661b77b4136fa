"""The changes that one need comes to: at most one for each endpoint, with reason and cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autopilot.gateway.desired import DesiredEndpoint
from autopilot.gateway.facts import Endpoint, Facts
from autopilot.gateway.plan import Action, Cause, Item
from autopilot.policy.model import Policy
from autopilot.policy.names import proper_name


def changes(
    need: DesiredEndpoint, tables: Sequence[str], policy: Policy, expect: frozenset[str]
) -> Iterator[Item]:
    """The changes that give `tables` their route and each endpoint of ours its policy.

    The oldest endpoint of ours takes the tables; with none there, one is made. `expect` holds the
    ids that events called new.
    """
    if need.ours is None:
        if tables:
            yield _item(need, None, tables, True, policy, expect)
        return
    if tables or need.ours in need.drifted:
        yield _item(need, need.ours, tables, need.ours in need.drifted, policy, expect)
    for other in need.drifted:
        if other != need.ours:
            yield _item(need, other, (), True, policy, expect)


def in_order(creates: Iterable[Item], facts: Facts) -> tuple[Item, ...]:
    """Creations, those first that complete a VPC which has an endpoint for another service.

    The quota cuts this list: better a VPC done than two half done.
    """
    served = {e.vpc_id for e in facts.endpoints if e.standing == "living"}
    return tuple(sorted(creates, key=lambda item: item.vpc_id not in served))


def _item(
    need: DesiredEndpoint,
    endpoint: Endpoint | None,
    tables: Sequence[str],
    set_policy: bool,
    policy: Policy,
    expect: frozenset[str],
) -> Item:
    wanted = policy.gateway_endpoints.endpoint_policy
    cause = _cause(need, endpoint, tables, expect)
    action: Action = "create" if endpoint is None else "modify"
    further = endpoint is not None and endpoint != need.ours
    reason = _reason(need.service, cause, len(tables))
    if set_policy and endpoint is not None:
        reason += f", its policy isn't the wanted one ({wanted or 'full access'})"
    return Item(
        id=f"{need.subject}/{endpoint.id}" if endpoint and further else need.subject,
        action=action,
        vpc_id=need.vpc_id,
        service=need.service,
        service_name=need.service_name,
        endpoint_id=None if endpoint is None else endpoint.id,
        route_table_ids=tuple(sorted(tables)),
        endpoint_policy=wanted,
        set_policy=set_policy,
        reason=reason,
        cause=cause,
    )


def _cause(
    need: DesiredEndpoint, endpoint: Endpoint | None, tables: Sequence[str], expect: frozenset[str]
) -> Cause:
    if not tables:
        return "policy-drift"
    if need.vpc_id in expect:
        return "new-vpc"
    if expect.intersection(tables):
        return "new-table"
    return "no-endpoint" if endpoint is None else "table-without-route"


def _reason(service: str, cause: Cause, tables: int) -> str:
    """One sentence, without the ids: they stand beside it."""
    whose = {
        "new-vpc": "the VPC is new",
        "new-table": "a route table is new",
        "no-endpoint": "there is no endpoint of ours",
        "table-without-route": "our endpoint is there but doesn't reach every route table",
        "policy-drift": "our endpoint is there",
    }[cause]
    if not tables:
        return whose
    many = "1 route table is" if tables == 1 else f"{tables} route tables are"
    return f"{whose}, {many} without a route to {proper_name(service)}"
