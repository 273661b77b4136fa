"""Where an endpoint stands: one subnet a zone, in zones that the service has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from autopilot.interfaces.addresses import takes
from autopilot.interfaces.facts import Offer, Subnet
from autopilot.policy.model import AddressType
from autopilot.policy.tags import has_all

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


def remote_zones(messages: Iterable[str | None]) -> frozenset[str] | None:
    """The zones with remote access that AWS listed in one of its refusals; None: it listed none."""
    found = [match[1] for text in messages if text and (match := _REMOTE.search(text))]
    return frozenset(re.findall(r"[a-z0-9]+-az\d+", found[-1])) if found else None


def serves(offer: Offer, zone_id: str, home: str) -> bool:
    """Whether an endpoint for the service may stand in the zone."""
    if offer.zone_ids is not None:
        return zone_id in offer.zone_ids
    remote = offer.region != home
    return bool(_REGULAR.fullmatch(zone_id)) and not (remote and zone_id in _NOT_REMOTE)


def may_hold(subnet: Subnet, wanted_tags: Mapping[str, str], offer: Offer, home: str) -> bool:
    """Whether the subnet is among the policy's, in a zone of the service's."""
    return has_all(subnet.tags, wanted_tags) and serves(offer, subnet.zone_id, home)


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
    """The subnets of an endpoint that stands in those of `present`. `home`: our Region.

    A subnet that it has stays while it fits; else the first by Name, then by id. One of `withdrawn`
    is neither added nor taken away. The last subnet stays though it fits no more: an endpoint in
    none serves nobody.
    """
    known = {subnet.id: subnet for subnet in subnets}
    fits = [
        subnet
        for subnet in known.values()
        if may_hold(subnet, wanted_tags, offer, home) and takes(subnet, address_type)
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
