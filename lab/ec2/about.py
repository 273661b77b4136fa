"""What IAM's conditions may ask of a resource: its tags, its VPC, its service."""

from __future__ import annotations

from dataclasses import dataclass, field

from .network import Network


@dataclass(frozen=True)
class About:
    """A resource as IAM sees it."""

    tags: dict[str, str] = field(default_factory=dict)
    vpc_id: str | None = None
    service_name: str | None = None


def about(network: Network, identifier: str) -> About:
    """What is known of a resource of the account; nothing of one that it doesn't have."""
    tags = {tag["Key"]: tag["Value"] for tag in network.tags_of(identifier)}
    endpoint = network.endpoints.get(identifier) or network.interface_endpoints.get(identifier)
    table = network.route_tables.get(identifier)
    subnet = next((s for s in network.all_subnets() if s.id == identifier), None)
    held = endpoint or table or subnet
    return About(
        tags=tags,
        vpc_id=str(held.vpc_id) if held else None,
        service_name=str(endpoint.service_name) if endpoint else None,
    )
