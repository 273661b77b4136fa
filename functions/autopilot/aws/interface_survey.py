"""Reads how interface endpoints stand: in bulk, so that calls grow with pages, not with VPCs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autopilot.aws import offers, parameters
from autopilot.aws.clients import client
from autopilot.aws.errors import aws_errors
from autopilot.aws.pages import filters, pages
from autopilot.aws.survey import tags_of, type_of
from autopilot.gateway.facts import standing_of
from autopilot.interfaces.desired import asked_in
from autopilot.interfaces.facts import DnsAttributes, Endpoint, Facts, Group, Subnet, Vpc
from autopilot.interfaces.rules import rule
from autopilot.interfaces.scope import InterfaceScope
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.names import OWNER_TAG

# The most that each call takes for a page (botocore's EC2 model).
_PAGE = 1000
# Interfaces; what their quota counts as well; what private DNS of some of them relies on.
_TYPES = ["Interface", "GatewayLoadBalancer", "Gateway"]
Filters = list[dict[str, Any]]


def survey(scope: InterfaceScope, policy: Policy, us: StackIdentity) -> Facts:
    """VPCs of the scope with subnets, interface endpoints and our groups; services; parameters.

    Ids in the scope that lead to no VPC are left out. Raises AwsError's subclasses.
    """
    if scope.everything:
        return _facts("all", [[]], policy, us)
    vpc_ids = tuple(sorted(_vpcs_of(scope, us)))
    if not vpc_ids:
        return Facts(looked_at=())
    return _facts(vpc_ids, list(filters("vpc-id", vpc_ids)), policy, us)


def dns_attributes(vpc_ids: Iterable[str]) -> Mapping[str, DnsAttributes]:
    """Each VPC's DNS attributes, two calls each. Raises AwsError's subclasses."""
    return {
        vpc_id: DnsAttributes(
            support=_attribute(vpc_id, "enableDnsSupport", "EnableDnsSupport"),
            hostnames=_attribute(vpc_id, "enableDnsHostnames", "EnableDnsHostnames"),
        )
        for vpc_id in vpc_ids
    }


def _attribute(vpc_id: str, name: str, key: str) -> bool:
    with aws_errors("ec2", "DescribeVpcAttribute"):
        answer = client("ec2").describe_vpc_attribute(VpcId=vpc_id, Attribute=name)
    return bool(answer[key]["Value"])


def _facts(looked_at: Any, narrowed: list[Filters], policy: Policy, us: StackIdentity) -> Facts:
    vpcs = tuple(vpc for chosen in narrowed for vpc in _vpcs(chosen))
    described = [each for chosen in narrowed for each in _described(chosen)]
    wanted = asked_in(policy, us, vpcs)
    return Facts(
        vpcs=vpcs,
        subnets=tuple(s for chosen in narrowed for s in _subnets(chosen)),
        endpoints=tuple(map(endpoint_of, _of_type("Interface", described))),
        counted_too=_counted_too(described),
        gateways=frozenset(_gateways(described)),
        groups=tuple(g for chosen in narrowed for g in _groups(chosen, us)),
        offers=offers.offered(wanted, us.region),
        parameters=parameters.under(looked_at),
        looked_at=looked_at,
    )


def _vpcs_of(scope: InterfaceScope, us: StackIdentity) -> set[str]:
    found = {*scope.vpc_ids}
    if scope.subnet_ids:
        subnets = (s for f in filters("subnet-id", scope.subnet_ids) for s in _subnets(f))
        found |= {subnet.vpc_id for subnet in subnets}
    if scope.endpoint_ids:
        there = (e for f in filters("vpc-endpoint-id", scope.endpoint_ids) for e in _endpoints(f))
        found |= {endpoint.vpc_id for endpoint in there}
    if scope.group_ids:
        groups = (g for f in filters("group-id", scope.group_ids) for g in _groups(f, us))
        found |= {group.vpc_id for group in groups}
    return found


def _vpcs(chosen: Filters) -> Iterator[Vpc]:
    for vpc in pages("DescribeVpcs", "describe_vpcs", "Vpcs", **_request(chosen)):
        blocks = _blocks(vpc)
        yield Vpc(
            id=vpc["VpcId"],
            owner=vpc["OwnerId"],
            state=vpc["State"],
            cidrs=tuple(blocks.values()),
            tags=tags_of(vpc),
            associations=frozenset(blocks),
        )


def _blocks(thing: Mapping[str, Any]) -> dict[str, str]:
    """The blocks of a VPC or a subnet in state `associated`, by association.

    One on its way in or out lets nobody in.
    """
    found = {}
    for family in ("", "Ipv6"):
        for each in thing.get(f"{family}CidrBlockAssociationSet", ()):
            state = each.get(f"{family}CidrBlockState") or {}
            block = each.get(f"{family}CidrBlock")
            if block and state.get("State") == "associated":
                found[each.get("AssociationId", block)] = block
    return found


def _subnets(chosen: Filters) -> Iterator[Subnet]:
    for subnet in pages("DescribeSubnets", "describe_subnets", "Subnets", **_request(chosen)):
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


def _endpoints(chosen: Filters) -> Iterator[Endpoint]:
    return map(endpoint_of, _of_type("Interface", _described(chosen)))


def _described(chosen: Filters) -> Iterator[Mapping[str, Any]]:
    request = _request([*chosen, {"Name": "vpc-endpoint-type", "Values": _TYPES}])
    yield from pages("DescribeVpcEndpoints", "describe_vpc_endpoints", "VpcEndpoints", **request)


def _of_type(kind: str, described: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (each for each in described if type_of(each) == kind)


def _counted_too(described: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """By VPC how many endpoints of gateway load balancers its quota counts."""
    there = _of_type("GatewayLoadBalancer", described)
    return Counter(each["VpcId"] for each in there if each["State"].lower() != "deleted")


def _gateways(described: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in _of_type("Gateway", described):
        if standing_of(each["State"]) == "living":
            yield each["VpcId"], each["ServiceName"]


def _groups(chosen: Filters, us: StackIdentity) -> Iterator[Group]:
    ours = {"Name": f"tag:{OWNER_TAG}", "Values": [us.owner]}
    request = _request([*chosen, ours])
    for group in pages(
        "DescribeSecurityGroups", "describe_security_groups", "SecurityGroups", **request
    ):
        yield group_of(group)


def _request(chosen: Filters) -> dict[str, Any]:
    return {"MaxResults": _PAGE, **({"Filters": chosen} if chosen else {})}


def endpoint_of(answer: Mapping[str, Any]) -> Endpoint:
    """An interface endpoint as the API describes it."""
    created = answer.get("CreationTimestamp")
    return Endpoint(
        id=answer["VpcEndpointId"],
        vpc_id=answer["VpcId"],
        service_name=answer["ServiceName"],
        state=answer["State"],
        created=created.isoformat() if created else "",
        subnet_ids=tuple(sorted(answer.get("SubnetIds", ()))),
        group_ids=tuple(sorted(group["GroupId"] for group in answer.get("Groups", ()))),
        private_dns=answer.get("PrivateDnsEnabled", False),
        policy=answer.get("PolicyDocument", ""),
        dns_names=tuple(entry["DnsName"] for entry in answer.get("DnsEntries", ())),
        requester_managed=answer.get("RequesterManaged", False),
        tags=tags_of(answer),
        service_region=answer.get("ServiceRegion", ""),
        inbound_only=answer.get("DnsOptions", {}).get("PrivateDnsOnlyForInboundResolverEndpoint"),
        # VPC Lattice's are written in capitals (AWS CLI's examples).
        address_type=answer.get("IpAddressType", "").lower() or None,
    )


def group_of(answer: Mapping[str, Any]) -> Group:
    """A security group as the API describes it."""
    return Group(
        id=answer["GroupId"],
        vpc_id=answer.get("VpcId", ""),
        name=answer["GroupName"],
        ingress=frozenset(_rules(answer.get("IpPermissions", ()))),
        egress=frozenset(_rules(answer.get("IpPermissionsEgress", ()))),
    )


_PEERS = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
)


def _rules(permissions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for permission in permissions:
        ports = permission.get("FromPort", -1), permission.get("ToPort", -1)
        for key, member in _PEERS:
            for peer in permission.get(key, ()):
                yield rule(permission["IpProtocol"], *ports, peer[member])
