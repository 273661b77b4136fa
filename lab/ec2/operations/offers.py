"""Endpoint services as a caller finds them: AWS's own, its own, and those that admit it."""

from __future__ import annotations

import hashlib
from typing import Any

from .. import filters, pages
from ..aws_services import AwsService, amazon_domain, offered
from ..call import Call, Operations
from ..errors import AwsError, invalid_parameter
from ..filters import Path
from ..listing import TAG_FILTERS, shown_items
from ..network import Network
from ..prefix_lists import GATEWAY_SERVICES, gateway_service, service_name
from ..principals import admits
from ..privatelink import Service
from ..zones import zone_name, zones
from . import endpoint_services, permissions

Item = dict[str, Any]


def unknown_service(name: str) -> AwsError:
    """No such service for this account (terraform-aws-vpc #481 has the wording)."""
    return AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


def refuse_type(call: Call, name: str, kind: str) -> None:
    """Refuses an endpoint of a type that the service does not come as.

    Raises:
        AwsError: InvalidParameter, in the words of public build logs.
    """
    found = find_private(call, name)
    kinds = {found.kind} if found is not None and usable(call, found) else set()
    here, there = call.caller.region, call.get("ServiceRegion", call.caller.region)
    if name in offered(here, there):
        kinds.add("Interface")
    if there == here and gateway_service(here, name) is not None:
        kinds.add("Gateway")
    if kinds and kind not in kinds:
        available = ", ".join(sorted(kinds))
        raise invalid_parameter(
            f"Endpoint type ({kind}) does not match available service types ([{available}])."
        )


def find_private(call: Call, name: str) -> Service | None:
    """The published service of a name, whoever may use it."""
    found = call.world.service(name.rpartition(".")[2])
    return found if found is not None and found.name == name else None


def usable(call: Call, service: Service) -> bool:
    """Whether the caller may ask the service, from its Region, at this moment."""
    caller = call.caller
    if caller.region not in (service.region, *service.supported_regions):
        return False
    return service.owner == caller.account or any(
        each.scope == "vpc-endpoint"
        and admits(each.principal, each.kind, caller, call.world.directory)
        for each in service.permissions.values()
    )


def _service_id(name: str, kind: str) -> str:
    return f"vpce-svc-0{hashlib.sha256(f'{name}/{kind}'.encode()).hexdigest()[:16]}"


def _zones(call: Call, zone_ids: list[str]) -> Item:
    """Zones in the caller's own names."""
    where = call.caller.account, call.caller.region
    return {
        "AvailabilityZoneIds": sorted(zone_ids),
        "AvailabilityZones": sorted(zone_name(*where, each) for each in zone_ids),
    }


def _amazon(call: Call, name: str, kind: str, zone_ids: list[str], policy: bool) -> Item:
    return {
        "ServiceName": name,
        "ServiceId": _service_id(name, kind),
        "ServiceType": [{"ServiceType": kind}],
        "ServiceRegion": call.caller.region,
        **_zones(call, zone_ids),
        "Owner": "amazon",
        "VpcEndpointPolicySupported": policy,
        "AcceptanceRequired": False,
        "ManagesVpcEndpoints": False,
        "Tags": [],
    }


def _gateway(call: Call, service: str) -> Item:
    region = call.caller.region
    every = [str(zone.zone_id) for zone in zones(call.caller.account, region)]
    item = _amazon(call, service_name(region, service), "Gateway", every, True)
    return {**item, "BaseEndpointDnsNames": [f"{service}.{region}.{amazon_domain(region)}"]}


def _interface(call: Call, service: AwsService) -> Item:
    here = service.region == call.caller.region
    zone_ids = list(service.zone_ids) if here else []
    item = _amazon(call, service.name, "Interface", zone_ids, service.policy)
    item["ServiceRegion"] = service.region
    names = service.private_names
    private: Item = {"PrivateDnsNames": [{"PrivateDnsName": name} for name in names]}
    if names:
        private |= {"PrivateDnsName": names[0], "PrivateDnsNameVerificationState": "verified"}
    more = {
        "BaseEndpointDnsNames": [service.dns_suffix],
        "SupportedIpAddressTypes": list(service.address_types),
    }
    return {**item, **more, **private}


