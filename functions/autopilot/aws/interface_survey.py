"""Reads how interface endpoints stand: in bulk, so that calls grow with pages, not with VPCs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from autopilot.aws import interface_endpoints, offered_services, parameters, quotas, security_groups
from autopilot.aws.errors import NotVisibleYet
from autopilot.aws.pages import call, filters, pages, tags_of, type_of
from autopilot.interfaces.desired import Desired, asked_in, desired_in
from autopilot.interfaces.facts import DnsAttributes, Endpoint, Facts, Group, Subnet, Vpc
from autopilot.interfaces.parameters import to_probe
from autopilot.interfaces.request import InterfaceRequest, Situation
from autopilot.interfaces.visible import unseen
from autopilot.notify.ledger import FINDINGS, Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.scope import InterfaceScope
from autopilot.reconcile.tags import OWNER_TAG
from autopilot.reconcile.withdrawn import withdrawn

# The most that each call takes for a page (botocore's EC2 model).
_PAGE = 1000
# Interfaces; what their quota counts as well; what private DNS of some of them relies on.
_TYPES = ["Interface", "GatewayLoadBalancer", "Gateway"]
Filters = list[dict[str, Any]]


def look(
    request: InterfaceRequest, policy: Policy, stack: StackIdentity, ledger: Rows, at: datetime
) -> tuple[Situation, Desired]:
    """How things stand, and what is wanted of them; looks closer only where that decides something.

    Raises NotVisibleYet while it doesn't show what must be there, other AwsErrors.
    """
    facts = survey(request.scope, policy, stack)
    if missing := unseen(facts, request):
        raise NotVisibleYet(f"the survey doesn't show yet: {', '.join(missing)}")
    now = Situation(
        facts=facts,
        policy=policy,
        stack=stack,
        request=request,
        withdrawn=withdrawn(ledger, at),
        told=_told(ledger) if policy.retire_interfaces == "now" else frozenset(),
        hour=at.strftime("%Y-%m-%dT%H"),
    )
    desired = desired_in(now)
    foreign = parameters.not_ours(to_probe(now), stack.owner)
    facts = replace(facts, dns=_dns_attributes(desired.vpcs_to_probe), foreign=foreign)
    now = replace(now, facts=facts)
    if desired.near_quota(facts):
        now = replace(now, limit=quotas.interface_endpoints())
    return now, desired


def _told(ledger: Rows) -> frozenset[str]:
    return frozenset(row.key.sk for row in ledger.rows(FINDINGS, "InterfaceUnwanted/") if row.told)


def survey(scope: InterfaceScope, policy: Policy, stack: StackIdentity) -> Facts:
    """VPCs of the scope with subnets, interface endpoints and our groups; services; parameters.

    Ids in the scope that lead to no VPC are left out. Raises AwsErrors.
    """
    if scope.everything:
        return _facts("all", [[]], policy, stack)
    vpc_ids = tuple(sorted(_vpcs_of(scope, stack)))
    if not vpc_ids:
        return Facts(looked_at=())
    return _facts(vpc_ids, list(filters("vpc-id", vpc_ids)), policy, stack)


def _dns_attributes(vpc_ids: Iterable[str]) -> Mapping[str, DnsAttributes]:
    """Each VPC's DNS attributes, two calls each."""
    return {
        vpc_id: DnsAttributes(
            support=_attribute(vpc_id, "enableDnsSupport", "EnableDnsSupport"),
            hostnames=_attribute(vpc_id, "enableDnsHostnames", "EnableDnsHostnames"),
        )
        for vpc_id in vpc_ids
    }


def _attribute(vpc_id: str, name: str, key: str) -> bool:
    answer = call("ec2", "DescribeVpcAttribute", VpcId=vpc_id, Attribute=name)
    return bool(answer[key]["Value"])


