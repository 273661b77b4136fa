"""What AWS says of interface endpoints, of what they stand in, and of services, as facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from autopilot.aws.errors import ServiceNotOffered
from autopilot.aws.pages import call, endpoints, filters, of_any_type, pages, tags_of, type_of
from autopilot.interfaces.facts import Endpoint, Facts, Group, Offer, Subnet, Vpc
from autopilot.policy.names import is_private
from autopilot.reconcile.tags import OWNER_TAG

Filters = list[dict[str, Any]]

# The most that each call takes for a page (botocore's EC2 model).
_PAGE = 1000
# Interfaces; what their quota counts as well; what private DNS of some of them relies on.
_TYPES = ["Interface", "GatewayLoadBalancer", "Gateway"]
# Where a rule of a group says who may come.
_PEERS = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
)


def vpcs(chosen: Filters) -> Iterator[Vpc]:
    """The VPCs that the filters choose; none chooses all, here and below."""
    return map(vpc_of, pages("DescribeVpcs", **_request(chosen)))


def vpc_of(answer: Mapping[str, Any]) -> Vpc:
    """A VPC as the API describes it."""
    blocks = _blocks(answer)
    return Vpc(
        id=answer["VpcId"],
        owner=answer["OwnerId"],
        state=answer["State"],
        cidrs=tuple(blocks.values()),
        tags=tags_of(answer),
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


def subnets(chosen: Filters) -> Iterator[Subnet]:
    """Subnets."""
    return map(subnet_of, pages("DescribeSubnets", **_request(chosen)))


def subnet_of(answer: Mapping[str, Any]) -> Subnet:
    """A subnet as the API describes it."""
    return Subnet(
        id=answer["SubnetId"],
        vpc_id=answer["VpcId"],
        zone_id=answer.get("AvailabilityZoneId", ""),
        zone_name=answer.get("AvailabilityZone", ""),
        state=answer["State"],
        free=answer.get("AvailableIpAddressCount", 0),
        tags=tags_of(answer),
        ipv4=bool(answer.get("CidrBlock")),
        ipv6=bool(_blocks(answer)),
    )


def described(chosen: Filters) -> Iterator[Mapping[str, Any]]:
    """Endpoints of every type that matters, as the API describes them."""
    return endpoints(_TYPES, chosen)


def with_endpoints(described: Sequence[Mapping[str, Any]]) -> Facts:
    """Facts of nothing but endpoints, of all types, as the API describes them."""
    return Facts(
        endpoints=tuple(interfaces(described)),
        counted_too=_counted_too(described),
        gateways=frozenset(_gateways(described)),
    )


def interfaces(described: Iterable[Mapping[str, Any]]) -> Iterator[Endpoint]:
    """The interface endpoints among those."""
    return map(endpoint_of, _of_type("Interface", described))


def _of_type(kind: str, described: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (each for each in described if type_of(each) == kind)


def _counted_too(described: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """By VPC how many endpoints of gateway load balancers its quota counts."""
    there = _of_type("GatewayLoadBalancer", described)
    return Counter(each["VpcId"] for each in there if each["State"].lower() != "deleted")


def _gateways(described: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """VPC and service's name of each gateway endpoint that serves."""
    for each in map(endpoint_of, _of_type("Gateway", described)):
        if each.lives:
            yield each.vpc_id, each.service_name


def groups(chosen: Filters, owner: str) -> Iterator[Group]:
    """The security groups with the tag of `owner`."""
    ours = {"Name": f"tag:{OWNER_TAG}", "Values": [owner]}
    return map(group_of, pages("DescribeSecurityGroups", **_request([*chosen, ours])))


def _request(chosen: Filters) -> dict[str, Any]:
    return {"MaxResults": _PAGE, **({"Filters": chosen} if chosen else {})}


