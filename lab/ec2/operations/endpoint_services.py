"""Endpoint services: published behind load balancers, changed, verified, taken back."""

from __future__ import annotations

from datetime import UTC, datetime

from ..balancers import is_active, zones_for_services
from ..call import Call, Operations
from ..errors import AwsError, invalid_parameter
from ..identifiers import SERVICE, SERVICE_TO_DELETE
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network, new_id
from ..privatelink import Service
from ..zones import zone_name, zones
from . import idempotency, service_addresses, service_names

_IN_THE_WAY = frozenset({"pendingAcceptance", "pending", "available", "partial"})


#: The member that names a service's load balancers, by the type of its endpoints.
BALANCERS = {
    "Interface": "NetworkLoadBalancerArns",
    "GatewayLoadBalancer": "GatewayLoadBalancerArns",
}


def view(network: Network, service: Service, _now: float) -> Item:
    """A service as its owner sees it."""
    name = service.private_dns
    return {
        "ServiceType": [{"ServiceType": service.kind}],
        "ServiceId": service.id,
        "ServiceName": service.name,
        "ServiceState": "Available",
        "AvailabilityZoneIds": sorted(service.zone_ids),
        "AvailabilityZones": sorted(
            zone_name(network.account_id, network.region_name, each) for each in service.zone_ids
        ),
        "AcceptanceRequired": service.acceptance_required,
        "ManagesVpcEndpoints": False,
        BALANCERS[service.kind]: list(service.balancer_arns),
        "SupportedIpAddressTypes": list(service.address_types),
        "BaseEndpointDnsNames": [service.dns_suffix] if service.kind == "Interface" else [],
        **(service_names.view(name) if name else {}),
        "Tags": network.tags_of(service.id),
        "SupportedRegions": [
            {"Region": region, "ServiceState": "Available"} for region in service.supported_regions
        ],
        "RemoteAccessEnabled": len(service.supported_regions) > 1,
    }


KIND = Kind(
    "vpc-endpoint-service",
    lambda network: network.services.values(),
    lambda _service: None,
    view,
)

_LISTING = Listing(
    kind=KIND,
    result="ServiceConfigurations",
    ids="ServiceIds",
    id_kind=SERVICE,
    id_filter="service-id",
    vpc_filter=None,
    filters={
        **TAG_FILTERS,
        "service-id": ("ServiceId",),
        "service-name": ("ServiceName",),
        "service-state": ("ServiceState",),
        "supported-ip-address-types": ("SupportedIpAddressTypes",),
    },
)


def own(call: Call, service_id: str) -> Service:
    """The caller's own service.

    Raises:
        AwsError: the id is malformed, or no service of the caller in this Region.
    """
    found = call.network.services.get(SERVICE.check(service_id))
    if found is None:
        raise SERVICE.unknown(service_id)
    return found


def _create(call: Call) -> Item:
    return idempotency.once(call, _make)


def _make(call: Call) -> Item:
    named = {kind: call.get(member, []) for kind, member in BALANCERS.items()}
    kinds = [kind for kind, arns in named.items() if arns]
    if len(kinds) != 1:
        # aws-load-balancer-controller #1859 has the wording.
        raise invalid_parameter(
            "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required"
            " member"
        )
    (kind,) = kinds
    arns = list(dict.fromkeys(named[kind]))
    types = service_addresses.checked(call, arns, call.get("SupportedIpAddressTypes") or ["ipv4"])
    tags = call.tags_for("vpc-endpoint-service")
    service = Service(
        id=new_id("vpce-svc"),
        owner=call.caller.account,
        region=call.caller.region,
        acceptance_required=call.get("AcceptanceRequired", True),
        balancer_arns=arns,
        zone_ids=_zones_of(call, kind, arns),
        ready_at=call.world.clock() + call.world.takes("service ready"),
        supported_regions=_regions([call.caller.region, *call.get("SupportedRegions", [])]),
        created=datetime.fromtimestamp(call.world.clock(), UTC),
        kind=kind,
        address_types=types,
        private_dns=service_names.new(call.get("PrivateDnsName")),
    )
    call.network.services[service.id] = service
    call.network.create_tags([service.id], tags)
    return {"ServiceConfiguration": view(call.network, service, 0), **idempotency.echo(call)}


