"""Which address families an endpoint has: what the profile wants, as far as AWS allows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from autopilot.interfaces.facts import Subnet, Vpc
from autopilot.policy.model import AddressType, InterfaceProfile

FAMILIES: dict[str, frozenset[str]] = {
    "ipv4": frozenset({"ipv4"}),
    "ipv6": frozenset({"ipv6"}),
    "dualstack": frozenset({"ipv4", "ipv6"}),
}
"""The families of an endpoint's IpAddressType (botocore's EC2 model)."""


def takes(subnet: Subnet, address_type: AddressType) -> bool:
    """Whether an endpoint of that type can stand in the subnet (CDK, VpcEndpointIpAddressType)."""
    if address_type == "ipv6":
        return subnet.ipv6 and not subnet.ipv4
    return subnet.ipv4 and (subnet.ipv6 or address_type == "ipv4")


def address_type(
    profile: InterfaceProfile,
    offered: Collection[str],
    subnets: Iterable[Subnet],
    present: Collection[str] = (),
    before: str | None = None,
) -> AddressType | None:
    """The type of the profile's endpoint; None if the service doesn't have what is wanted.

    `offered`: the service's families; `subnets`: those where it might stand; `present`: ids of
    those where it does; `before`: its type so far. Of `dualstack` IPv4 is left where both would
    cost a zone, or shut somebody out who finds the IPv6 address in the DNS: what flows goes on. So
    one that has both already keeps them when a zone without IPv6 is added.
    """
    wanted = profile.ip_address_type
    there = tuple(subnets)
    if before == "dualstack":
        there = tuple(s for s in there if s.id in present or takes(s, "dualstack"))
    if wanted == "dualstack" and not _both(profile, offered, there, present):
        wanted = "ipv4"
    return wanted if FAMILIES[wanted] <= set(offered) else None


def _both(
    profile: InterfaceProfile,
    offered: Collection[str],
    subnets: tuple[Subnet, ...],
    present: Collection[str],
) -> bool:
    lets_in = profile.allow_from is None or any(":" in block for block in profile.allow_from)
    fit = [subnet for subnet in subnets if takes(subnet, "dualstack")]
    zones = {subnet.zone_id for subnet in subnets if takes(subnet, "ipv4")}
    stays = {subnet.id for subnet in subnets if subnet.id in present} <= {each.id for each in fit}
    covered = bool(fit) and zones <= {subnet.zone_id for subnet in fit}
    return lets_in and stays and covered and FAMILIES["dualstack"] <= set(offered)


def lacks_six(vpc: Vpc, types: Collection[str | None]) -> bool:
    """Whether a VPC has IPv6 and what serves it, of these types, serves none; None: not known."""
    has = any(":" in block for block in vpc.cidrs)
    served = any("ipv6" in FAMILIES.get(each or "ipv4", ()) for each in types)
    return has and bool(types) and not served
