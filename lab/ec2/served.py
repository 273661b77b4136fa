"""The list of what the lab serves, by service."""

from __future__ import annotations

from .call import Operations
from .listing import Kind
from .operations import (
    availability,
    balancer_attributes,
    balancer_tags,
    balancing,
    connections,
    endpoint_services,
    endpoints,
    gateways,
    groups,
    interfaces,
    listeners,
    nat,
    notifications,
    offers,
    permissions,
    prefixes,
    quotas,
    route_tables,
    routes,
    subnet_blocks,
    subnets,
    tags,
    target_groups,
    vpc_blocks,
    vpcs,
)

OPERATIONS: dict[str, Operations] = {
    "ec2": {
        **availability.OPERATIONS,
        **connections.OPERATIONS,
        **endpoint_services.OPERATIONS,
        **endpoints.OPERATIONS,
        **gateways.OPERATIONS,
        **groups.OPERATIONS,
        **interfaces.OPERATIONS,
        **nat.OPERATIONS,
        **notifications.OPERATIONS,
        **offers.OPERATIONS,
        **permissions.OPERATIONS,
        **route_tables.OPERATIONS,
        **routes.OPERATIONS,
        **prefixes.OPERATIONS,
        **subnet_blocks.OPERATIONS,
        **subnets.OPERATIONS,
        **tags.OPERATIONS,
        **vpc_blocks.OPERATIONS,
        **vpcs.OPERATIONS,
    },
    "elasticloadbalancing": {
        **balancer_attributes.OPERATIONS,
        **balancer_tags.OPERATIONS,
        **balancing.OPERATIONS,
        **listeners.OPERATIONS,
        **target_groups.OPERATIONS,
    },
    "servicequotas": quotas.SERVICE_QUOTAS,
}

#: Everything that a describe shows, for the lag between a write and what is shown.
KINDS: tuple[Kind, ...] = (
    connections.KIND,
    endpoint_services.KIND,
    endpoints.KIND,
    gateways.INTERNET_KIND,
    nat.KIND,
    groups.KIND,
    interfaces.KIND,
    notifications.KIND,
    permissions.KIND,
    route_tables.KIND,
    prefixes.MANAGED_KIND,
    prefixes.PLAIN_KIND,
    subnets.KIND,
    vpcs.KIND,
)
