"""Where an endpoint stands, one subnet a zone, and which address families it has there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from autopilot.interfaces.facts import Offer, Subnet, Vpc
from autopilot.interfaces.situation import DesiredEndpoint, Situation
from autopilot.policy.model import AddressType, InterfaceProfile
from autopilot.policy.tags import has_all
from autopilot.reconcile.outcome import tries

FAMILIES: dict[str, frozenset[str]] = {
    "ipv4": frozenset({"ipv4"}),
    "ipv6": frozenset({"ipv6"}),
    "dualstack": frozenset({"ipv4", "ipv6"}),
}
"""The families of an endpoint's IpAddressType (botocore's EC2 model)."""

# Zones of a Region proper; local and wavelength zones have a place in their id ("use1-bos1-az1").
_REGULAR = re.compile(r"[a-z0-9]+-az\d+")
# PrivateLink guide, "Access across Regions": no remote access from there.
_NOT_REMOTE = frozenset({"use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4"})
# What AWS says to a subnet in a zone without (chanzuckerberg/cztack #865): it lists all that have.
_REMOTE = re.compile(r"supported for remote access: ([a-z0-9, -]+)")


@dataclass(frozen=True)
class Places:
    """The subnets that an endpoint shall have, and how to get there from those that it has.

    `remove` comes first, `add` next: AWS refuses a second subnet in a zone even where the same call
    takes the first one away (believed: lab/ec2/BEHAVIOURS.md), so such a subnet waits for a look
    that shows its zone free.
    """

    wanted: tuple[str, ...]
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def placed(
    desired: DesiredEndpoint, offer: Offer, present: tuple[str, ...], now: Situation
) -> tuple[AddressType | None, Places]:
    """The address type and the subnets of the endpoint, which stands in those of `present`.

    None: the service doesn't have the type; an endpoint that is there stays where IPv4 would be.
    """
    profile, home, offer = desired.profile, now.stack.region, _as_told(desired, offer, present, now)
    subnets = now.facts.subnets_of(desired.vpc.id)
    may = [subnet for subnet in subnets if _may_hold(subnet, profile.subnet_tags, offer, home)]
    before = desired.existing.address_type if desired.existing else None
    kind = address_type(profile, offer.families, may, present, before)
    places = choose(
        subnets,
        profile.subnet_tags,
        offer,
        home,
        present=present,
        withdrawn=now.withdrawn,
        address_type=kind or "ipv4",
    )
    return kind, places


def _as_told(
    desired: DesiredEndpoint, offer: Offer, present: tuple[str, ...], now: Situation
) -> Offer:
    """What AWS said about zones in this execution goes before what we know of them."""
    told = remote_zones(outcome.message for outcome in tries(now.request.outcomes, desired.subject))
    if told is None:
        return offer
    subnets = now.facts.subnets_of(desired.vpc.id)
    return replace(offer, zone_ids=told | {s.zone_id for s in subnets if s.id in present})


def remote_zones(messages: Iterable[str | None]) -> frozenset[str] | None:
    """The zones with remote access that AWS listed in one of its refusals; None: it listed none."""
    found = [match[1] for text in messages if text and (match := _REMOTE.search(text))]
    return frozenset(re.findall(r"[a-z0-9]+-az\d+", found[-1])) if found else None


def has_zone(offer: Offer, zone_id: str, home: str) -> bool:
    """Whether an endpoint for the service may stand in the zone."""
    if offer.zone_ids is not None:
        return zone_id in offer.zone_ids
    remote = offer.region != home
    return bool(_REGULAR.fullmatch(zone_id)) and not (remote and zone_id in _NOT_REMOTE)


def _may_hold(subnet: Subnet, tags: Mapping[str, str], offer: Offer, home: str) -> bool:
    return has_all(subnet.tags, tags) and has_zone(offer, subnet.zone_id, home)


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


def serves_no_ipv6(vpc: Vpc, types: Collection[str | None]) -> bool:
    """Whether a VPC has IPv6 and what serves it, of these types (None: not known), serves none."""
    has = any(":" in block for block in vpc.cidrs)
    served = any("ipv6" in FAMILIES.get(each or "ipv4", ()) for each in types)
    return has and bool(types) and not served


def choose(
    subnets: Iterable[Subnet],
    wanted_tags: Mapping[str, str],
    offer: Offer,
    home: str,
    *,
    present: Collection[str] = (),
    withdrawn: Collection[str] = (),
    address_type: AddressType = "ipv4",
) -> Places:
    """The subnets of an endpoint that stands in those of `present`. `home`: the stack's Region.

    A subnet that it has stays while it fits; else the first by Name, then by id. One of `withdrawn`
    is neither added nor taken away. The last subnet stays though it fits no more: an endpoint in
    none serves nobody.
    """
    known = {subnet.id: subnet for subnet in subnets}
    fits = [
        subnet
        for subnet in known.values()
        if _may_hold(subnet, wanted_tags, offer, home) and takes(subnet, address_type)
    ]
    kept = {id_ for id_ in present if id_ in withdrawn or id_ not in known}
    kept |= {subnet.id for subnet in fits if subnet.id in present}
    room = [s for s in fits if s.free > 0 or address_type == "ipv6"]
    new = [s for s in room if s.id not in withdrawn and s.state == "available"]
    chosen = _one_a_zone(new, {known[id_].zone_id for id_ in kept if id_ in known})
    if present and not kept and not chosen:
        return Places(wanted=tuple(sorted(present)))
    return _places(known, set(present), kept, chosen)


def _one_a_zone(fits: Iterable[Subnet], taken: set[str]) -> list[Subnet]:
    chosen: dict[str, Subnet] = {}
    for subnet in sorted(fits, key=lambda s: (s.tags.get("Name", ""), s.id)):
        if subnet.zone_id not in taken:
            chosen.setdefault(subnet.zone_id, subnet)
    return list(chosen.values())


def _places(
    known: Mapping[str, Subnet], present: set[str], kept: set[str], chosen: list[Subnet]
) -> Places:
    going = present - kept
    blocked = {known[id_].zone_id for id_ in going if id_ in known}
    add = [subnet.id for subnet in chosen if subnet.zone_id not in blocked]
    # All that it has stands in the way of what it shall have: the last one stays for now.
    stays = {max(going)} if going and not kept and not add else set()
    return Places(
        wanted=tuple(sorted({*kept, *stays, *(subnet.id for subnet in chosen)})),
        add=tuple(sorted(add)),
        remove=tuple(sorted(going - stays)),
    )
