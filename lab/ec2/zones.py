"""Availability zones: ids that mean the same everywhere, names that an account deals out itself."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from functools import cache

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend, Zone

#: Regions old enough for accounts whose names are shuffled (believed: the oldest; the fact that
#: shuffling is left only there is from the RAM user guide on zone ids).
SHUFFLED_REGIONS = frozenset(
    {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "sa-east-1",
    }
)


@dataclass(frozen=True)
class Edge:
    """A local or wavelength zone, which an account must opt in to; its name is every account's."""

    name: str
    zone_id: str
    group: str
    kind: str
    parent: str


#: A few of them (names and ids from the EC2 guides on local and wavelength zones).
_EDGES = {
    "us-east-1": (
        Edge("us-east-1-bos-1a", "use1-bos1-az1", "us-east-1-bos-1", "local-zone", "use1-az4"),
        Edge(
            "us-east-1-wl1-bos-wlz-1",
            "use1-wl1-bos-wlz1",
            "us-east-1-wl1",
            "wavelength-zone",
            "use1-az4",
        ),
    ),
    "us-west-2": (
        Edge("us-west-2-lax-1a", "usw2-lax1-az1", "us-west-2-lax-1", "local-zone", "usw2-az2"),
    ),
}


def edges(region: str) -> tuple[Edge, ...]:
    """The Region's local and wavelength zones."""
    return _EDGES.get(region, ())


@cache
def zones(account: str, region: str) -> tuple[Zone, ...]:
    """The account's availability zones in a Region, by name; the same in every run."""
    ours = sorted(RegionsAndZonesBackend.zones.get(region, []), key=lambda zone: str(zone.zone_id))
    ids = [str(zone.zone_id) for zone in ours]
    names = sorted(str(zone.name) for zone in ours)
    if region in SHUFFLED_REGIONS:
        seed = hashlib.sha256(f"{account}/{region}".encode()).digest()
        random.Random(seed).shuffle(ids)  # noqa: S311 - a stable shuffle, not a secret
    return tuple(
        Zone(name=name, region_name=region, zone_id=identifier)
        for name, identifier in zip(names, ids, strict=True)
    )


def zone_name(account: str, region: str, zone_id: str) -> str:
    """The account's name for a zone id."""
    every = (*zones(account, region), *edges(region))
    return next(str(zone.name) for zone in every if zone.zone_id == zone_id)


def zone_of(edge: Edge, region: str) -> Zone:
    """A local or wavelength zone in the form in which subnets hold theirs."""
    return Zone(name=edge.name, region_name=region, zone_id=edge.zone_id)


def find_edge(region: str, name: str | None, zone_id: str | None) -> Edge | None:
    """A local or wavelength zone by name or by id, or None."""
    for edge in edges(region):
        if edge.name == name or edge.zone_id == zone_id:
            return edge
    return None


def find_zone(account: str, region: str, name: str | None, zone_id: str | None) -> Zone | None:
    """The account's zone by name or by id, or None."""
    for zone in zones(account, region):
        if zone.name == name or zone.zone_id == zone_id:
            return zone
    return None
