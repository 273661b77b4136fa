"""The list of what the lab serves, by service."""

from __future__ import annotations

from .call import Operations
from .listing import Kind
from .operations import (
    balancing,
    endpoints,
    gateways,
    groups,
    interfaces,
    nat,
    quotas,
    route_tables,
    routes,
    services,
    subnets,
    tags,
    vpcs,
)

OPERATIONS: dict[str, Operations] = {
    "ec2": {
        **endpoints.OPERATIONS,
        **gateways.OPERATIONS,
        **groups.OPERATIONS,
        **interfaces.OPERATIONS,
        **nat.OPERATIONS,
        **route_tables.OPERATIONS,
        **routes.OPERATIONS,
        **services.OPERATIONS,
        **subnets.OPERATIONS,
        **tags.OPERATIONS,
        **vpcs.OPERATIONS,
    },
    "elasticloadbalancing": balancing.ELASTIC_LOAD_BALANCING,
    "servicequotas": quotas.SERVICE_QUOTAS,
}

#: Everything that a describe shows, for the lag between a write and what is shown.
KINDS: tuple[Kind, ...] = (
    endpoints.KIND,
    gateways.INTERNET_KIND,
    nat.KIND,
    groups.KIND,
    interfaces.KIND,
    route_tables.KIND,
    services.MANAGED_KIND,
    services.PLAIN_KIND,
    subnets.KIND,
    vpcs.KIND,
)