def _amazons(call: Call, regions: list[str]) -> list[Item]:
    """AWS's own services of these Regions, as far as the caller's Region can ask them."""
    here, found = call.caller.region, []
    if here in regions:
        found += [_gateway(call, service) for service in GATEWAY_SERVICES]
    for region in regions:
        found += [_interface(call, service) for service in offered(here, region).values()]
    return found


def _private(call: Call, network: Network, configuration: Item) -> Item:
    """A published service in the words of DescribeVpcEndpointServices."""
    here = network.region_name == call.caller.region
    own = network.account_id == call.caller.account
    item = {
        "ServiceName": configuration["ServiceName"],
        "ServiceId": configuration["ServiceId"],
        "ServiceType": configuration["ServiceType"],
        "ServiceRegion": network.region_name,
        **_zones(call, configuration["AvailabilityZoneIds"] if here else []),
        "Owner": network.account_id,
        "BaseEndpointDnsNames": configuration["BaseEndpointDnsNames"],
        "VpcEndpointPolicySupported": False,
        "AcceptanceRequired": configuration["AcceptanceRequired"],
        "ManagesVpcEndpoints": False,
        "Tags": configuration["Tags"] if own else [],
        "SupportedIpAddressTypes": configuration["SupportedIpAddressTypes"],
    }
    name = configuration.get("PrivateDnsName")
    if name:
        item["PrivateDnsName"] = name
        item["PrivateDnsNames"] = [{"PrivateDnsName": name}]
        state = configuration["PrivateDnsNameConfiguration"]["State"]
        item["PrivateDnsNameVerificationState"] = state
    return item


def _visible(call: Call, network: Network, item: Item, allowed: list[Item], named: bool) -> bool:
    """Whether the caller sees a service; a public one only if it knows the name (API reference)."""
    regions = {each["Region"] for each in item["SupportedRegions"]}
    if call.caller.region not in {network.region_name, *regions}:
        return False
    return network.account_id == call.caller.account or any(
        each["ServiceId"] == item["ServiceId"]
        and each["PermissionType"] == "vpc-endpoint"
        and (named or each["Principal"] != "*")
        and admits(each["Principal"], each["PrincipalType"], call.caller, call.world.directory)
        for each in allowed
    )


def _privates(call: Call, regions: list[str], names: list[str]) -> list[Item]:
    found = []
    for network in call.world.networks.values():
        if network.region_name not in regions:
            continue
        allowed = shown_items(call, permissions.KIND, network)
        for item in shown_items(call, endpoint_services.KIND, network):
            if _visible(call, network, item, allowed, item["ServiceName"] in names):
                found.append(_private(call, network, item))
    return found


_FILTERS: dict[str, Path] = {
    **TAG_FILTERS,
    "owner": ("Owner",),
    "service-name": ("ServiceName",),
    "service-region": ("ServiceRegion",),
    "service-type": ("ServiceType", "ServiceType"),
    "supported-ip-address-types": ("SupportedIpAddressTypes",),
}


def _named(found: list[Item], names: list[str]) -> list[Item]:
    """The services named; one bad name fails the whole call."""
    known = {item["ServiceName"] for item in found}
    for name in names:
        if name not in known:
            raise unknown_service(name)
    return [item for item in found if not names or item["ServiceName"] in names]


def _describe(call: Call) -> Item:
    page, wanted = pages.read(call), filters.read(call.parameters, _FILTERS, call.operation)
    names: list[str] = call.get("ServiceNames", [])
    regions = call.get("ServiceRegions") or [call.caller.region]
    found = _named(_amazons(call, regions) + _privates(call, regions, names), names)
    found = [item for item in found if filters.passes(item, wanted, _FILTERS)]
    start = page.start([item["ServiceId"] for item in found])
    shown = found[start : start + (page.size or len(found))]
    answer: Item = {
        "ServiceNames": list(dict.fromkeys(item["ServiceName"] for item in shown)),
        "ServiceDetails": shown,
    }
    if start + len(shown) < len(found):
        answer["NextToken"] = page.token(shown[-1]["ServiceId"], start + len(shown))
    return answer


OPERATIONS: Operations = {"DescribeVpcEndpointServices": _describe}
