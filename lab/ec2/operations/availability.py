"""Zones as an account sees them, local and wavelength zones among them once it opts in."""

from __future__ import annotations

from typing import Any

from .. import filters
from ..call import Call, Operations
from ..errors import AwsError, invalid_value
from ..filters import Path
from ..zones import Edge, edges, zone_name, zones

Item = dict[str, Any]
_FILTERS: dict[str, Path] = {
    "group-long-name": ("GroupLongName",),
    "group-name": ("GroupName",),
    "message": ("Messages", "Message"),
    "opt-in-status": ("OptInStatus",),
    "parent-zone-id": ("ParentZoneId",),
    "parent-zone-name": ("ParentZoneName",),
    "region-name": ("RegionName",),
    "state": ("State",),
    "zone-id": ("ZoneId",),
    "zone-name": ("ZoneName",),
    "zone-type": ("ZoneType",),
}


def opted_in(call: Call, edge: Edge) -> bool:
    """Whether the caller has opted in to a local or wavelength zone."""
    return (call.caller.account, edge.group) in call.world.opted_in


def _regular(call: Call, zone: Any) -> Item:
    region = call.caller.region
    return {
        "OptInStatus": "opt-in-not-required",
        "Messages": [],
        "RegionName": region,
        "ZoneName": str(zone.name),
        "ZoneId": str(zone.zone_id),
        "GroupName": f"{region}-zg-1",
        "NetworkBorderGroup": region,
        "ZoneType": "availability-zone",
        "State": "available",
    }


def _edge(call: Call, edge: Edge) -> Item:
    account, region = call.caller.account, call.caller.region
    return {
        "OptInStatus": "opted-in" if opted_in(call, edge) else "not-opted-in",
        "Messages": [],
        "RegionName": region,
        "ZoneName": edge.name,
        "ZoneId": edge.zone_id,
        "GroupName": edge.group,
        "NetworkBorderGroup": edge.group,
        "ZoneType": edge.kind,
        "ParentZoneName": zone_name(account, region, edge.parent),
        "ParentZoneId": edge.parent,
        "State": "available",
    }


def _describe(call: Call) -> Item:
    """Without AllAvailabilityZones only zones that are open to the account."""
    region = call.caller.region
    wanted, every = filters.read(call.parameters, _FILTERS), call.get("AllAvailabilityZones")
    found = [_regular(call, zone) for zone in zones(call.caller.account, region)]
    found += [_edge(call, edge) for edge in edges(region) if every or opted_in(call, edge)]
    for member, held in (("ZoneNames", "ZoneName"), ("ZoneIds", "ZoneId")):
        named = call.get(member, [])
        for each in named:
            if each not in {zone[held] for zone in found}:
                raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{each}]")
        found = [zone for zone in found if not named or zone[held] in named]
    passed = [zone for zone in found if filters.passes(zone, wanted, _FILTERS)]
    return {"AvailabilityZones": passed}


def _modify(call: Call) -> Item:
    """Opts in to a group; AWS lets nobody out again by this call."""
    group, status = call.get("GroupName"), call.get("OptInStatus")
    if group not in {edge.group for edge in edges(call.caller.region)}:
        raise invalid_value(group, "GroupName")
    if status != "opted-in":
        raise invalid_value(status, "OptInStatus", "Opting out takes AWS Support.")
    call.world.opted_in.add((call.caller.account, group))
    return {"Return": True}


OPERATIONS: Operations = {
    "DescribeAvailabilityZones": _describe,
    "ModifyAvailabilityZoneGroup": _modify,
}
