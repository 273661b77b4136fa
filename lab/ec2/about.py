"""What IAM's conditions may ask of a resource: its tags, its VPC, its service, whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from .network import Endpoint, Network
from .privatelink import InterfaceEndpoint


@dataclass(frozen=True)
class About:
    """A resource as IAM sees it; `owner` is the account that publishes an endpoint service, the
    `regions` those from which a service of the caller's can be asked, the `service_*` are what an
    endpoint leads to, `notifies` is the service or endpoint of a connection
    notification, which is no resource itself."""

    tags: dict[str, str] = field(default_factory=dict)
    vpc_id: str | None = None
    service_name: str | None = None
    service_region: str | None = None
    owner: str | None = None
    regions: tuple[str, ...] = ()
    notifies: str | None = None


def about(network: Network, identifier: str) -> About:
    """What is known of a resource of the account; nothing of one that it doesn't have."""
    tags = {tag["Key"]: tag["Value"] for tag in network.tags_of(identifier)}
    endpoint = network.endpoints.get(identifier) or network.interface_endpoints.get(identifier)
    table = network.route_tables.get(identifier)
    subnet = next((s for s in network.all_subnets() if s.id == identifier), None)
    groups = (group for groups in network.groups.values() for group in groups.values())
    group = next((group for group in groups if group.id == identifier), None)
    held = endpoint or table or subnet or group
    notification = network.notifications.get(identifier)
    service = network.services.get(identifier)
    return About(
        tags=tags,
        vpc_id=str(held.vpc_id) if held else None,
        service_name=str(endpoint.service_name) if endpoint else None,
        service_region=_region(network, endpoint) if endpoint else None,
        regions=tuple(service.supported_regions) if service else (),
        notifies=(notification.service_id or notification.endpoint_id) if notification else None,
    )


def _region(network: Network, endpoint: Endpoint | InterfaceEndpoint) -> str:
    if isinstance(endpoint, InterfaceEndpoint):
        return endpoint.service_region
    return str(network.region_name)