def endpoint_of(answer: Mapping[str, Any]) -> Endpoint:
    """An interface endpoint as the API describes it."""
    return Endpoint(
        **of_any_type(answer),
        subnet_ids=tuple(sorted(answer.get("SubnetIds", ()))),
        group_ids=tuple(sorted(group["GroupId"] for group in answer.get("Groups", ()))),
        private_dns=answer.get("PrivateDnsEnabled", False),
        dns_names=tuple(entry["DnsName"] for entry in answer.get("DnsEntries", ())),
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


def _rules(permissions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for permission in permissions:
        first, last = permission.get("FromPort", -1), permission.get("ToPort", -1)
        for key, member in _PEERS:
            for peer in permission.get(key, ()):
                yield f"{permission['IpProtocol']} {first}-{last} {peer[member]}"


def offered(wanted: Mapping[str, Sequence[str]], home: str) -> Mapping[str, Offer]:
    """Those of the services that are offered as interface endpoints, by name. `home`: our Region.

    `wanted` says of each name in which Regions to look for it, likeliest first. AWS's own that may
    be here are asked for by filter: one unknown name among ServiceNames fails the whole call. A
    private service is listed to those only whom its permissions name one by one; by its name it
    answers everybody whom it admits, so each has a call of its own, as have services of other
    Regions. Raises AwsErrors.
    """
    plain = [n for n, regions in wanted.items() if home in regions and not is_private(n)]
    found: dict[str, Offer] = {}
    for chosen in filters("service-name", plain) if plain else ():
        found |= {offer.name: offer for offer in _offers(home, Filters=chosen, MaxResults=_PAGE)}
    for name, regions in wanted.items():
        elsewhere = [region for region in regions if region != home or is_private(name)]
        if name not in found:
            found |= {offer.name: offer for offer in _named(name, elsewhere, home)}
    return found


def _named(name: str, regions: Sequence[str], home: str) -> tuple[Offer, ...]:
    """The service in the first of the Regions that has it."""
    for region in regions:
        there = {"ServiceRegions": [region]} if region != home else {}
        try:
            if found := tuple(_offers(home, region, ServiceNames=[name], **there)):
                return found
        except ServiceNotOffered:
            pass
    return ()


def _offers(home: str, asked: str | None = None, /, **request: Any) -> Iterator[Offer]:
    details = tuple(pages("DescribeVpcEndpointServices", **request))
    # A service that comes as both is listed twice (terraform-aws-vpc #642).
    gateways = {detail["ServiceName"] for detail in details if _is(detail, "Gateway")}
    for detail in details:
        if _is(detail, "Interface"):
            region = detail.get("ServiceRegion") or asked or home
            yield _offer(detail, home, region, gateways)


def _is(detail: Mapping[str, Any], wanted: str) -> bool:
    return any(kind.get("ServiceType") == wanted for kind in detail.get("ServiceType", ()))


def _offer(detail: Mapping[str, Any], home: str, region: str, gateways: Collection[str]) -> Offer:
    names = {each.get("PrivateDnsName") for each in detail.get("PrivateDnsNames", ())}
    names.add(detail.get("PrivateDnsName"))
    # A service of another Region lists no zones (terraform-provider-aws #44186): any will do.
    zone_ids = frozenset(detail.get("AvailabilityZoneIds", ())) if region == home else None
    return Offer(
        name=detail["ServiceName"],
        region=region,
        zone_ids=zone_ids,
        policy=detail.get("VpcEndpointPolicySupported", False),
        acceptance=detail.get("AcceptanceRequired", False),
        private_dns=any(names),
        verified=detail.get("PrivateDnsNameVerificationState", "verified") == "verified",
        families=frozenset(detail.get("SupportedIpAddressTypes") or ("ipv4",)),
        gateway=region == home and detail["ServiceName"] in gateways,
    )


def parameter_tags(name: str) -> Mapping[str, str]:
    """The tags of a parameter. Raises NotFound if it is gone."""
    answer = call("ssm", "ListTagsForResource", ResourceType="Parameter", ResourceId=name)
    return {tag["Key"]: tag["Value"] for tag in answer.get("TagList", ())}
