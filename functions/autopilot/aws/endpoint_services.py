"""Reads endpoint services, and the load balancers that stand or are to stand behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autopilot.aws import connections
from autopilot.aws.errors import NotFound, NotVisibleYet
from autopilot.aws.pages import call, pages, tags_of
from autopilot.policy.model import Policy
from autopilot.reconcile.plan import LookedAt
from autopilot.reconcile.scope import ServiceScope
from autopilot.services.changes import unseen
from autopilot.services.desired import Sorted, sort
from autopilot.services.facts import (
    EndpointService,
    LoadBalancer,
    PrivateName,
    ServicesFacts,
    subject_of,
)
from autopilot.services.plan import ServicesRequest

# The most that each call takes (ELB API reference).
_PAGE = 400
_TAGS_AT_ONCE = 20


def look(request: ServicesRequest, policy: Policy, owner: str) -> Sorted:
    """What there is of the scope, sorted; connections and permissions only where they decide.

    Raises NotVisibleYet while it doesn't show what must be there, other AwsErrors.
    """
    facts = survey(request.scope, bool(policy.endpoint_services.load_balancer_tags))
    found = sort(facts, policy, owner, connected)
    listed = principals([kept.service.id for kept in found.kept])
    facts = replace(found.facts, principals=listed)
    if missing := unseen(facts, request.expect, request.outcomes):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing[:20])}")
    return replace(found, facts=facts)


def survey(scope: ServiceScope, publishing: bool) -> ServicesFacts:
    """Load balancers and services of the scope, and what belongs together with them.

    `publishing` False: the policy publishes nothing, so that load balancers aren't looked at.
    """
    every = tuple(services())
    there = tuple(network_balancers()) if publishing else ()
    if scope.everything:
        return ServicesFacts(_tagged(there), every, looked_at="all")
    arns = _behind(scope, every)
    there = _tagged(there) if arns else ()
    arns = _with_same_line(arns, there, every)
    chosen = tuple(s for s in every if s.id in scope.service_ids or arns & {*s.balancer_arns})
    return ServicesFacts(
        balancers=tuple(b for b in there if b.arn in arns),
        services=chosen,
        looked_at=_looked_at(scope, arns, chosen),
    )


def principals(service_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """By service the principals that may ask for an endpoint."""
    return {
        id_: frozenset(
            entry.principal for entry in connections.permissions(id_) if entry.for_endpoints
        )
        for id_ in service_ids
    }


def connected(service_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """By service the endpoints that wait for it or use it."""
    found = dict[str, tuple[str, ...]]()
    if service_ids:
        for each in connections.connections(tuple(service_ids)):
            if each.endpoint_id and each.stage != "over":
                id_ = each.endpoint_id
                found[each.service_id] = (*found.get(each.service_id, ()), id_)
    return found


def services(service_ids: Collection[str] | None = None) -> Iterator[EndpointService]:
    """The endpoint services with these ids, all for None; none that is going."""
    return map(_service, connections.described_services(service_ids))


def _service(found: Mapping[str, Any]) -> EndpointService:
    return EndpointService(
        id=found["ServiceId"],
        name=found.get("ServiceName", ""),
        balancer_arns=tuple(sorted(found.get("NetworkLoadBalancerArns", ()))),
        zones=tuple(sorted(found.get("AvailabilityZones", ()))),
        acceptance_required=found.get("AcceptanceRequired", True),
        regions=tuple(sorted(r["Region"] for r in found.get("SupportedRegions", ()))),
        private_name=_private_name(found),
        tags=tags_of(found),
    )


def _private_name(found: Mapping[str, Any]) -> PrivateName | None:
    name, proof = found.get("PrivateDnsName"), found.get("PrivateDnsNameConfiguration", {})
    said = (proof.get(member, "") for member in ("State", "Type", "Name", "Value"))
    return PrivateName(name, *said) if name else None


def network_balancers() -> Iterator[LoadBalancer]:
    """All network load balancers, without their tags."""
    every = pages("DescribeLoadBalancers", service="elasticloadbalancing", PageSize=_PAGE)
    return (_balancer(each) for each in every if each.get("Type") == "network")


def balancer_tags(arns: Collection[str]) -> dict[str, Mapping[str, str]]:
    """The tags of load balancers by ARN; one that is gone has no entry."""
    every, found = sorted(arns), dict[str, Mapping[str, str]]()
    for start in range(0, len(every), _TAGS_AT_ONCE):
        found |= _tags(every[start : start + _TAGS_AT_ONCE])
    return found


def _tags(arns: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """One that is gone fails the whole call: then each is asked for alone."""
    try:
        answer = call("elasticloadbalancing", "DescribeTags", ResourceArns=list(arns))
    except NotFound:
        if len(arns) == 1:
            return {}
        return {arn: each for one in arns for arn, each in _tags([one]).items()}
    return {
        described["ResourceArn"]: {t["Key"]: t.get("Value", "") for t in described["Tags"]}
        for described in answer["TagDescriptions"]
    }


def _balancer(found: Mapping[str, Any]) -> LoadBalancer:
    created = found.get("CreatedTime")
    return LoadBalancer(
        arn=found["LoadBalancerArn"],
        name=found["LoadBalancerName"],
        internal=found.get("Scheme") == "internal",
        state=found.get("State", {}).get("Code", ""),
        created=created.isoformat() if created else "",
        zones=tuple(sorted(zone["ZoneName"] for zone in found.get("AvailabilityZones", ()))),
    )


def _tagged(there: tuple[LoadBalancer, ...]) -> tuple[LoadBalancer, ...]:
    """With their tags; one that was deleted meanwhile is left out."""
    found = balancer_tags([b.arn for b in there])
    return tuple(replace(b, tags=found[b.arn]) for b in there if b.arn in found)


def _behind(scope: ServiceScope, every: tuple[EndpointService, ...]) -> set[str]:
    """The load balancers of the scope, and all that share a service with one of them."""
    arns = set(scope.load_balancer_arns)
    for service in every:
        if service.id in scope.service_ids:
            arns.update(service.balancer_arns)
    for service in every:
        if arns.intersection(service.balancer_arns):
            arns.update(service.balancer_arns)
    return arns


def _with_same_line(
    arns: set[str], there: tuple[LoadBalancer, ...], every: tuple[EndpointService, ...]
) -> set[str]:
    """Those, all that are to stand for the same services, and what stands behind these."""
    lines = {balancer.line for balancer in there if balancer.arn in arns} - {None}
    same = arns | {balancer.arn for balancer in there if balancer.line in lines}
    return same | {arn for s in every if same & {*s.balancer_arns} for arn in s.balancer_arns}


def _looked_at(
    scope: ServiceScope, arns: set[str], chosen: tuple[EndpointService, ...]
) -> LookedAt:
    """What is named and not there was looked at as well: what is known of it is over."""
    ids = {*scope.service_ids, *(service.id for service in chosen)}
    return tuple(sorted(ids | {subject_of(arn) for arn in arns}))