def _zones_of(call: Call, kind: str, arns: list[str]) -> list[str]:
    """The zones of some balancers, which must be the caller's own and of the kind's type."""
    wanted = "network" if kind == "Interface" else "gateway"
    held = call.world.balancers.get((call.caller.account, call.caller.region))
    found: dict[str, None] = {}
    now = call.world.clock()
    for arn in arns:
        balancer = held.load_balancers.get(arn) if held else None
        if balancer is None:
            raise AwsError(
                f"Invalid{wanted.title()}LoadBalancerArn.NotFound",
                f"The {wanted} load balancer '{arn}' does not exist",
            )
        if balancer.type != wanted:
            raise invalid_parameter(f"{arn} is not the ARN of a {wanted.title()} Load Balancer.")
        if not is_active(balancer, now):
            raise invalid_parameter(f"The {wanted} load balancer '{arn}' is not active.")
        found |= dict.fromkeys(zones_for_services(balancer, now))
    return list(found)


def _regions(wanted: list[str]) -> list[str]:
    for region in wanted:
        if not zones("", region):
            raise invalid_parameter(f"The Region {region} is not valid.")
    return list(dict.fromkeys(wanted))


def _modify(call: Call) -> Item:
    """Changes a service; any call, even one that names only the id, takes its balancers' zones."""
    service = own(call, call.get("ServiceId"))
    arns, regions = _new_balancers(call, service), _new_regions(call, service)
    zone_ids = _zones_of(call, service.kind, arns)
    types = service_addresses.changed(call, service, arns)
    name = service_names.changed(call, service)
    service.address_types = types
    service.balancer_arns, service.zone_ids = arns, zone_ids
    service.supported_regions, service.private_dns = regions, name
    service.acceptance_required = call.get("AcceptanceRequired", service.acceptance_required)
    return {"Return": True}


def _new_balancers(call: Call, service: Service) -> list[str]:
    gone = call.get("RemoveNetworkLoadBalancerArns", [])
    if set(gone) & set(service.balancer_arns) and _in_use(call.network, service):
        raise AwsError(*_EXISTING)
    kept = [arn for arn in service.balancer_arns if arn not in gone]
    arns = list(dict.fromkeys([*kept, *call.get("AddNetworkLoadBalancerArns", [])]))
    if not arns:
        raise invalid_parameter("A service must keep at least one load balancer.")
    return arns


def _new_regions(call: Call, service: Service) -> list[str]:
    gone = call.get("RemoveSupportedRegions", [])
    if service.region in gone:
        raise invalid_parameter("The Region that hosts the service cannot be removed.")
    kept = [region for region in service.supported_regions if region not in gone]
    return _regions([*kept, *call.get("AddSupportedRegions", [])])


#: openshift/hypershift has code and wording.
_EXISTING = (
    "ExistingVpcEndpointConnections",
    "Service has existing active VPC Endpoint connections!",
)


def _in_use(network: Network, service: Service) -> bool:
    return any(
        each.service_id == service.id and each.state in _IN_THE_WAY
        for each in network.connections.values()
    )


def _delete(call: Call) -> Item:
    """Deletes what it can; rejected connections stay visible afterwards (aws-nuke #1258)."""
    network, unsuccessful = call.network, []
    for identifier in call.get("ServiceIds"):
        SERVICE.check(identifier)
    for identifier in call.get("ServiceIds"):
        service = network.services.get(identifier)
        if service is None:
            why = SERVICE_TO_DELETE.unknown(identifier)
        elif _in_use(network, service):
            why = AwsError(*_EXISTING)
        else:
            _remove(network, service)
            continue
        error = {"Code": why.code, "Message": why.message}
        unsuccessful.append({"Error": error, "ResourceId": identifier})
    return {"Unsuccessful": unsuccessful}


def _remove(network: Network, service: Service) -> None:
    del network.services[service.id]
    for identifier in (service.id, *(each.id for each in service.permissions.values())):
        network.forget_tags(identifier)
    for identifier, each in list(network.notifications.items()):
        if each.service_id == service.id:
            del network.notifications[identifier]


def _verify(call: Call) -> Item:
    return service_names.verify(call, own(call, call.get("ServiceId")))


OPERATIONS: Operations = {
    "CreateVpcEndpointServiceConfiguration": _create,
    "DeleteVpcEndpointServiceConfigurations": _delete,
    "DescribeVpcEndpointServiceConfigurations": describe(_LISTING),
    "ModifyVpcEndpointServiceConfiguration": _modify,
    "StartVpcEndpointServicePrivateDnsVerification": _verify,
}
