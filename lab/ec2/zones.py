"""Availability zones: ids that mean the same everywhere, names that an account deals out itself."""

from __future__ import annotations

import hashlib
import random
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


@cache
def zones(account: str, region: str) -> tuple[Zone, ...]:
    """The account's zones in a Region, by name; the same in every run."""
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
    return next(str(z.name) for z in zones(account, region) if z.zone_id == zone_id)


def find_zone(account: str, region: str, name: str | None, zone_id: str | None) -> Zone | None:
    """The account's zone by name or by id, or None."""
    for zone in zones(account, region):
        if zone.name == name or zone.zone_id == zone_id:
            return zone
    return None
