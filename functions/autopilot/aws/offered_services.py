"""Reads which services are offered to this account, and what they take."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from autopilot.aws.errors import ServiceNotOffered
from autopilot.aws.pages import filters, pages
from autopilot.interfaces.facts import Offer
from autopilot.policy.names import is_private

_PAGE = 1000


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