def _facts(looked_at: Any, narrowed: list[Filters], policy: Policy, stack: StackIdentity) -> Facts:
    vpcs = tuple(vpc for chosen in narrowed for vpc in _vpcs(chosen))
    described = [each for chosen in narrowed for each in _described(chosen)]
    return Facts(
        vpcs=vpcs,
        subnets=tuple(s for chosen in narrowed for s in _subnets(chosen)),
        endpoints=tuple(_interfaces(described)),
        counted_too=_counted_too(described),
        gateways=frozenset(_gateways(described)),
        groups=tuple(g for chosen in narrowed for g in _groups(chosen, stack)),
        offers=offered_services.offered(asked_in(policy, stack, vpcs), stack.region),
        parameters=parameters.under(looked_at),
        looked_at=looked_at,
    )


def _vpcs_of(scope: InterfaceScope, stack: StackIdentity) -> set[str]:
    found = {*scope.vpc_ids}
    if scope.subnet_ids:
        found |= {s.vpc_id for f in filters("subnet-id", scope.subnet_ids) for s in _subnets(f)}
    if scope.endpoint_ids:
        narrowed = filters("vpc-endpoint-id", scope.endpoint_ids)
        found |= {e.vpc_id for f in narrowed for e in _interfaces(_described(f))}
    if scope.group_ids:
        narrowed = filters("group-id", scope.group_ids)
        found |= {group.vpc_id for f in narrowed for group in _groups(f, stack)}
    return found


def _vpcs(chosen: Filters) -> Iterator[Vpc]:
    for vpc in pages("DescribeVpcs", **_request(chosen)):
        blocks = _blocks(vpc)
        yield Vpc(
            id=vpc["VpcId"],
            owner=vpc["OwnerId"],
            state=vpc["State"],
            cidrs=tuple(blocks.values()),
            tags=tags_of(vpc),
            associations=frozenset(blocks),
        )


def _blocks(answer: Mapping[str, Any]) -> dict[str, str]:
    """The blocks of a VPC or a subnet in state `associated`, by association.

    One on its way in or out lets nobody in.
    """
    found = {}
    for family in ("", "Ipv6"):
        for each in answer.get(f"{family}CidrBlockAssociationSet", ()):
            state = each.get(f"{family}CidrBlockState") or {}
            block = each.get(f"{family}CidrBlock")
            if block and state.get("State") == "associated":
                found[each.get("AssociationId", block)] = block
    return found


def _subnets(chosen: Filters) -> Iterator[Subnet]:
    for subnet in pages("DescribeSubnets", **_request(chosen)):
        yield Subnet(
            id=subnet["SubnetId"],
            vpc_id=subnet["VpcId"],
            zone_id=subnet.get("AvailabilityZoneId", ""),
            zone_name=subnet.get("AvailabilityZone", ""),
            state=subnet["State"],
            free=subnet.get("AvailableIpAddressCount", 0),
            tags=tags_of(subnet),
            ipv4=bool(subnet.get("CidrBlock")),
            ipv6=bool(_blocks(subnet)),
        )


def _described(chosen: Filters) -> Iterator[Mapping[str, Any]]:
    wanted = {"Name": "vpc-endpoint-type", "Values": _TYPES}
    return pages("DescribeVpcEndpoints", **_request([*chosen, wanted]))


def _interfaces(described: Iterable[Mapping[str, Any]]) -> Iterator[Endpoint]:
    return map(interface_endpoints.endpoint_of, _of_type("Interface", described))


def _of_type(kind: str, described: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (each for each in described if type_of(each) == kind)


def _counted_too(described: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """By VPC how many endpoints of gateway load balancers its quota counts."""
    there = _of_type("GatewayLoadBalancer", described)
    return Counter(each["VpcId"] for each in there if each["State"].lower() != "deleted")


def _gateways(described: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in map(interface_endpoints.endpoint_of, _of_type("Gateway", described)):
        if each.lives:
            yield each.vpc_id, each.service_name


def _groups(chosen: Filters, stack: StackIdentity) -> Iterator[Group]:
    ours = {"Name": f"tag:{OWNER_TAG}", "Values": [stack.owner]}
    return map(
        security_groups.group_of, pages("DescribeSecurityGroups", **_request([*chosen, ours]))
    )


def _request(chosen: Filters) -> dict[str, Any]:
    return {"MaxResults": _PAGE, **({"Filters": chosen} if chosen else {})}
