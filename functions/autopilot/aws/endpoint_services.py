"""Reads how published services stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from autopilot.aws import load_balancers, privatelink
from autopilot.aws.pages import filters, pages
from autopilot.aws.survey import tags_of
from autopilot.connections.request import ConnectionScope
from autopilot.reconcile.plan import LookedAt
from autopilot.services.desired import line
from autopilot.services.facts import Balancer, Offer, PrivateName, PublishFacts, subject_of

_PAGE = 1000
_GONE = frozenset({"deleting", "deleted"})


def survey(scope: ConnectionScope, publishing: bool) -> PublishFacts:
    """Load balancers and services of the scope, and what belongs together with them.

    `publishing` False: the policy publishes nothing, so that load balancers aren't looked at.
    Raises AwsError's subclasses.
    """
    every = tuple(offers())
    there = tuple(load_balancers.network_balancers()) if publishing else ()
    if scope.everything:
        return PublishFacts(_tagged(there), every, looked_at="all")
    arns = _behind(scope, every)
    there = _tagged(there) if arns else ()
    arns = _with_kin(arns, there, every)
    chosen = tuple(o for o in every if o.id in scope.service_ids or arns & {*o.balancer_arns})
    return PublishFacts(
        balancers=tuple(b for b in there if b.arn in arns),
        offers=chosen,
        looked_at=_looked_at(scope, arns, chosen),
    )


def principals(service_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """By service the principals that may ask for an endpoint. Raises AwsError's subclasses."""
    return {
        id_: frozenset(
            entry.principal for entry in privatelink.permissions(id_) if entry.for_endpoints
        )
        for id_ in service_ids
    }


def connected(service_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """By service the endpoints that wait for it or use it. Raises AwsError's subclasses."""
    found = dict[str, tuple[str, ...]]()
    if service_ids:
        for each in privatelink.connections(tuple(service_ids)):
            if each.endpoint_id and each.stage != "over":
                id_ = each.endpoint_id
                found[each.service_id] = (*found.get(each.service_id, ()), id_)
    return found


def offers(service_ids: Collection[str] | None = None) -> Iterator[Offer]:
    """The endpoint services with these ids, all for None; none that is going.

    Raises AwsError's subclasses, ValueError for no id.
    """
    every = filters("service-id", service_ids) if service_ids is not None else [[]]
    for chosen in every:
        for found in pages(
            "DescribeVpcEndpointServiceConfigurations",
            "describe_vpc_endpoint_service_configurations",
            "ServiceConfigurations",
            MaxResults=_PAGE,
            **({"Filters": chosen} if chosen else {}),
        ):
            if found.get("ServiceState", "").lower() not in _GONE:
                yield offer_of(found)


def offer_of(found: Mapping[str, Any]) -> Offer:
    """A service as the API describes it."""
    return Offer(
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
    if not name:
        return None
    return PrivateName(
        name,
        proof.get("State", ""),
        proof.get("Type", ""),
        proof.get("Name", ""),
        proof.get("Value", ""),
    )


def _tagged(there: tuple[Balancer, ...]) -> tuple[Balancer, ...]:
    """With their tags; one that was deleted meanwhile is left out."""
    found = load_balancers.tags([b.arn for b in there])
    return tuple(replace(b, tags=found[b.arn]) for b in there if b.arn in found)


def _with_kin(arns: set[str], there: tuple[Balancer, ...], every: tuple[Offer, ...]) -> set[str]:
    """Those, all that are to stand for the same services, and what stands behind these."""
    lines = {line(balancer) for balancer in there if balancer.arn in arns} - {None}
    kin = arns | {balancer.arn for balancer in there if line(balancer) in lines}
    return kin | {arn for o in every if kin & {*o.balancer_arns} for arn in o.balancer_arns}


def _behind(scope: ConnectionScope, every: tuple[Offer, ...]) -> set[str]:
    """The load balancers of the scope, and all that share a service with one of them."""
    arns = set(scope.load_balancer_arns)
    for offer in every:
        if offer.id in scope.service_ids:
            arns.update(offer.balancer_arns)
    for offer in every:
        if arns.intersection(offer.balancer_arns):
            arns.update(offer.balancer_arns)
    return arns


def _looked_at(scope: ConnectionScope, arns: set[str], chosen: tuple[Offer, ...]) -> LookedAt:
    """What is named and not there was looked at as well: what is known of it is over."""
    services = {*scope.service_ids, *(offer.id for offer in chosen)}
    return tuple(sorted(services | {subject_of(arn) for arn in arns}))
