"""Endpoint services of AWS itself, zones, Regions and prefix lists: what an account can look up."""

from __future__ import annotations

import hashlib
from typing import Any

from .. import filters, pages
from ..call import Call, Operations
from ..errors import AwsError, missing_parameter
from ..filters import Path
from ..identifiers import PREFIX_LIST
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network
from ..prefix_lists import GATEWAY_SERVICES, service_name
from ..zones import zones

Item = dict[str, Any]

#: Services that come as an interface too; both then bear one name (terraform-aws-vpc #642).
_BOTH = ("s3", "dynamodb")


def unknown_service(name: str) -> AwsError:
    """No such service for this account (terraform-aws-vpc #481 has the wording)."""
    return AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


def _service(call: Call, service: str, kind: str) -> Item:
    region = call.caller.region
    name = service_name(region, service)
    known = zones(call.caller.account, region)
    digest = hashlib.sha256(f"{name}/{kind}".encode()).hexdigest()
    return {
        "ServiceName": name,
        "ServiceId": f"vpce-svc-0{digest[:16]}",
        "ServiceType": [{"ServiceType": kind}],
        "ServiceRegion": region,
        "AvailabilityZoneIds": sorted(str(zone.zone_id) for zone in known),
        "AvailabilityZones": [str(zone.name) for zone in known],
        "Owner": "amazon",
        "BaseEndpointDnsNames": [f"{service}.{region}.amazonaws.com"],
        "VpcEndpointPolicySupported": True,
        "AcceptanceRequired": False,
        "ManagesVpcEndpoints": False,
        "Tags": [],
    }


_SERVICE_FILTERS: dict[str, Path] = {
    **TAG_FILTERS,
    "owner": ("Owner",),
    "service-name": ("ServiceName",),
    "service-region": ("ServiceRegion",),
    "service-type": ("ServiceType", "ServiceType"),
}


def _describe_services(call: Call) -> Item:
    page, wanted = pages.read(call), filters.read(call.parameters, _SERVICE_FILTERS)
    found = [_service(call, service, "Gateway") for service in GATEWAY_SERVICES]
    found += [_service(call, service, "Interface") for service in _BOTH]
    names = call.get("ServiceNames", [])
    for name in names:
        if name not in {item["ServiceName"] for item in found}:
            raise unknown_service(name)
    found = [item for item in found if not names or item["ServiceName"] in names]
    found = [item for item in found if filters.passes(item, wanted, _SERVICE_FILTERS)]
    start = page.start([item["ServiceId"] for item in found])
    shown = found[start : start + (page.size or len(found))]
    answer: Item = {
        "ServiceNames": list(dict.fromkeys(item["ServiceName"] for item in shown)),
        "ServiceDetails": shown,
    }
    if start + len(shown) < len(found):
        answer["NextToken"] = page.token(shown[-1]["ServiceId"], start + len(shown))
    return answer


_ZONE_FILTERS: dict[str, Path] = {
    "group-name": ("GroupName",),
    "opt-in-status": ("OptInStatus",),
    "region-name": ("RegionName",),
    "state": ("State",),
    "zone-id": ("ZoneId",),
    "zone-name": ("ZoneName",),
    "zone-type": ("ZoneType",),
}


def _describe_zones(call: Call) -> Item:
    region = call.caller.region
    wanted = filters.read(call.parameters, _ZONE_FILTERS)
    found = [
        {
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
        for zone in zones(call.caller.account, region)
    ]
    for member, held in (("ZoneNames", "ZoneName"), ("ZoneIds", "ZoneId")):
        named = call.get(member, [])
        for each in named:
            if each not in {zone[held] for zone in found}:
                raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{each}]")
        found = [zone for zone in found if not named or zone[held] in named]
    passed = [zone for zone in found if filters.passes(zone, wanted, _ZONE_FILTERS)]
    return {"AvailabilityZones": passed}


def _managed_view(network: Network, listing: Any, _now: float) -> Item:
    return {
        "PrefixListId": listing.id,
        "AddressFamily": "IPv4",
        "State": "create-complete",
        "PrefixListArn": listing.prefix_list_arn,
        "PrefixListName": listing.prefix_list_name,
        "Tags": network.tags_of(listing.id),
        "OwnerId": "AWS",
    }


def _plain_view(_network: Network, listing: Any, _now: float) -> Item:
    entries = next(iter(listing.entries.values()))
    return {
        "PrefixListId": listing.id,
        "PrefixListName": listing.prefix_list_name,
        "Cidrs": [entry["Cidr"] for entry in entries],
    }


MANAGED_KIND = Kind(
    "managed-prefix-list",
    lambda network: network.managed_prefix_lists.values(),
    lambda _listing: None,
    _managed_view,
)
PLAIN_KIND = Kind("prefix-list", MANAGED_KIND.objects, MANAGED_KIND.vpc_of, _plain_view)

_MANAGED = Listing(
    kind=MANAGED_KIND,
    result="PrefixLists",
    ids="PrefixListIds",
    id_kind=PREFIX_LIST,
    id_filter="prefix-list-id",
    vpc_filter=None,
    filters={
        **TAG_FILTERS,
        "owner-id": ("OwnerId",),
        "prefix-list-id": ("PrefixListId",),
        "prefix-list-name": ("PrefixListName",),
    },
)
_PLAIN = Listing(
    kind=PLAIN_KIND,
    result="PrefixLists",
    ids="PrefixListIds",
    id_kind=PREFIX_LIST,
    id_filter="prefix-list-id",
    vpc_filter=None,
    filters={"prefix-list-id": ("PrefixListId",), "prefix-list-name": ("PrefixListName",)},
)


def _entries(call: Call) -> Item:
    identifier = call.get("PrefixListId")
    if not identifier:
        raise missing_parameter("PrefixListId")
    PREFIX_LIST.check(identifier)
    listing = call.network.managed_prefix_lists.get(identifier)
    if listing is None:
        raise PREFIX_LIST.unknown(identifier)
    return {"Entries": [{"Cidr": each["Cidr"]} for each in next(iter(listing.entries.values()))]}


OPERATIONS: Operations = {
    "DescribeAvailabilityZones": _describe_zones,
    "DescribeManagedPrefixLists": describe(_MANAGED),
    "DescribePrefixLists": describe(_PLAIN),
    "DescribeVpcEndpointServices": _describe_services,
    "GetManagedPrefixListEntries": _entries,
}
